// SPDX-License-Identifier: Apache-2.0

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.List;

/**
 * An authenticator app. Its next code is of this time step or of a later one. A host accepts a code until the end
 * of the step after it, so a slow machine has 30 seconds to bring it there.
 */
final class Phone {
    private static final int STEP_SECONDS = 30;

    private final String secret;
    private long lastStep;

    Phone(String secret) {
        this.secret = secret;
    }

    String nextCode() throws Exception {
        lastStep = Math.max(lastStep + 1, now());
        return code(lastStep, 1).get(0);
    }

    /** Six digits that are no code of the minutes around now. */
    String wrongCode() throws Exception {
        List<String> right = code(now() - 10, 21);
        String wrong = "000000";
        for (int i = 1; right.contains(wrong); i++) {
            wrong = "%06d".formatted(i);
        }
        return wrong;
    }

    private static long now() {
        return Instant.now().getEpochSecond() / STEP_SECONDS;
    }

    private List<String> code(long step, int count) throws Exception {
        String start = Instant.ofEpochSecond(step * STEP_SECONDS).toString();
        String time = start.replace('T', ' ').replace("Z", " UTC");
        List<String> command = List.of(
                "oathtool", "--totp", "--base32", "--now", time, "--window", "" + (count - 1), secret);
        Process oathtool = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> codes = new String(oathtool.getInputStream().readAllBytes(), UTF_8).lines().toList();
        Host.check("oathtool gives " + count + " codes", oathtool.waitFor() == 0 && codes.size() == count);
        return codes;
    }
}
