// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Answers.isAccepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.BrowserToken;
import dev.sallyport.LockReason;
import dev.sallyport.PublicTypes;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.RememberedBrowser;
import dev.sallyport.TwoFactor;
import dev.sallyport.World;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
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
    private final BrowserToken token = twoFactor.rememberBrowser(owner.proof(), "Firefox");

    private void isRecognized() {
        assertThat(twoFactor.signInRequirement(ALICE, token.value())).isEqualTo(new RememberedBrowser(token.browser()));
    }

    private void isNotRecognized(String noToken) {
        assertThat(twoFactor.signInRequirement(ALICE, noToken)).isEqualTo(new CodeRequired());
    }

    /** What must end the trust in a browser. */
    @SuppressWarnings("ImmutableEnumChecker") // its calls hold nothing
    enum Change {
        FORGET_BROWSERS_AS_WITH_A_PASSWORD_CHANGE((world, owner) -> world.twoFactor.forgetBrowsers(ALICE)),
        DISABLE_AND_ENROLL_AGAIN((world, owner) -> {
            world.twoFactor.disable(owner.proof());
            world.enroll();
        }),
        RESET_AND_ENROLL_AGAIN((world, owner) -> {
            world.twoFactor.resetWithoutProof(ALICE, "lost everything");
            world.enroll();
        }),
        ANOTHER_PHONE_AND_THE_OLD_ONE_REMOVED((world, owner) -> {
            Owner added = world.enrollAnother(owner.proof());
            world.twoFactor.removeAuthenticator(added.proof(), owner.authenticator());
        }),
        RECOVERY_BY_A_BACKUP_CODE(
                (world, owner) -> isAccepted(world.verify(owner.backupCodes().get(0)))),
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
        isRecognized();

        change.change.accept(world, owner);

        isNotRecognized(token.value());
        assertThat(twoFactor.status(ALICE).browsers()).isEmpty();
    }

    @Test
    @DisplayName("[42] better-auth, Spring Security #2648, #3079: 32 parallel requests with one token, one answer")
    void signInRequirement_inParallel_isRecognizedEachTime() throws Exception {
        Map<String, String> before = Map.copyOf(world.rows);

        List<SignInRequirement> answers =
                AtOnce.requests(world, 32, (node, i) -> node.signInRequirement(ALICE, token.value()));

        assertThat(answers).hasSize(32).containsOnly(new RememberedBrowser(token.browser()));
        assertThat(world.rows).isEqualTo(before);
    }

    @Test
    @DisplayName("[42] better-auth, Spring Security #2648, #3079: use neither rotates a token nor extends it")
    void signInRequirement_usedEachDay_isNeitherRotatedNorExtended() {
        world.clock.set(twoFactor.status(ALICE).browsers().get(0).remembered());
        world.store.forgetCounts();
        for (int day = 0; day < 30; day++) {
            isRecognized();
            world.clock.advance(Duration.ofDays(1));
        }

        isNotRecognized(token.value());
        assertThat(world.store.writes()).isZero();
    }

    @Test
    @DisplayName("[43] django-two-factor: a good cookie does not reset the throttle")
    void signInRequirement_recognized_leavesTheLockout() {
        world.fail(owner.phone(), 5);

        isRecognized();

        assertThat(twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF);
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
            isNotRecognized(noToken);
        }

        assertThat(world.store.writes()).isZero();
        isRecognized();
        isAccepted(world.verify(owner.phone().codeAt(world.now())));
    }

    @Test
    @DisplayName("[43] django-two-factor: nor does one that is another user's, altered or expired")
    void signInRequirement_foreignAlteredOrExpiredToken_isACodeAndLocksNobodyOut() {
        BrowserToken bobs = twoFactor.rememberBrowser(world.enroll(BOB).proof(), "Firefox");
        String value = token.value();
        for (int i = 0; i < 20; i++) {
            isNotRecognized(bobs.value());
            isNotRecognized(value + " ");
            isNotRecognized(value.substring(1));
            isNotRecognized((value.charAt(0) == 'A' ? "B" : "A") + value.substring(1));
        }
        isRecognized();

        world.clock.advance(token.maxAge().plus(STEP));
        for (int i = 0; i < 20; i++) {
            isNotRecognized(value);
        }
        assertThat(twoFactor.status(ALICE).lock()).isEmpty();
        isAccepted(world.verify(owner.phone().codeAt(world.now())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "10.0.0.7", "localhost", "192.168.1.1, 127.0.0.1"})
    @DisplayName("[44] libpam: no address is trusted")
    void signInRequirement_addressForAToken_isACode(String address) {
        isNotRecognized(address);
    }

    @Test
    @DisplayName("[44] libpam: none can be handed in")
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
        assertThat(Compiler.compiles("twoFactor.signInRequirement(alice, \"cookie\");"))
                .isTrue();
        assertThat(Compiler.compiles("twoFactor.signInRequirement(alice, java.net.InetAddress.getLoopbackAddress());"))
                .isFalse();
    }
}
