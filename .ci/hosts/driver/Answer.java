// SPDX-License-Identifier: Apache-2.0

/** What a host has answered. The location is empty where it leads nowhere else. */
record Answer(int status, String text, String location) {
    String ok(String what) {
        Host.check(what + ": status 200 expected, but the answer was " + this, status == 200);
        return text;
    }
}
