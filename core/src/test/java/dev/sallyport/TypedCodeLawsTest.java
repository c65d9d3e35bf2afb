// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TypedCode.Kind;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

class TypedCodeLawsTest {
    private static final String DROPPED_EVERYWHERE =
            TypedCodeTest.WHITE_SPACE + TypedCodeTest.FORMAT_CHARACTERS + TypedCodeTest.DASHES;

    @Property
    @Label("Every spelling of a code is that code")
    void parse_anySpelling_isTheCode(@ForAll("codes") TypedCode code, @ForAll Random random) {
        assertThat(TypedCode.parse(spelling(code, random))).isEqualTo(code);
    }

    @Property
    @Label("Two spellings are the same code exactly when their codes are the same")
    void parse_twoSpellings_areOneCodeIfTheCodesAre(
            @ForAll("codes") TypedCode one, @ForAll("codes") TypedCode other, @ForAll Random random) {
        assertThat(Objects.equals(TypedCode.parse(spelling(one, random)), TypedCode.parse(spelling(other, random))))
                .isEqualTo(one.canonical().equals(other.canonical()));
    }

    @Property
    @Label("The canonical form of a code is read as itself")
    void parse_canonicalForm_isTheSame(@ForAll("texts") String typed) {
        TypedCode code = TypedCode.parse(typed);
        if (code != null) {
            assertThat(TypedCode.parse(code.canonical())).isEqualTo(code);
            assertThat(TypedCode.parse(Crockford.inGroups(code.canonical()))).isEqualTo(code);
        }
    }

    @Property
    @Label("Any text at all is a code in its canonical form or malformed")
    void parse_anyText_isACodeOrMalformed(@ForAll("texts") String typed) {
        assertCanonicalOrMalformed(TypedCode.parse(typed));
    }

    @Property
    @Label("What is dropped everywhere changes nothing, wherever it is")
    void parse_separatorAnywhere_changesNothing(@ForAll("texts") String typed, @ForAll Random random) {
        int at = random.nextInt(typed.length() + 1);
        // A separator between the two halves of a character would make something else of them.
        boolean within =
                at > 0 && at < typed.length() && Character.isSurrogatePair(typed.charAt(at - 1), typed.charAt(at));
        int before = within ? at - 1 : at;
        String separated = typed.substring(0, before) + anyOf(DROPPED_EVERYWHERE, random) + typed.substring(before);

        if (separated.length() <= 128) {
            assertThat(TypedCode.parse(separated)).isEqualTo(TypedCode.parse(typed));
        }
    }

    static void assertCanonicalOrMalformed(@Nullable TypedCode code) {
        if (code == null) {
            return;
        }
        switch (code.kind()) {
            case ONE_TIME_CODE -> assertThat(code.canonical()).matches("[0-9]{6,8}");
            case BACKUP_CODE ->
                assertThat(code.canonical()).hasSize(24).isEqualTo(Crockford.canonical(code.canonical()));
            case TEMPORARY_CODE ->
                assertThat(code.canonical()).hasSize(16).isEqualTo(Crockford.canonical(code.canonical()));
        }
    }

    @Provide
    static Arbitrary<TypedCode> codes() {
        return Arbitraries.oneOf(
                Arbitraries.strings()
                        .numeric()
                        .ofMinLength(6)
                        .ofMaxLength(8)
                        .map(digits -> new TypedCode(Kind.ONE_TIME_CODE, digits)),
                CrockfordLawsTest.codes()
                        .map(symbols -> new TypedCode(
                                symbols.length() == 24 ? Kind.BACKUP_CODE : Kind.TEMPORARY_CODE, symbols)));
    }

    @Provide
    static Arbitrary<String> texts() {
        Arbitrary<String> nearCodes = Arbitraries.strings()
                .withChars(CrockfordTest.ALPHABET + "oilu")
                .withChars(DROPPED_EVERYWHERE + TypedCodeTest.ENDS)
                .ofMaxLength(40);
        Arbitrary<String> spellings =
                codes().flatMap(code -> Arbitraries.randomValue(random -> spelling(code, random)));
        return Arbitraries.oneOf(Arbitraries.strings(), nearCodes, spellings);
    }

    /** One of the spellings that people use. It has at most 128 characters. */
    private static String spelling(TypedCode code, Random random) {
        StringBuilder typed = new StringBuilder();
        if (code.kind() == Kind.BACKUP_CODE && random.nextBoolean()) {
            typed.append(1 + random.nextInt(20)).append(random.nextBoolean() ? ". " : ") ");
        }
        code.canonical().chars().forEach(c -> {
            typed.appendCodePoint(code.isOneTimeCode() ? digit(c, random) : symbol(c, random));
            if (random.nextInt(4) == 0) {
                typed.append(anyOf(DROPPED_EVERYWHERE, random));
            }
        });
        for (int i = random.nextInt(4); i > 0; i--) {
            typed.insert(0, anyOf(TypedCodeTest.ENDS + DROPPED_EVERYWHERE, random))
                    .append(anyOf(TypedCodeTest.ENDS + DROPPED_EVERYWHERE, random));
        }
        return typed.toString();
    }

    private static int symbol(int c, Random random) {
        String alike = c == '0'
                ? "0Oo"
                : c == '1' ? "1IiLl" : (char) c + Character.toString(c).toLowerCase(Locale.ROOT);
        char chosen = anyOf(alike, random);
        return chosen <= '9' ? digit(chosen, random) : random.nextBoolean() ? chosen : chosen - '!' + '\uFF01';
    }

    private static int digit(int c, Random random) {
        return TypedCodeTest.ZEROS[random.nextInt(TypedCodeTest.ZEROS.length)] + c - '0';
    }

    private static char anyOf(String characters, Random random) {
        return characters.charAt(random.nextInt(characters.length()));
    }
}
