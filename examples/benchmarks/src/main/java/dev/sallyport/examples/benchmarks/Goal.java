// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

/**
 * What a comparison has to show: that one contestant takes at most so many times the time of another, or allocates at most
 * so many bytes.
 */
record Goal(Kind kind, String contestant, String other, double most) {
    enum Kind {
        TIME,
        BYTES
    }

    /** At least so many times as fast as another. */
    static Goal faster(String contestant, double times, String than) {
        return new Goal(Kind.TIME, contestant, than, 1 / times);
    }

    /** Within so many times the time of another. */
    static Goal within(String contestant, double times, String of) {
        return new Goal(Kind.TIME, contestant, of, times);
    }

    static Goal bytes(String contestant, double most) {
        return new Goal(Kind.BYTES, contestant, contestant, most);
    }
}
