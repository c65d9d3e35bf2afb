// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    private static Options parse(String arguments) throws Options.Unusable {
        return Options.parse(arguments.isEmpty() ? List.of() : List.of(arguments.split(" ", -1)));
    }

    @Test
    void options_none_areThoseOfTheReadme() throws Exception {
        assertThat(parse("")).isEqualTo(new Options(4, 8, 60, 10, 1000, null));
    }

    @Test
    void options_all_areTaken() throws Exception {
        assertThat(parse("--nodes 2 --clients 3 --seconds 5 --kill-every 0 --sleepers 7 --jdbc-url jdbc:x"))
                .isEqualTo(new Options(2, 3, 5, 0, 7, "jdbc:x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--nodes 1",
                "--nodes 17",
                "--nodes two",
                "--clients 0",
                "--seconds 3",
                "--kill-every -1",
                "--sleepers 0",
                "--nodes",
                "--jdbc-url",
                "--nonsense 1",
                "nonsense"
            })
    void options_thatMakeNoSense_areRefused(String arguments) throws Exception {
        assertThatThrownBy(() -> parse(arguments)).isInstanceOf(Options.Unusable.class);
        assertThat(Main.run(List.of(arguments.split(" ", -1)))).isEqualTo(2);
    }

    @Test
    void help_exitsWithZero() throws Exception {
        assertThat(Main.run(List.of("--help"))).isZero();
    }

    @Test
    void keys_throughALine_areTheSame_andSayNothing() {
        Keys keys = Keys.generate("new").reading(Keys.generate("old"));

        assertThat(Keys.fromLine(keys.toLine()).toLine()).isEqualTo(keys.toLine());
        assertThat(keys.ring()).hasToString("KeyRing[current=new, previous=[old]]");
        assertThat(keys).hasToString("[new, old]");
    }
}
