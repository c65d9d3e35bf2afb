// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.ModelAccount.NONE;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.FaultInjectingStore.Fault;
import dev.sallyport.ModelAccount.App;
import dev.sallyport.ModelAccount.Basis;
import dev.sallyport.ModelAccount.Candidate;
import dev.sallyport.ModelAccount.Client;
import dev.sallyport.ModelAccount.Known;
import dev.sallyport.ModelAccount.Proof;
import dev.sallyport.ModelAccount.SignIn;
import dev.sallyport.ModelAccount.Waiting;
import dev.sallyport.ModelStep.Trouble;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.VerificationResult.SignInAgain;
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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two nodes over one store, and beside them a {@link ModelAccount} for each user. Each call is made first. The model is asked
 * afterwards, because what others did between the call's read and its write has come before it.
 */
final class ModelRun {
    static final List<UserId> USERS = List.of(World.ALICE, World.BOB, UserId.of("44"));

    /** The first gets to the budgets soon, the second gets to the caps before the budgets. */
    static final List<TwoFactorPolicy> POLICIES = List.of(
            TwoFactorPolicy.builder()
                    .backupCodes(2)
                    .failuresBeforeLockout(2)
                    .firstLockout(Duration.ofSeconds(30))
                    .strangersBudget(5)
                    .knownBudget(14)
                    .build(),
            TwoFactorPolicy.builder()
                    .backupCodes(3)
                    .failuresBeforeLockout(3)
                    .firstLockout(Duration.ofSeconds(20))
                    .strangersBudget(120)
                    .knownBudget(160)
                    .build());

    private static final List<Duration> PAUSES = List.of(
            Duration.ofMillis(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            STEP,
            STEP,
            STEP,
            STEP,
            STEP,
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5),
            Duration.ofMinutes(10),
            Duration.ofHours(1),
            Duration.ofDays(1),
            Duration.ofDays(10),
            Duration.ofDays(31),
            Duration.ofDays(366),
            Duration.ofDays(401));

    private static final List<Integer> AROUND = List.of(0, 0, 0, 0, 1, -1, 0, 2, -2, 3, 0, 4, -7, 1);
    private static final String ZEROS = "0".repeat(24);
    private static final List<String> NO_CODES = List.of(
            "", "12345", "123456789", "12345x", "1234-5678-9ABC-DEFU", "x".repeat(129), "0".repeat(23), "0".repeat(25));

    private static final Client FIREFOX = new Client(List.of(), "Firefox on Linux", World.FIREFOX);
    private static final Client KEEPS_NOTHING = new Client(List.of(), null, Browser.none());

    private record Sealed(String text, Proof proof) {}

    /** A challenge as a session keeps it, and what it stands for. */
    private record Begun(Challenge challenge, SignIn signIn) {}

    /** The handle of an enrollment, and which enrollment it is of. */
    private record Handle(EnrollmentHandle handle, UserId user, int number, Client client) {}

    /** A temporary code, and whose it was. */
    private record Issued(UserId user, String code) {}

    private record Stamp(
            TrustStamp stamp, UserId user, @Nullable Basis basis) {}

    private final TwoFactorPolicy policy;
    private final World world;
    private final List<TwoFactor> nodes;
    private final Map<UserId, ModelAccount> accounts = new HashMap<>();

    // Everything that anybody has ever seen.
    private final List<Proof> proofs = new ArrayList<>();
    private final List<Sealed> sealed = new ArrayList<>();
    private final List<Begun> challenges = new ArrayList<>();
    private final List<Handle> handles = new ArrayList<>();
    private final List<Stamp> stamps = new ArrayList<>();
    private final Set<String> codesInTheWorld = new HashSet<>(Set.of(ZEROS, "0".repeat(16)));
    private final List<String> backupCodes = new ArrayList<>(List.of(ZEROS));
    private final List<Issued> temporaryCodes =
            new ArrayList<>(List.of(new Issued(UserId.of("nobody"), "0000-0000-0000-0000")));
    private final List<String> tokens = new ArrayList<>(List.of("A".repeat(43)));
    private final List<BrowserId> browsers = new ArrayList<>(List.of(BrowserId.of("0000000000000000")));
    private final List<AuthenticatorId> authenticators =
            new ArrayList<>(List.of(AuthenticatorId.of("0000000000000000")));
    private final List<String> keyUris = new ArrayList<>();
    private final List<Object> answers = new ArrayList<>();
    private Instant latest;

    /** The first user has an app in a known browser, and a token waits; the second came from another library. */
    ModelRun(TwoFactorPolicy policy) {
        this.policy = policy;
        world = new World(policy);
        nodes = List.of(world.twoFactor, world.node().policy(policy).build());
        latest = world.now();
        USERS.forEach(user -> accounts.put(user, new ModelAccount(user, policy)));
        USERS.forEach(user -> stamps.add(new Stamp(TrustStamp.of("no stamp"), user, null)));
        start();
    }

    private void start() {
        ModelStep first = new ModelStep(ModelAction.BEGIN, USERS.get(0), 0);
        begin(first, new Candidate(null, "App", NONE, false), FIREFOX);
        App app = waitingApp(first.user()).orElseThrow();
        confirm(first, handles.get(0), rightCode(app));
        look(first, first.user());
        Candidate token = new Candidate(newKeyUri(2), "Token", 1, false);
        keyUris.add(Objects.requireNonNull(token.keyUri()));
        withProof(first, (user, proof) -> addAuthenticator(first, proof, token, KEEPS_NOTHING));
        importAll(
                new ModelStep(ModelAction.IMPORT, USERS.get(1), 0),
                List.of(new Candidate(newKeyUri(0), "App", 0, false)));
        USERS.forEach(user -> look(first, user));
        assertThat(USERS).filteredOn(user -> account(user).isEnabled()).hasSize(2);
    }

    void make(ModelStep step) {
        step.action().happen(this, step);
        USERS.forEach(user -> look(step, user));
    }

    /** The answer of each call, in the words of the model. */
    List<Object> answers() {
        return answers;
    }

    /** The rows of the store, for a test that spoils them. */
    Map<String, String> rows() {
        return world.rows;
    }

    /** What anybody can see is the same in the model, whatever was called. */
    private void look(ModelStep step, UserId user) {
        TwoFactorStatus status = nodes.get(1).status(user);
        account(user).learnIds(status, now());
        assertThat(status)
                .as("status of %s after %s", user.value(), step)
                .isEqualTo(account(user).status(now()));
        status.authenticators().forEach(one -> addOnce(authenticators, one.id()));
        status.browsers().forEach(one -> addOnce(browsers, one.id()));
        List<Stamp> own = stamps.stream().filter(one -> one.user().equals(user)).toList();
        own.subList(Math.max(0, own.size() - 4), own.size())
                .forEach(one -> assertThat(nodes.get(0).isCurrent(user, one.stamp()))
                        .as("whether a stamp of %s is current after %s", one.basis(), step)
                        .isEqualTo(account(user).isCurrent(now(), one.basis())));
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

    /** Makes a call, and asks the model for the right answer. Empty where no answer came. */
    private <R> Optional<R> call(
            ModelStep step, UserId user, Function<TwoFactor, R> call, Function<ModelAccount, Object> rule) {
        FaultInjectingStore store = new FaultInjectingStore(world.store);
        TwoFactor node = node(step, store);
        world.store.beforeNextWrite(() -> step.meanwhile().forEach(this::make));
        Optional<R> result = Optional.empty();
        Object answer;
        boolean lost = false;
        try {
            result = Optional.of(call.apply(node));
            answer = ModelAnswer.of(result.get());
        } catch (StoreException e) {
            assertThat(step.trouble()).isNotEqualTo(Trouble.NONE);
            assertThat(store.isArmed()).isFalse();
            answer = e.getClass();
            lost = true;
        } catch (IllegalStateException | IllegalArgumentException e) {
            answer = e.getClass();
        }
        world.store.beforeNextWrite(() -> {});
        ModelAccount after = account(user).copy();
        Object expected = rule.apply(after);
        answers.add(answer);
        if (!lost) {
            assertThat(answer).as(step.toString()).isEqualTo(expected);
        }
        // The caller cannot know which it was. The store knows, and the status has to agree with it.
        if (!lost || store.written()) {
            accounts.put(user, after);
        }
        return result;
    }

    private TwoFactor node(ModelStep step, FaultInjectingStore store) {
        if (step.trouble() == Trouble.NONE) {
            return step.choose("node", nodes);
        }
        List<Fault> faults = step.trouble() == Trouble.ANSWER_OF_WRITE_LOST
                ? List.of(Fault.ANSWER_LOST, Fault.BROKEN_AFTERWARDS)
                : List.of(Fault.REFUSED, Fault.BROKEN);
        store.failAt(step.trouble() == Trouble.NO_READ ? 1 : 2, step.choose("fault", faults));
        return world.node().policy(policy).store(store).build();
    }

    private static Object done(Runnable call) {
        call.run();
        return ModelAnswer.DONE;
    }

    private void keep(UserId user, TrustStamp stamp) {
        Basis basis = account(user).basis(stamp.browser().orElse(null));
        stamps.add(new Stamp(stamp, user, basis));
    }

    private void keep(Verified proof) {
        UserId user = proof.user();
        proof.browserToken().ifPresent(token -> {
            account(user).keep(token);
            tokens.add(token.value());
        });
        proofs.add(account(user).proof(proof));
        keep(user, proof.stamp());
    }

    private void read(UserId user, BackupCodes codes) {
        account(user).read(codes);
        backupCodes.addAll(codes.asList());
        codes.asList().forEach(code -> codesInTheWorld.add(code.replace("-", "")));
    }

    // --- Browsers ---

    /** One that keeps nothing, one that is new, one that is known, or one with other tokens. */
    private Client client(ModelStep step) {
        List<String> own = account(step.user()).browsers().stream()
                .flatMap(known -> Optional.ofNullable(known.token()).stream())
                .toList();
        return switch (step.choose("client", 8)) {
            case 0, 1 -> KEEPS_NOTHING;
            case 2 -> FIREFOX;
            case 3 -> withToken(step.choose("token", tokens), step);
            case 4 -> withTokens(step, own);
            default -> own.isEmpty() ? FIREFOX : withToken(step.choose("own token", own), step);
        };
    }

    private static Client withToken(String token, ModelStep step) {
        String label = "Phone " + step.choose("label", 5);
        return new Client(List.of(token), label, Browser.ofToken(token, label));
    }

    private Client withTokens(ModelStep step, List<String> own) {
        List<String> all = Stream.concat(
                        Stream.of(step.choose("first token", tokens)),
                        own.stream().limit(7))
                .distinct()
                .toList();
        String cookie = "other=1; __Host-sallyport=" + String.join(".", all);
        return new Client(
                all, "Firefox on Linux", Browser.fromHeaders(cookie, "Gecko/20100101 Firefox/143.0 (X11; Linux)"));
    }

    // --- Enrollment ---

    private static EnrollmentRequest request(Candidate one) {
        EnrollmentRequest request = EnrollmentRequest.of("alice").label(one.label());
        String keyUri = one.keyUri();
        if (keyUri == null) {
            return request;
        }
        ExistingAuthenticator authenticator = ExistingAuthenticator.of(KeyUri.parse(keyUri));
        if (keyUri.contains("://totp/")) {
            authenticator = authenticator.lastUsedStep(one.used());
        }
        return request.existing(one.ownClock() ? authenticator.ownClock() : authenticator);
    }

    private Candidate candidate(ModelStep step) {
        return step.oneIn(2, "own secret") ? new Candidate(null, "App " + step.number(), NONE, false) : existing(step);
    }

    private Candidate existing(ModelStep step) {
        String keyUri = step.oneIn(6, "secret again") && !keyUris.isEmpty()
                ? step.choose("which secret", keyUris)
                : newKeyUri(step.choose("kind", 3));
        addOnce(keyUris, keyUri);
        String label = "Existing " + step.number();
        if (keyUri.contains("://hotp/")) {
            return new Candidate(
                    keyUri, label, Long.parseLong(keyUri.replaceAll(".*[?&]counter=([0-9]+).*", "$1")) - 1, false);
        }
        long now = Phone.scan(keyUri).step(now());
        long used = step.choose("last used step", List.of(0L, 0L, 0L, 0L, now - 1, now, now + 1, now + 20, now + 21));
        return new Candidate(keyUri, label, used, step.oneIn(2, "own clock"));
    }

    private String newKeyUri(int kind) {
        SharedSecret secret =
                SharedSecret.fromBytes(("the secret no. " + (10_000 + keyUris.size())).getBytes(US_ASCII));
        KeyUri keyUri = switch (kind) {
            case 0 -> KeyUri.totp("Acme", "alice", secret, TotpParameters.DEFAULT);
            case 1 -> KeyUri.totp("Acme", "alice", secret, eightDigits());
            default -> KeyUri.hotp("Acme", "alice", secret, HmacAlgorithm.SHA1, 6, kind);
        };
        return keyUri.toUriString();
    }

    private static TotpParameters eightDigits() {
        return new TotpParameters(HmacAlgorithm.SHA256, 8, Duration.ofSeconds(40), Instant.EPOCH);
    }

    void begin(ModelStep step) {
        begin(step, candidate(step), client(step));
    }

    private void begin(ModelStep step, Candidate one, Client client) {
        UserId user = step.user();
        EnrollmentRequest request = request(one).browser(client.browser());
        call(step, user, node -> node.beginEnrollment(user, request), account -> account.beginEnrollment(now(), one))
                .ifPresent(pending -> keep(user, pending, client));
    }

    void addAuthenticator(ModelStep step) {
        withProof(step, (user, proof) -> addAuthenticator(step, proof, candidate(step), client(step)));
    }

    private void addAuthenticator(ModelStep step, Proof proof, Candidate one, Client client) {
        UserId user = proof.verified().user();
        EnrollmentRequest request = request(one).browser(client.browser());
        call(
                        step,
                        user,
                        node -> node.addAuthenticator(proof.verified(), request),
                        account -> account.addAuthenticator(now(), proof, one))
                .ifPresent(pending -> keep(user, pending, client));
    }

    private void keep(UserId user, PendingEnrollment pending, Client client) {
        account(user).scan(pending.keyUri().toUriString());
        int number = Objects.requireNonNull(account(user).waiting()).number();
        handles.add(new Handle(pending.handle(), user, number, client));
    }

    private interface WithHandle {
        void call(Handle handle);
    }

    /** The newest handle of the user, or any that was ever given to anybody. */
    private void withHandle(ModelStep step, WithHandle call) {
        List<Handle> own = handles.stream()
                .filter(handle -> handle.user().equals(step.user()))
                .toList();
        if (!own.isEmpty()) {
            call.call(step.oneIn(8, "any handle") ? step.choose("handle", handles) : own.get(own.size() - 1));
        }
    }

    void pending(ModelStep step) {
        withHandle(
                step,
                handle -> call(
                                step,
                                handle.user(),
                                node -> node.pendingEnrollment(handle.handle()),
                                account -> account.pendingEnrollment(now(), handle.number()))
                        .flatMap(shown -> shown)
                        .ifPresent(shown -> {
                            Waiting waiting = Objects.requireNonNull(
                                    account(handle.user()).waiting());
                            assertThat(shown.keyUri().toUriString())
                                    .isEqualTo(waiting.candidate().keyUri());
                        }));
    }

    /** The authenticator that waits, as its owner has it. */
    private Optional<App> waitingApp(UserId user) {
        return Optional.ofNullable(account(user).waiting())
                .map(Waiting::candidate)
                .filter(one -> one.keyUri() != null)
                .map(one -> new App(
                        Objects.requireNonNull(one.keyUri()),
                        null,
                        one.label(),
                        now(),
                        null,
                        one.used(),
                        one.ownClock(),
                        0));
    }

    void confirm(ModelStep step) {
        withHandle(
                step,
                handle -> confirm(
                        step,
                        handle,
                        waitingApp(handle.user()).map(app -> code(app, step)).orElse("123456")));
    }

    void confirmWithTwoCodes(ModelStep step) {
        withHandle(step, handle -> {
            App app = waitingApp(handle.user()).orElse(null);
            Phone phone = app == null ? Phone.ofSecret(Phone.RFC_SECRET) : app.phone();
            List<Integer> far = List.of(0, 0, 1, 5, -5, 40, -99, -100, -101, 98, 99, 100);
            long from = app == null ? 0 : app.isToken() ? app.used() + 1 : app.shows(now());
            long position = Math.max(0, from + step.choose("far", far));
            String first = phone.code(position);
            String second = phone.code(position + step.choose("next", List.of(1, 1, 1, 1, 1, 0, 2)));
            ModelTyped typed = ModelTyped.pair(first, second, codesInTheWorld);
            confirm(step, handle, typed, node -> node.confirmEnrollment(handle.handle(), first, second));
        });
    }

    void confirmWithWrongClock(ModelStep step) {
        withHandle(
                step,
                handle -> waitingApp(handle.user())
                        .filter(app -> !app.isToken())
                        .ifPresent(app -> {
                            int off = step.choose("off", List.of(3, -3, 4, -4, 10, -10, 20, -20, 21, -21));
                            confirm(step, handle, app.phone().code(app.shows(now()) + off));
                        }));
    }

    void confirmWrong(ModelStep step) {
        withHandle(step, handle -> {
            for (int i = 0; i <= step.choose("times", List.of(0, 0, 1, 2, 8, 9, 10)); i++) {
                confirm(step, handle, step.oneIn(6, "no code") ? noCode(step) : wrongCode(step));
            }
        });
    }

    private void confirm(ModelStep step, Handle handle, @Nullable String code) {
        ModelTyped typed = ModelTyped.of(code, codesInTheWorld);
        confirm(step, handle, typed, node -> node.confirmEnrollment(handle.handle(), code));
    }

    private void confirm(ModelStep step, Handle handle, ModelTyped typed, Function<TwoFactor, EnrollmentResult> call) {
        UserId user = handle.user();
        Object malformed = new Malformed();
        call(
                        step,
                        user,
                        call,
                        account -> typed.kind() == ModelTyped.Kind.ONE_TIME_CODE
                                ? account.confirmEnrollment(now(), handle.number(), handle.client(), typed)
                                : malformed)
                .ifPresent(result -> {
                    if (result instanceof Enrolled enrolled) {
                        enrolled.backupCodes().ifPresent(codes -> read(user, codes));
                        keep(enrolled.proof());
                    }
                });
    }

    void importAll(ModelStep step) {
        List<Candidate> candidates = new ArrayList<>(List.of(existing(step)));
        for (int i = 1; i <= step.choose("more", List.of(0, 0, 1, 2)); i++) {
            candidates.add(existing(new ModelStep(step.action(), step.user(), step.number() + i)));
        }
        importAll(step, candidates);
    }

    private void importAll(ModelStep step, List<Candidate> candidates) {
        UserId user = step.user();
        List<EnrollmentRequest> requests =
                candidates.stream().map(one -> request(one)).toList();
        call(
                step,
                user,
                node -> node.operator("migration").importWithoutConfirmation(user, requests),
                account -> account.importWithoutConfirmation(now(), candidates));
    }

    // --- Codes ---

    /** What an authenticator shows now, did a while ago or will in a while; blanks and hyphens do not matter. */
    private String code(App app, ModelStep step) {
        long next = app.isToken() ? app.used() + 1 : app.shows(now());
        String code = app.phone().code(Math.max(0, next + step.choose("around", AROUND)));
        return step.oneIn(9, "hyphen") ? " " + code.substring(0, 3) + "-" + code.substring(3) : code;
    }

    private Optional<App> app(UserId user, ModelStep step) {
        List<App> apps = account(user).apps();
        return apps.isEmpty() ? Optional.empty() : Optional.of(step.choose("app", apps));
    }

    private static String wrongCode(ModelStep step) {
        String digits = Integer.toString(10_000_000 + step.choose("wrong code", 80_000_000));
        return digits.substring(0, step.choose("digits", List.of(6, 6, 6, 8, 7)));
    }

    private static @Nullable String noCode(ModelStep step) {
        return step.oneIn(9, "null") ? null : step.choose("no code", NO_CODES);
    }

    private String singleUseCode(ModelStep step) {
        List<String> kept = account(step.user()).backupCodes();
        String code = kept.isEmpty() || kept.get(0).startsWith("unknown") || step.oneIn(3, "any code")
                ? step.choose("backup code", backupCodes)
                : step.choose("own code", kept);
        return step.oneIn(2, "spelling") ? code : code.toLowerCase(Locale.ROOT).replace('0', 'o');
    }

    void signIn(ModelStep step) {
        signIn(step, client(step));
    }

    private Optional<Begun> signIn(ModelStep step, Client client) {
        UserId user = step.user();
        SignIn signIn = account(user).signIn(now(), client);
        return call(
                        step,
                        user,
                        node -> node.signInRequirement(user, client.browser()),
                        account -> account.signInRequirement(now(), client))
                .flatMap(requirement -> {
                    if (requirement instanceof CodeRequired code) {
                        Challenge carried = Challenge.of(code.challenge().value());
                        challenges.add(new Begun(carried, signIn));
                        return Optional.of(challenges.get(challenges.size() - 1));
                    }
                    keep(user, ((NoCodeRequired) requirement).stamp());
                    return Optional.empty();
                });
    }

    /** A fresh challenge, or any that was ever given to anybody. */
    private Optional<Begun> challenge(ModelStep step) {
        if (step.oneIn(7, "any challenge") && !challenges.isEmpty()) {
            int back = step.choose("challenge", List.of(0, 0, 0, 1, 2, 5, 20));
            return Optional.of(challenges.get(Math.max(0, challenges.size() - 1 - back)));
        }
        ModelStep before = step.alone();
        return signIn(before, client(step)).or(() -> signIn(before, KEEPS_NOTHING));
    }

    void verify(ModelStep step) {
        verify(step, app(step.user(), step).map(app -> code(app, step)).orElse("123456"));
    }

    void verifyUsed(ModelStep step) {
        verify(
                step,
                app(step.user(), step)
                        .map(app -> app.phone().code(Math.max(0, app.used() - step.choose("back", 3))))
                        .orElse("123456"));
    }

    void verifyWrong(ModelStep step) {
        verify(step, wrongCode(step));
    }

    void verifyOfAnother(ModelStep step) {
        UserId another = USERS.get((USERS.indexOf(step.user()) + 1) % USERS.size());
        verify(step, app(another, step).map(app -> code(app, step)).orElse("123456"));
    }

    void verifyMalformed(ModelStep step) {
        String misspelled = singleUseCode(step).replace('3', '4').replace('7', '8');
        verify(step, step.oneIn(3, "misspelled") ? misspelled : noCode(step));
    }

    void verifyBackupCode(ModelStep step) {
        verify(step, singleUseCode(step));
    }

    void verifyTemporaryCode(ModelStep step) {
        verify(step, temporaryCode(step));
    }

    /** The newest code of the user, good or not, or any that was ever issued to anybody. */
    private String temporaryCode(ModelStep step) {
        return temporaryCodes.stream()
                .filter(issued -> issued.user().equals(step.user()) && !step.oneIn(4, "any code"))
                .reduce((earlier, later) -> later)
                .orElse(step.choose("temporary code", temporaryCodes))
                .code();
    }

    /** With a challenge that opens nothing, where the user has 2FA off. */
    private void verify(ModelStep step, @Nullable String code) {
        ModelTyped typed = ModelTyped.of(code, codesInTheWorld);
        challenge(step)
                .ifPresentOrElse(
                        begun -> verify(step, begun, typed, node -> node.verify(begun.challenge(), code)),
                        () -> verifyWithoutChallenge(step, typed, code));
    }

    private void verifyWithoutChallenge(ModelStep step, ModelTyped typed, @Nullable String code) {
        Object expected = typed.isMalformed() ? new Malformed() : new SignInAgain();
        call(step, step.user(), node -> node.verify(Challenge.of(null), code), account -> expected);
    }

    private void verify(ModelStep step, Begun begun, ModelTyped typed, Function<TwoFactor, VerificationResult> call) {
        SignIn signIn = begun.signIn();
        keepProof(call(
                step,
                signIn.user(),
                call,
                account -> typed.isMalformed() ? new Malformed() : account.verify(now(), signIn, typed)));
    }

    private void keepProof(Optional<VerificationResult> result) {
        result.ifPresent(answer -> {
            if (answer instanceof Verified proof) {
                keep(proof);
            }
        });
    }

    private interface TwoCodes {
        void typed(String first, String second);
    }

    private void twoCodes(ModelStep step, TwoCodes codes) {
        App app = app(step.user(), step).orElse(null);
        if (app != null) {
            Phone phone = app.phone();
            long from = app.isToken() ? app.used() + 1 : app.shows(now());
            List<Integer> far =
                    app.isToken() ? List.of(0, 8, 97, 98, 99, 3) : List.of(0, 1, 7, -9, 18, 19, 20, -21, -20);
            long position = Math.max(0, from + step.choose("far", far));
            String second = phone.code(position + step.choose("next", List.of(1, 1, 1, 1, 1, 1, 0, 2)));
            codes.typed(phone.code(position), step.oneIn(12, "second") ? "no code" : second);
        }
    }

    void verifyTwoCodes(ModelStep step) {
        twoCodes(step, (first, second) -> {
            ModelTyped typed = ModelTyped.pair(first, second, codesInTheWorld);
            challenge(step)
                    .ifPresent(
                            begun -> verify(step, begun, typed, node -> node.verify(begun.challenge(), first, second)));
        });
    }

    // --- A session ---

    private interface WithStamp {
        void call(Stamp stamp);
    }

    /** The newest stamp that is current, or any that was ever given to that user. */
    private void withStamp(ModelStep step, WithStamp call) {
        List<Stamp> own = stamps.stream()
                .filter(stamp -> stamp.user().equals(step.user()))
                .toList();
        Stamp any = step.choose("stamp", own);
        Stamp current = own.stream()
                .filter(stamp -> account(step.user()).isCurrent(now(), stamp.basis()))
                .reduce(any, (earlier, later) -> later);
        call.call(step.oneIn(6, "any stamp") ? any : current);
    }

    private void stepUp(ModelStep step, @Nullable String code) {
        ModelTyped typed = ModelTyped.of(code, codesInTheWorld);
        withStamp(step, stamp -> stepUp(step, stamp, typed, node -> node.stepUp(step.user(), stamp.stamp(), code)));
    }

    private void stepUp(ModelStep step, Stamp stamp, ModelTyped typed, Function<TwoFactor, VerificationResult> call) {
        keepProof(call(
                step,
                step.user(),
                call,
                account -> typed.isMalformed()
                        ? new Malformed()
                        : account.stepUp(now(), stamp.basis(), typed, KEEPS_NOTHING)));
    }

    void stepUp(ModelStep step) {
        stepUp(step, app(step.user(), step).map(app -> code(app, step)).orElse("123456"));
    }

    void stepUpWrong(ModelStep step) {
        stepUp(step, step.oneIn(8, "no code") ? noCode(step) : wrongCode(step));
    }

    void stepUpWithSingleUseCode(ModelStep step) {
        stepUp(step, step.oneIn(3, "temporary") ? temporaryCode(step) : singleUseCode(step));
    }

    void stepUpWithTwoCodes(ModelStep step) {
        twoCodes(step, (first, second) -> {
            ModelTyped typed = ModelTyped.pair(first, second, codesInTheWorld);
            withStamp(
                    step,
                    stamp ->
                            stepUp(step, stamp, typed, node -> node.stepUp(step.user(), stamp.stamp(), first, second)));
        });
    }

    void isCurrent(ModelStep step) {
        List<Stamp> own = stamps.stream()
                .filter(stamp -> stamp.user().equals(step.user()))
                .toList();
        Stamp any = step.choose("stamp", own);
        TrustStamp carried = TrustStamp.of(any.stamp().value());
        call(
                step,
                step.user(),
                node -> node.isCurrent(step.user(), carried),
                account -> account.isCurrent(now(), any.basis()));
    }

    // --- With a proof ---

    private interface WithProof {
        void call(UserId user, Proof proof);
    }

    /** The newest proof of the user, or any that was ever given to anybody. */
    private void withProof(ModelStep step, WithProof call) {
        List<Proof> own = proofs.stream()
                .filter(proof -> proof.verified().user().equals(step.user()))
                .toList();
        if (!own.isEmpty()) {
            Proof proof = step.oneIn(6, "any proof") ? step.choose("proof", proofs) : own.get(own.size() - 1);
            call.call(proof.verified().user(), proof);
        }
    }

    void rememberBrowser(ModelStep step) {
        withProof(
                step,
                (user, proof) -> call(
                        step,
                        user,
                        node -> done(() -> node.rememberBrowser(proof.verified())),
                        account -> account.rememberBrowser(now(), proof)));
    }

    void regenerate(ModelStep step) {
        withProof(
                step,
                (user, proof) -> call(
                                step,
                                user,
                                node -> node.regenerateBackupCodes(proof.verified()),
                                account -> account.regenerateBackupCodes(now(), proof))
                        .ifPresent(regenerated -> {
                            read(user, regenerated.codes());
                            keep(regenerated.proof());
                        }));
    }

    void removeAuthenticator(ModelStep step) {
        withProof(step, (user, proof) -> {
            AuthenticatorId id = step.oneIn(5, "any id")
                    ? step.choose("id", authenticators)
                    : app(user, step).map(App::id).orElse(authenticators.get(0));
            call(
                            step,
                            user,
                            node -> node.removeAuthenticator(proof.verified(), id),
                            account -> account.removeAuthenticator(now(), proof, id))
                    .ifPresent(this::keep);
        });
    }

    void disable(ModelStep step) {
        withProof(
                step,
                (user, proof) -> call(
                                step,
                                user,
                                node -> node.disable(proof.verified()),
                                account -> account.disable(now(), proof))
                        .ifPresent(stamp -> keep(user, stamp)));
    }

    void seal(ModelStep step) {
        withProof(
                step,
                (user, proof) -> call(
                        step,
                        user,
                        node -> done(() -> sealed.add(new Sealed(node.seal(proof.verified()), proof))),
                        account -> account.seal(now(), proof)));
    }

    void unseal(ModelStep step) {
        if (!sealed.isEmpty()) {
            Sealed one = sealed.get(Math.max(0, sealed.size() - 1 - step.choose("sealed", 4)));
            Proof proof = one.proof();
            boolean own = proof.verified().user().equals(step.user());
            call(
                            step,
                            step.user(),
                            node -> node.unseal(step.user(), one.text()),
                            account -> own && account.isInTime(proof, now())
                                    ? Optional.of(withoutToken(proof.verified()))
                                    : Optional.empty())
                    .flatMap(unsealed -> unsealed)
                    .ifPresent(unsealed -> proofs.add(new Proof(unsealed, proof.record(), proof.basis())));
        }
    }

    private static Object withoutToken(Verified proof) {
        return new ModelAnswer.Proved(
                proof.user(),
                proof.at(),
                proof.method(),
                proof.authenticator(),
                proof.backupCodesLeft(),
                proof.stamp().browser());
    }

    // --- Lowering trust, operators ---

    void forgetBrowser(ModelStep step) {
        UserId user = step.user();
        List<Known> own = account(user).browsers();
        BrowserId id = own.isEmpty() || step.oneIn(3, "any id")
                ? step.choose("id", browsers)
                : Objects.requireNonNull(step.choose("own", own).id());
        call(step, user, node -> done(() -> node.forgetBrowser(user, id)), account -> account.forgetBrowser(now(), id));
    }

    void endTrust(ModelStep step) {
        UserId user = step.user();
        call(step, user, node -> node.endTrust(user), account -> account.endTrust(now()))
                .ifPresent(stamp -> keep(user, stamp));
    }

    void endTrustOfASession(ModelStep step) {
        UserId user = step.user();
        withStamp(
                step,
                stamp -> call(
                                step,
                                user,
                                node -> node.endTrust(user, stamp.stamp()),
                                account -> account.endTrust(now(), stamp.basis()))
                        .flatMap(ended -> ended)
                        .ifPresent(ended -> keep(user, ended)));
    }

    void endTrustWithProof(ModelStep step) {
        withProof(
                step,
                (user, proof) -> call(
                                step,
                                user,
                                node -> node.endTrust(proof.verified()),
                                account -> account.endTrust(now(), proof))
                        .ifPresent(this::keep));
    }

    void issueTemporaryCode(ModelStep step) {
        UserId user = step.user();
        Duration lifetime =
                step.choose("lifetime", List.of(Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofHours(24)));
        call(
                        step,
                        user,
                        node -> node.operator("support").issueTemporaryCode(user, lifetime, "phone in repair"),
                        account -> account.issueTemporaryCode(now(), lifetime))
                .ifPresent(code -> {
                    account(user).read(code);
                    temporaryCodes.add(new Issued(user, code.value()));
                    codesInTheWorld.add(code.value().replace("-", ""));
                });
    }

    private void operate(ModelStep step, Function<Operator, Runnable> call, Function<ModelAccount, Object> rule) {
        call(step, step.user(), node -> done(call.apply(node.operator("support"))), rule);
    }

    void unlock(ModelStep step) {
        operate(step, operator -> () -> operator.unlock(step.user(), "by telephone"), account -> account.unlock(now()));
    }

    void reset(ModelStep step) {
        operate(
                step,
                operator -> () -> operator.resetWithoutProof(step.user(), "lost everything"),
                ModelAccount::resetWithoutProof);
    }

    void acceptRestoredRecord(ModelStep step) {
        operate(
                step,
                operator -> () -> operator.acceptRestoredRecord(step.user(), "after a fire"),
                account -> account.acceptRestoredRecord(now()));
    }

    void deleteAccount(ModelStep step) {
        operate(step, operator -> () -> operator.deleteAccount(step.user()), ModelAccount::deleteAccount);
    }

    // --- Several calls, and time ---

    /** The next code of an authenticator, as soon as there is one and it is compared. */
    void signInWithTheNextCode(ModelStep step) {
        waitForALockout(step);
        set(now().plus(STEP));
        app(step.user(), step).ifPresent(app -> verify(step, rightCode(app)));
    }

    private String rightCode(App app) {
        return app.phone().code(app.isToken() ? app.used() + 1 : app.shows(now()));
    }

    void signInFromManyBrowsers(ModelStep step) {
        for (int i = 0; i < 22 && account(step.user()).isEnabled(); i++) {
            String label = "Phone " + i;
            Client client = new Client(List.of(), label, Browser.ofToken(null, label));
            set(now().plus(STEP.multipliedBy(2)));
            ModelStep alone = step.alone();
            signIn(alone, client).ifPresent(begun -> {
                String code = rightCode(account(step.user()).apps().get(0));
                ModelTyped typed = ModelTyped.of(code, codesInTheWorld);
                verify(alone, begun, typed, node -> node.verify(begun.challenge(), code));
            });
        }
    }

    /** Wrong codes, each as soon as one is compared. */
    void failInARow(ModelStep step) {
        int times = step.choose("times", List.of(1, 2, 3, 4, 10, 10, 30, 60));
        for (int i = 0; i < times && account(step.user()).isEnabled(); i++) {
            waitForALockout(step);
            verifyWrong(step);
        }
    }

    void failStepUpsInARow(ModelStep step) {
        int times = step.choose("times", List.of(2, 4, 9, 10, 12));
        for (int i = 0; i < times && account(step.user()).isEnabled(); i++) {
            waitForALockout(step);
            stepUp(step, wrongCode(step));
        }
    }

    /** Short ones always; those that last until another day seldom. */
    private void waitForALockout(ModelStep step) {
        List<Instant> ends = account(step.user()).lockoutEnds(now());
        Instant soon = now().plus(Duration.ofHours(1));
        ends.stream()
                .filter(end -> !end.isAfter(soon) || step.oneIn(6, "wait for days"))
                .reduce((earlier, later) -> later)
                .ifPresent(this::set);
    }

    void timeGoesBy(ModelStep step) {
        set(now().plus(step.choose("pause", PAUSES)));
    }

    /** Just before, at, or just after an instant from which on something differs. */
    void timeHasCome(ModelStep step) {
        List<Instant> deadlines = new ArrayList<>(account(step.user()).deadlines(now()));
        proofs.stream()
                .map(proof -> proof.verified().at().plus(policy.proofLifetime()))
                .forEach(deadlines::add);
        challenges.stream()
                .map(begun -> begun.signIn().issued().plus(Duration.ofMinutes(10)))
                .forEach(deadlines::add);
        deadlines.removeIf(deadline -> !deadline.isAfter(now()));
        if (!deadlines.isEmpty()) {
            set(step.choose("deadline", deadlines).plusMillis(step.choose("millis", 3) - 1));
        }
    }

    void clockGoesBack(ModelStep step) {
        set(now().minus(step.choose("pause", PAUSES)));
    }

    void clockIsRightAgain(ModelStep step) {
        set(latest);
    }

    private void set(Instant instant) {
        world.clock.set(instant);
        latest = instant.isAfter(latest) ? instant : latest;
    }
}
