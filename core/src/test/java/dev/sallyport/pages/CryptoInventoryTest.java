// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.pages;

import static dev.sallyport.json.JsonSchema.list;
import static dev.sallyport.json.JsonSchema.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.json.Json;
import dev.sallyport.otp.HmacAlgorithm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The cryptographic inventory has what the sources ask the JDK for, and no more. */
@DisplayName("The cryptographic inventory is what the sources have")
class CryptoInventoryTest {
    private static final Path ROOT = TestSources.root();
    private static final Path MAIN = ROOT.resolve("core/src/main/java");
    private static final Map<String, Object> INVENTORY =
            object(Json.parse(Sources.read(ROOT.resolve("core/src/main/cyclonedx/cbom.json"))));

    private static final Pattern LOOK_UP =
            Pattern.compile("\\b(?:Mac|Cipher|MessageDigest|KeyGenerator|SecretKeyFactory|Signature|KeyAgreement|KDF)"
                    + "\\.getInstance\\(([^,)]*)");
    private static final Pattern GENERATOR = Pattern.compile("new SecureRandom\\(\\)");
    private static final Pattern LITERAL = Pattern.compile("\"(.*)\"");

    /** What a source file asks for: the names that the JDK has for it. */
    private static Stream<String> algorithmsIn(String source) {
        Stream<String> lookedUp = LOOK_UP.matcher(source)
                .results()
                .map(found -> found.group(1).strip())
                .flatMap(argument -> namesOf(argument, source));
        Stream<String> generators = GENERATOR.matcher(source).results().map(found -> "SecureRandom");
        return Stream.concat(lookedUp, generators).distinct();
    }

    private static Stream<String> namesOf(String argument, String source) {
        if (source.contains(argument + " = \"Hmac\" + algorithm.name();")) {
            return Stream.of(HmacAlgorithm.values()).map(algorithm -> "Hmac" + algorithm);
        }
        String constant = " String " + Pattern.quote(argument) + " = ";
        return Stream.of(LITERAL.matcher(argument)
                .results()
                .findFirst()
                .or(() -> Pattern.compile(constant + LITERAL.pattern())
                        .matcher(source)
                        .results()
                        .findFirst())
                .map((MatchResult found) -> found.group(1))
                .orElseThrow(() -> new IllegalArgumentException("it is not known what " + argument + " is")));
    }

    private static Stream<Map<String, Object>> assets(String type) {
        return list(member(INVENTORY, "components")).stream()
                .map(component -> object(component))
                .filter(component -> member(object(member(component, "cryptoProperties")), "assetType")
                        .equals(type));
    }

    private static Stream<String> locations(Map<String, Object> component) {
        return list(member(object(member(component, "evidence")), "occurrences")).stream()
                .map(occurrence -> (String) member(object(occurrence), "location"));
    }

    private static Object member(Map<String, Object> object, String name) {
        return Objects.requireNonNull(object.get(name), name);
    }

    @Test
    void algorithms_ofTheInventory_areThoseThatTheSourcesAskFor() {
        TreeSet<String> asked = new TreeSet<>();
        for (Path file : TestSources.javaFilesIn(MAIN)) {
            String location = ROOT.relativize(file).toString().replace('\\', '/');
            algorithmsIn(Sources.read(file)).forEach(name -> asked.add(name + " in " + location));
        }
        TreeSet<String> listed = new TreeSet<>();
        assets("algorithm").forEach(asset -> {
            List<Object> properties = list(member(asset, "properties"));
            assertThat(properties).hasSize(1);
            String name = (String) member(object(properties.get(0)), "value");
            locations(asset).forEach(location -> listed.add(name + " in " + location));
        });

        assertThat(listed).isNotEmpty().isEqualTo(asked);
    }

    @Test
    void materials_ofTheInventory_nameFilesThatAreThere() {
        assertThat(assets("related-crypto-material").flatMap(CryptoInventoryTest::locations))
                .isNotEmpty()
                .allMatch(location -> Files.exists(ROOT.resolve(location)));
    }

    @Test
    void references_insideTheInventory_leadSomewhere() {
        List<Object> components = list(member(INVENTORY, "components"));
        List<Object> names = components.stream()
                .map(component -> member(object(component), "bom-ref"))
                .toList();
        Map<String, Object> arrows =
                object(list(member(INVENTORY, "dependencies")).get(0));
        String text = INVENTORY.toString();

        assertThat(names).doesNotHaveDuplicates();
        assertThat(list(member(arrows, "dependsOn"))).isEqualTo(names);
        assertThat(Pattern.compile("algorithmRef=([^,}]*)")
                        .matcher(text)
                        .results()
                        .map(found -> found.group(1)))
                .isNotEmpty()
                .allMatch(names::contains);
    }

    @Test
    void sourceThatAsksForMore_isSeen() {
        assertThat(algorithmsIn("Cipher.getInstance(\"DES\"); MessageDigest.getInstance(OLD, provider);"
                        + " static final String OLD = \"MD5\";"))
                .containsExactly("DES", "MD5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> algorithmsIn("Mac.getInstance(name)").toList());
    }
}
