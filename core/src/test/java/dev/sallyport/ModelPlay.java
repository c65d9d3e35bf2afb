// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.ModelAccount.NONE;
import static dev.sallyport.ModelAccount.POLICY;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.FaultInjectingStore.Fault;
import dev.sallyport.ModelAccount.App;
import dev.sallyport.ModelAccount.Proof;
import dev.sallyport.ModelAccount.Waiting;
import dev.sallyport.ModelTurn.Trouble;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Two nodes over one store, and beside them a {@link ModelAccount} for each user. Each call is made first and the model asked
 * afterwards, because what others did between its read and its write has come before it.
 */
final class ModelPlay {
    static final List<UserId> USERS = List.of(World.ALICE, World.BOB, UserId.of("44"));

    private static final List<Duration> PAUSES = List.of(
            Duration.ofMillis(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            STEP,
            STEP,
            STEP,
            STEP,
            STEP,
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5),
            Duration.ofHours(1),
            Duration.ofDays(1),
            Duration.ofDays(10),
            Duration.ofDays(31),
            Duration.ofDays(401));

    private static final List<Integer> AROUND = List.of(0, 0, 0, 0, 1, -1, 0, 2, -2, 3, 0, 5, 6, 1);
    private static final List<String> NO_CODES = List.of(
            "",
            "12345",
            "123456789",
            "12345x",
            "\u0661\u0662\u0663\u0664\u0665\u0666",
            "1234-5678-9ABC-DEFU",
            "0".repeat(65));

    private record Sealed(String text, Proof proof) {}

    private final World world = new World(POLICY);
    private final List<TwoFactor> nodes =
            List.of(world.twoFactor, world.node().policy(POLICY).build());
    private final Map<UserId, ModelAccount> accounts = new HashMap<>();

    // Whatever was ever seen, by whomever.
    private final List<Proof> proofs = new ArrayList<>();
    private final List<Sealed> sealed = new ArrayList<>();
    private final List<String> backupCodes = new ArrayList<>(List.of("0000000000000000"));
    private final List<String> tokens = new ArrayList<>(List.of("", "none", "A".repeat(43)));
    private final List<BrowserId> browsers = new ArrayList<>(List.of(BrowserId.of("0000000000000000")));
    private final List<AuthenticatorId> authenticators =
            new ArrayList<>(List.of(AuthenticatorId.of("0000000000000000")));
    private final List<String> keyUris = new ArrayList<>();
    private Instant latest = world.now();

    /** The first user has an app, and a token is on its way; the second came from another library; the third is new. */
    ModelPlay() {
        USERS.forEach(user -> accounts.put(user, new ModelAccount(user)));
        make(new ModelTurn(ModelMove.BEGIN, USERS.get(0), 0));
        make(new ModelTurn(ModelMove.CONFIRM, USERS.get(0), 0));
        make(new ModelTurn(ModelMove.BEGIN_WITH_PROOF, USERS.get(0), 5));
        make(new ModelTurn(ModelMove.IMPORT, USERS.get(1), 3));
    }

    void make(ModelTurn turn) {
        turn.move().make(this, turn);
        USERS.forEach(this::look);
    }

    /** What anybody can see is the same in the model, whatever was called. */
    private void look(UserId user) {
        TwoFactorStatus status = nodes.get(1).status(user);
        account(user).learnIds(status, now());
        assertThat(status)
                .as("status of %s", user.value())
                .isEqualTo(account(user).status(now()));
        status.authenticators().forEach(one -> addOnce(authenticators, one.id()));
        status.browsers().forEach(one -> addOnce(browsers, one.id()));
    }

    private static <T> void addOnce(List<T> list, T one) {
        if (!list.contains(one)) {
            list.add(one);
        }
    }

    private Instant now() {
        return world.now();
    }

    private ModelAccount account(UserId user) {
        return Objects.requireNonNull(accounts.get(user));
    }

    /** Makes a call, and asks the model what ought to have come of it. Empty where no answer came. */
    private <R> Optional<R> call(
            ModelTurn turn, UserId user, Function<TwoFactor, R> call, Function<ModelAccount, Object> rule) {
        FaultInjectingStore store = new FaultInjectingStore(world.store);
        TwoFactor node = node(turn, store);
        world.store.beforeNextWrite(() -> turn.meanwhile().forEach(this::make));
        Optional<R> result = Optional.empty();
        Object answer;
        boolean lost = false;
        try {
            result = Optional.of(call.apply(node));
            answer = ModelAnswer.of(result.get());
        } catch (StoreException e) {
            assertThat(turn.trouble()).isNotEqualTo(Trouble.NONE);
            assertThat(store.isArmed()).isFalse();
            answer = e.getClass();
            lost = true;
        } catch (IllegalStateException | IllegalArgumentException e) {
            answer = e.getClass();
        }
        world.store.beforeNextWrite(() -> {});
        ModelAccount after = account(user).copy();
        Object expected = rule.apply(after);
        if (!lost) {
            assertThat(answer).as(turn.toString()).isEqualTo(expected);
        }
        // Whoever called cannot know which it was; the store does, and the status has to agree with it.
        if (!lost || store.written()) {
            accounts.put(user, after);
        }
        return result;
    }

    private TwoFactor node(ModelTurn turn, FaultInjectingStore store) {
        if (turn.trouble() == Trouble.NONE) {
            return turn.oneOf(nodes);
        }
        List<Fault> faults = turn.trouble() == Trouble.ANSWER_OF_WRITE_LOST
                ? List.of(Fault.ANSWER_LOST, Fault.BROKEN_AFTERWARDS)
                : List.of(Fault.REFUSED, Fault.BROKEN);
        store.failAt(turn.trouble() == Trouble.NO_READ ? 1 : 2, turn.oneOf(faults));
        return world.node().policy(POLICY).store(store).build();
    }

    private static Object done(Runnable call) {
        call.run();
        return ModelAnswer.DONE;
    }

    // --- Enrollment ---

    /** What to enroll: a key URI of our own, or none, where Sallyport is to draw a secret; and what of it is used. */
    private record Candidate(@Nullable String keyUri, String label, long used) {
        EnrollmentRequest request() {
            EnrollmentRequest request = EnrollmentRequest.of("alice").label(label);
            if (keyUri == null) {
                return request;
            }
            AuthenticatorSeed seed = AuthenticatorSeed.of(KeyUri.parse(keyUri));
            boolean totp = keyUri.contains("://totp/");
            return request.seed(totp && used != NONE ? seed.lastUsedStep(used) : seed);
        }
    }

    private Candidate candidate(ModelTurn turn) {
        return turn.number() % 2 == 0 ? new Candidate(null, "App " + turn.number(), NONE) : seeded(turn);
    }

    private Candidate seeded(ModelTurn turn) {
        String keyUri = turn.number() % 5 == 0 && !keyUris.isEmpty() ? turn.oneOf(keyUris) : newKeyUri(turn.number());
        addOnce(keyUris, keyUri);
        long step = Phone.scan(keyUri).step(now());
        long used = keyUri.contains("://hotp/")
                ? Long.parseLong(keyUri.replaceAll(".*[?&]counter=([0-9]+).*", "$1")) - 1
                : turn.oneOf(List.of(NONE, NONE, step + turn.number() % 7 - 3));
        return new Candidate(keyUri, "Seed " + turn.number(), used);
    }

    private String newKeyUri(int number) {
        SharedSecret secret =
                SharedSecret.fromBytes(("the secret no. " + (10_000 + keyUris.size())).getBytes(US_ASCII));
        KeyUri keyUri = switch (number / 2 % 3) {
            case 0 -> KeyUri.totp("Acme", "alice", secret, TotpParameters.DEFAULT);
            case 1 -> KeyUri.totp("Acme", "alice", secret, eightDigits());
            default -> KeyUri.hotp("Acme", "alice", secret, HmacAlgorithm.SHA1, 6, number / 2 % 3);
        };
        return keyUri.toUriString();
    }

    private static TotpParameters eightDigits() {
        return new TotpParameters(HmacAlgorithm.SHA256, 8, Duration.ofSeconds(40), Instant.EPOCH);
    }

    void begin(ModelTurn turn) {
        UserId user = turn.user();
        Candidate one = candidate(turn);
        Optional<PendingEnrollment> begun = call(
                turn,
                user,
                node -> node.beginEnrollment(user, one.request()),
                account -> account.begin(now(), one.keyUri(), one.label(), one.used()));
        begun.or(() -> reloadIfUnknown(user, () -> nodes.get(0).pendingEnrollment(user)))
                .ifPresent(pending -> scan(user, pending));
    }

    void beginWithProof(ModelTurn turn) {
        Candidate one = candidate(turn);
        withProof(
                turn,
                (user, proof) -> call(
                                turn,
                                user,
                                node -> node.beginEnrollment(proof.verified(), one.request()),
                                account -> account.begin(now(), proof, one.keyUri(), one.label(), one.used()))
                        .or(() -> reloadIfUnknown(user, () -> nodes.get(0).pendingEnrollment(proof.verified())))
                        .ifPresent(pending -> scan(user, pending)));
    }

    /** The answer was lost, and nobody has seen the secret that waits. */
    private Optional<PendingEnrollment> reloadIfUnknown(UserId user, Supplier<Optional<PendingEnrollment>> page) {
        Waiting waiting = account(user).waiting();
        return waiting != null && waiting.keyUri() == null ? page.get() : Optional.empty();
    }

    private void scan(UserId user, PendingEnrollment pending) {
        account(user).scan(pending.keyUri().toUriString());
    }

    void pending(ModelTurn turn) {
        UserId user = turn.user();
        call(turn, user, node -> node.pendingEnrollment(user), account -> account.pending(now()))
                .flatMap(shown -> shown)
                .ifPresent(shown -> scan(user, shown));
    }

    void pendingWithProof(ModelTurn turn) {
        withProof(
                turn,
                (user, proof) -> call(
                                turn,
                                user,
                                node -> node.pendingEnrollment(proof.verified()),
                                account -> account.pending(now(), proof))
                        .flatMap(shown -> shown)
                        .ifPresent(shown -> scan(user, shown)));
    }

    void confirm(ModelTurn turn) {
        Waiting waiting = account(turn.user()).waiting();
        confirm(
                turn,
                waiting == null || waiting.keyUri() == null ? "123456" : code(waiting.keyUri(), waiting.used(), turn));
    }

    void confirmWrong(ModelTurn turn) {
        for (int i = 0; i <= turn.number() % 3; i++) {
            confirm(turn, turn.number() % 8 == 0 ? turn.oneOf(NO_CODES) : wrongCode(turn));
        }
    }

    private void confirm(ModelTurn turn, String code) {
        UserId user = turn.user();
        call(turn, user, node -> node.confirmEnrollment(user, code), account -> account.confirm(now(), code))
                .ifPresent(result -> {
                    if (result instanceof Enrolled enrolled) {
                        enrolled.backupCodes().ifPresent(codes -> read(user, codes));
                        proofs.add(account(user).holds(enrolled.proof()));
                    }
                });
    }

    private void read(UserId user, BackupCodes codes) {
        account(user).read(codes);
        backupCodes.addAll(codes.asList());
    }

    void cancel(ModelTurn turn) {
        UserId user = turn.user();
        call(turn, user, node -> done(() -> node.cancelEnrollment(user)), account -> account.cancel(now()));
    }

    void importSeed(ModelTurn turn) {
        UserId user = turn.user();
        Candidate one = seeded(turn);
        String keyUri = Objects.requireNonNull(one.keyUri());
        call(
                turn,
                user,
                node -> node.importWithoutConfirmation(user, one.request()),
                account -> account.importWithoutConfirmation(now(), keyUri, one.label(), one.used()));
    }

    // --- Codes ---

    /** What an authenticator shows now, or did or will in a while; blanks and hyphens do not matter. */
    private String code(String keyUri, long used, ModelTurn turn) {
        Phone phone = Phone.scan(keyUri);
        long next = keyUri.contains("://hotp/") ? used + 1 : phone.step(now());
        String code = phone.code(Math.max(0, next + turn.oneOf(AROUND)));
        return turn.number() % 9 == 0 ? " " + code.substring(0, 3) + "-" + code.substring(3) : code;
    }

    private Optional<App> app(UserId user, ModelTurn turn) {
        List<App> apps = account(user).apps();
        return apps.isEmpty() ? Optional.empty() : Optional.of(apps.get(turn.number() / 3 % apps.size()));
    }

    private static String wrongCode(ModelTurn turn) {
        String digits = Integer.toString(10_000_000 + turn.number() * 8_191);
        return digits.substring(0, turn.oneOf(List.of(6, 6, 6, 8, 7)));
    }

    void verify(ModelTurn turn) {
        verify(
                turn,
                app(turn.user(), turn)
                        .map(app -> code(app.keyUri(), app.used(), turn))
                        .orElse("123456"));
    }

    void verifyUsed(ModelTurn turn) {
        verify(
                turn,
                app(turn.user(), turn)
                        .map(app -> app.phone().code(Math.max(0, app.used() - turn.number() % 3)))
                        .orElse("123456"));
    }

    void verifyWrong(ModelTurn turn) {
        verify(turn, wrongCode(turn));
    }

    void verifyOfAnother(ModelTurn turn) {
        UserId another = USERS.get((USERS.indexOf(turn.user()) + 1) % USERS.size());
        verify(
                turn,
                app(another, turn)
                        .map(app -> code(app.keyUri(), app.used(), turn))
                        .orElse("123456"));
    }

    /** The next code of an authenticator, as soon as there is one. */
    void signInAnew(ModelTurn turn) {
        account(turn.user()).lockedUntil(now()).ifPresent(this::set);
        set(now().plus(STEP));
        app(turn.user(), turn).ifPresent(app -> {
            Phone phone = app.phone();
            verify(turn, phone.code(app.isToken() ? app.used() + 1 : phone.step(now())));
        });
    }

    /** Wrong codes, each as soon as one is looked at. */
    void failInARow(ModelTurn turn) {
        for (int i = 0; i <= turn.number() % 4; i++) {
            account(turn.user()).lockedUntil(now()).ifPresent(this::set);
            verifyWrong(turn);
        }
    }

    void verifyMalformed(ModelTurn turn) {
        verify(turn, turn.oneOf(NO_CODES));
    }

    void verifyBackupCode(ModelTurn turn) {
        // The newest more often than others, and as people type them.
        int back = turn.oneOf(List.of(0, 0, 1, 1, 0, 1, 2, 3, turn.number()));
        String code = backupCodes.get(Math.max(0, backupCodes.size() - 1 - back));
        verify(
                turn,
                turn.number() % 2 == 0 ? code : code.toLowerCase(Locale.ROOT).replace('0', 'o'));
    }

    void verifyWrongBackupCode(ModelTurn turn) {
        verify(turn, "0000-0000-0000-" + (1000 + turn.number()));
    }

    private void verify(ModelTurn turn, String typed) {
        UserId user = turn.user();
        keepProof(call(turn, user, node -> node.verify(user, typed), account -> account.verify(now(), typed)));
    }

    void resynchronize(ModelTurn turn) {
        UserId user = turn.user();
        Phone phone = app(user, turn).map(App::phone).orElse(Phone.ofSecret(Phone.RFC_SECRET));
        long counter = app(user, turn).map(App::used).orElse(NONE) + 1 + turn.oneOf(List.of(0, 8, 9, 3, 6));
        String first = phone.code(counter);
        String second = phone.code(counter + turn.oneOf(List.of(1, 1, 1, 1, 1, 1, 0, 2)));
        keepProof(call(
                turn,
                user,
                node -> node.resynchronize(user, first, second),
                account -> account.resynchronize(now(), first, second)));
    }

    private void keepProof(Optional<VerificationResult> result) {
        result.ifPresent(answer -> {
            if (answer instanceof Verified proof) {
                proofs.add(account(proof.user()).holds(proof));
            }
        });
    }

    // --- With a proof ---

    private interface WithProof {
        void call(UserId user, Proof proof);
    }

    /** The newest proof of the user, or any that was ever given to anybody. */
    private void withProof(ModelTurn turn, WithProof call) {
        List<Proof> own = proofs.stream()
                .filter(proof -> proof.verified().user().equals(turn.user()))
                .toList();
        if (!own.isEmpty()) {
            Proof proof = turn.number() % 6 == 0 ? turn.oneOf(proofs) : own.get(own.size() - 1);
            call.call(proof.verified().user(), proof);
        }
    }

    void rememberBrowser(ModelTurn turn) {
        String label = "Browser " + turn.number();
        withProof(
                turn,
                (user, proof) -> call(
                                turn,
                                user,
                                node -> node.rememberBrowser(proof.verified(), label),
                                account -> account.rememberBrowser(now(), proof, label))
                        .ifPresent(token -> {
                            account(user).keep(token);
                            tokens.add(token.value());
                        }));
    }

    void regenerate(ModelTurn turn) {
        withProof(
                turn,
                (user, proof) -> call(
                                turn,
                                user,
                                node -> node.regenerateBackupCodes(proof.verified()),
                                account -> account.regenerate(now(), proof))
                        .ifPresent(codes -> read(user, codes)));
    }

    void removeAuthenticator(ModelTurn turn) {
        withProof(turn, (user, proof) -> {
            AuthenticatorId id = turn.number() % 5 == 0
                    ? turn.oneOf(authenticators)
                    : app(user, turn).map(App::id).orElse(authenticators.get(0));
            call(
                            turn,
                            user,
                            node -> node.removeAuthenticator(proof.verified(), id),
                            account -> account.removeAuthenticator(now(), proof, id))
                    .ifPresent(renewed -> proofs.add(account(user).holds(renewed)));
        });
    }

    void disable(ModelTurn turn) {
        withProof(
                turn,
                (user, proof) -> call(
                        turn,
                        user,
                        node -> done(() -> node.disable(proof.verified())),
                        account -> account.disable(now(), proof)));
    }

    void seal(ModelTurn turn) {
        withProof(
                turn,
                (user, proof) -> call(
                        turn,
                        user,
                        node -> done(() -> sealed.add(new Sealed(node.seal(proof.verified()), proof))),
                        account -> proof.isInTime(now()) ? ModelAnswer.DONE : StaleProofException.class));
    }

    void unseal(ModelTurn turn) {
        if (!sealed.isEmpty()) {
            Sealed one = sealed.get(Math.max(0, sealed.size() - 1 - turn.number() % 4));
            Proof proof = one.proof();
            boolean own = proof.verified().user().equals(turn.user());
            call(
                            turn,
                            turn.user(),
                            node -> node.unseal(turn.user(), one.text()),
                            account -> own && proof.isInTime(now())
                                    ? Optional.of(ModelAnswer.of(proof.verified()))
                                    : Optional.empty())
                    .flatMap(unsealed -> unsealed)
                    .ifPresent(unsealed -> proofs.add(new Proof(unsealed, proof.record(), proof.epoch())));
        }
    }

    // --- Browsers, operators ---

    void signIn(ModelTurn turn) {
        UserId user = turn.user();
        List<String> own = account(user).tokens();
        String token = turn.number() % 4 == 0 || own.isEmpty() ? turn.oneOf(tokens) : turn.oneOf(own);
        call(
                turn,
                user,
                node -> node.signInRequirement(user, token),
                account -> account.signInRequirement(now(), token));
    }

    void forgetBrowser(ModelTurn turn) {
        UserId user = turn.user();
        BrowserId id = browsers.get(Math.max(0, browsers.size() - 1 - turn.number() % 3));
        call(turn, user, node -> done(() -> node.forgetBrowser(user, id)), account -> account.forgetBrowser(now(), id));
    }

    void forgetBrowsers(ModelTurn turn) {
        UserId user = turn.user();
        call(turn, user, node -> done(() -> node.forgetBrowsers(user)), account -> account.forgetBrowsers(now()));
    }

    void unlock(ModelTurn turn) {
        UserId user = turn.user();
        call(turn, user, node -> done(() -> node.unlock(user, "by telephone")), account -> account.unlock(now()));
    }

    void reset(ModelTurn turn) {
        UserId user = turn.user();
        call(
                turn,
                user,
                node -> done(() -> node.resetWithoutProof(user, "lost everything")),
                account -> account.reset());
    }

    // --- Time ---

    void timeGoesBy(ModelTurn turn) {
        set(now().plus(turn.oneOf(PAUSES)));
    }

    /** Just before, at, or just after an instant from which on something is other than before. */
    void timeHasCome(ModelTurn turn) {
        List<Instant> deadlines = new ArrayList<>(account(turn.user()).deadlines(now()));
        proofs.stream()
                .map(proof -> proof.verified().at().plus(POLICY.proofLifetime()))
                .filter(now()::isBefore)
                .forEach(deadlines::add);
        if (!deadlines.isEmpty()) {
            set(deadlines.get(turn.number() / 3 % deadlines.size()).plusMillis(turn.number() % 3 - 1));
        }
    }

    void clockGoesBack(ModelTurn turn) {
        set(now().minus(turn.oneOf(PAUSES)));
    }

    void clockIsRightAgain(ModelTurn turn) {
        set(latest);
    }

    private void set(Instant instant) {
        world.clock.set(instant);
        latest = instant.isAfter(latest) ? instant : latest;
    }
}
