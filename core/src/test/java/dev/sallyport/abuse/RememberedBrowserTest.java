// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.abuse.Results.assertAccepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.Browser;
import dev.sallyport.BrowserToken;
import dev.sallyport.PublicTypes;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cases 41 to 44: a remembered browser is trusted for too long, by too much, or at somebody else's cost. */
class RememberedBrowserTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Owner owner = world.enroll();
    private final BrowserToken token = owner.proof().browserToken().orElseThrow();

    @BeforeEach
    void rememberTheBrowser() {
        twoFactor.rememberBrowser(owner.proof());
    }

    private void assertRecognized() {
        assertThat(twoFactor.signInRequirement(ALICE, owner.browser()))
                .isEqualTo(new NoCodeRequired(owner.proof().stamp(), Optional.of(token.browser())));
    }

    /** As a cookie and from a keystore. */
    private void assertNotRecognized(String noToken) {
        for (Browser browser : List.of(
                Browser.fromHeaders("__Host-sallyport=" + noToken, "Firefox/143.0"),
                Browser.fromHeaders(noToken, noToken),
                Browser.ofToken(noToken, "Firefox"))) {
            assertThat(twoFactor.signInRequirement(ALICE, browser)).isInstanceOf(CodeRequired.class);
        }
    }

    /** What must end the trust in a browser. */
    @SuppressWarnings("ImmutableEnumChecker") // its calls hold nothing
    enum Change {
        END_TRUST_AS_WITH_A_PASSWORD_CHANGE((world, owner) -> world.twoFactor.endTrust(ALICE)),
        FORGET_THIS_BROWSER((world, owner) -> world.twoFactor.forgetBrowser(
                ALICE, owner.proof().stamp().browser().orElseThrow())),
        DISABLE_AND_ENROLL_AGAIN((world, owner) -> {
            world.twoFactor.disable(owner.proof());
            world.enroll();
        }),
        RESET_AND_ENROLL_AGAIN((world, owner) -> {
            world.twoFactor.operator("support").resetWithoutProof(ALICE, "lost everything");
            world.enroll();
        }),
        ANOTHER_PHONE_AND_THE_OLD_ONE_REMOVED((world, owner) -> {
            Owner added = world.enrollAnother(owner.proof());
            world.twoFactor.removeAuthenticator(added.proof(), owner.authenticator());
        }),
        RECOVERY_BY_A_BACKUP_CODE((world, owner) ->
                assertAccepted(world.verify(owner.backupCodes().get(0)))),
        RECOVERY_BY_A_TEMPORARY_CODE((world, owner) -> assertAccepted(world.verify(world.twoFactor
                .operator("support")
                .issueTemporaryCode(ALICE, Duration.ofHours(1), "phone lost")
                .value()))),
        NEW_BACKUP_CODES((world, owner) -> world.twoFactor.regenerateBackupCodes(owner.proof()));

        private final BiConsumer<World, Owner> change;

        Change(BiConsumer<World, Owner> change) {
            this.change = change;
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "[41] scheb #126, vaultwarden #7682, nodewarden #370, monize #37: trust does not outlive a change of it")
    void signInRequirement_afterAChangeOfTrust_isACode(Change change) {
        assertRecognized();

        change.change.accept(world, owner);

        assertNotRecognized(token.value());
        assertThat(twoFactor.status(ALICE).browsers())
                .allSatisfy(browser -> assertThat(browser.rememberedUntil()).isEmpty());
        assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
    }

    @Test
    @DisplayName("[42] better-auth, Spring Security #2648, #3079: 32 parallel requests with one token, one answer")
    void signInRequirement_inParallel_isRecognizedEachTime() throws Exception {
        Map<String, String> before = Map.copyOf(world.rows);

        List<SignInRequirement> answers =
                ParallelRequests.send(world, 32, (node, i) -> node.signInRequirement(ALICE, owner.browser()));

        assertThat(answers)
                .hasSize(32)
                .containsOnly(new NoCodeRequired(owner.proof().stamp(), Optional.of(token.browser())));
        assertThat(world.rows).isEqualTo(before);
    }

    @Test
    @DisplayName("[42] better-auth, Spring Security #2648, #3079: use neither rotates a token nor extends it")
    void signInRequirement_usedEachDay_isNeitherRotatedNorExtended() {
        world.store.forgetCounts();
        for (int day = 0; day <= 30; day++) {
            assertRecognized();
            world.clock.advance(Duration.ofDays(1));
        }

        assertNotRecognized(token.value());
        assertThat(world.store.writes()).isZero();
    }

    @Test
    @DisplayName("[43] django-two-factor: a good cookie does not reset the throttle")
    void signInRequirement_recognized_leavesTheLockout() {
        world.fail(owner.phone(), 5);

        assertRecognized();

        assertThat(twoFactor.status(ALICE).strangers().lock().map(Lock::reason)).contains(Lock.Reason.BACK_OFF);
        assertThat(twoFactor.status(ALICE).strangers().consecutiveFailures()).isEqualTo(5);
    }

    static Stream<String> noTokens() {
        return Stream.of(
                "",
                " ",
                "x",
                "A".repeat(42),
                "A".repeat(43),
                "A".repeat(44),
                "=".repeat(43),
                "%".repeat(43),
                "\u0000".repeat(43),
                "\ud800".repeat(43),
                "\udc00\ud800",
                "\u0661".repeat(43),
                "42",
                "null",
                "A".repeat(1 << 20));
    }

    @ParameterizedTest
    @MethodSource("noTokens")
    @DisplayName("[43] django-two-factor: a cookie that is malformed, forged or too long locks nobody out")
    void signInRequirement_noToken_isACodeAndLocksNobodyOut(String noToken) {
        world.store.forgetCounts();

        for (int i = 0; i < 20; i++) {
            assertNotRecognized(noToken);
        }

        assertThat(world.store.writes()).isZero();
        assertRecognized();
        assertAccepted(world.verify(owner.phone().codeAt(world.now())));
    }

    @Test
    @DisplayName("[43] django-two-factor: nor does one that is another user's, altered or expired")
    void signInRequirement_foreignAlteredOrExpiredToken_isACodeAndLocksNobodyOut() {
        Verified bob = world.enroll(BOB).proof();
        twoFactor.rememberBrowser(bob);
        BrowserToken bobs = bob.browserToken().orElseThrow();
        String value = token.value();
        for (int i = 0; i < 20; i++) {
            assertNotRecognized(bobs.value());
            assertNotRecognized(value + "A");
            assertNotRecognized(value.substring(1));
            assertNotRecognized((value.charAt(0) == 'A' ? "B" : "A") + value.substring(1));
        }
        assertRecognized();

        world.clock.advance(Duration.ofDays(31));
        for (int i = 0; i < 20; i++) {
            assertNotRecognized(value);
        }
        assertThat(twoFactor.status(ALICE).strangers().lock()).isEmpty();
        assertAccepted(world.verify(owner.phone().codeAt(world.now())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "10.0.0.7", "localhost", "192.168.1.1, 127.0.0.1"})
    @DisplayName("[44] libpam: no address is trusted")
    void signInRequirement_addressForAToken_isACode(String address) {
        assertNotRecognized(address);
    }

    @Test
    void cookie_ofABrowserToken_isForThisHostOverTlsAndNotForScripts() {
        assertThat(token.setCookie())
                .startsWith("__Host-sallyport=" + token.value() + "; Path=/; Max-Age=")
                .endsWith("; Secure; HttpOnly; SameSite=Lax")
                .doesNotContain("Domain");
    }

    @Test
    @DisplayName("[44] libpam: no call takes one")
    void publicApi_parameters_areNoAddresses() {
        assertThat(PublicTypes.besides(TwoFactor.class).stream()
                        .flatMap(type -> Stream.of(type.getMethods()))
                        .filter(method -> method.getDeclaringClass().getName().startsWith("dev.sallyport"))
                        .flatMap(method -> Stream.of(method.getParameters())))
                .isNotEmpty()
                .allSatisfy(parameter -> {
                    assertThat(parameter.getType().getName()).doesNotContain("java.net", "servlet", "http");
                    assertThat(parameter.getName()).doesNotContainIgnoringCase("address");
                });
        assertThat(Compiler.compiles("twoFactor.signInRequirement(alice, browser);"))
                .isTrue();
        assertThat(Compiler.compiles("twoFactor.signInRequirement(alice, java.net.InetAddress.getLoopbackAddress());"))
                .isFalse();
    }
}
