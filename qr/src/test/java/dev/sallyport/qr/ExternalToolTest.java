// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class ExternalToolTest {
    @Nested
    class Find {
        @Test
        void find_missing_skipsWithTheReason(@TempDir Path empty) {
            assertThatThrownBy(() ->
                            ExternalTool.find("no-such-tool", "no-such-package", Map.of("PATH", empty.toString())))
                    .isInstanceOf(TestAbortedException.class)
                    .hasMessage("no-such-tool is not on the PATH (Debian: no-such-package)");
        }

        @Test
        void find_missingOnCi_fails(@TempDir Path empty) {
            Map<String, String> ci = Map.of("PATH", empty.toString(), "CI", "true");

            assertThatThrownBy(() -> ExternalTool.find("no-such-tool", "no-such-package", ci))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("no-such-tool is not on the PATH (Debian: no-such-package), and CI is set");
        }

        @Test
        void find_present_runs(@TempDir Path folder) throws Exception {
            Path script = Files.writeString(folder.resolve("scanner"), "#!/bin/sh\necho \"read $1\"\nexit 4\n");
            assertThat(script.toFile().setExecutable(true)).isTrue();

            ExternalTool tool = ExternalTool.find("scanner", "scanner-tools", Map.of("PATH", folder.toString()));

            assertThat(new String(tool.run(List.of("a.png")), UTF_8)).isEqualTo("read a.png\n");
        }
    }
}
