// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.RecordedLog.Line;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Position;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotVerifiedException;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

@DisplayName("Secrets and codes where they could be read")
class LeakTest {
    private static final UserId USER = UserId.of("user-4711");
    private static final String ACCOUNT_NAME = "alice@acme.example";
    private static final String LABEL = "Alice's phone";
    private static final String BROWSER = "Alice's laptop";
    private static final String REASON = "Alice asked by telephone";
    private static final String OPERATOR = "Olivia from support";

    private final Secrets secrets = new Secrets();

    /** Everything that can happen to an account. All that is secret is added to the list. */
    private final class LifeCycle {
        private static final int BACKUP_CODES = 4;

        /** A budget that is larger than the cap, so that both are reached. */
        private final TwoFactorPolicy policy = TwoFactorPolicy.builder()
                .backupCodes(BACKUP_CODES)
                .strangersBudget(60)
                .build();

        private final byte[] oldKey = secrets.add(bytes("the encryption key of this year.."));
        private final byte[] newKey = secrets.add(bytes("and another one for the next year"));
        private final SteppedClock clock = new SteppedClock(START);
        private final SecureRandom random = repeatable();
        private final Set<Type> happened = EnumSet.noneOf(Type.class);
        private final InMemoryTwoFactorStore store = new InMemoryTwoFactorStore();
        private final TwoFactor twoFactor = over(KeyRing.fromBase64("2026", base64(oldKey)));
        private final Operator operator = twoFactor.operator(OPERATOR);
        private final Browser laptop = Browser.ofToken(null, BROWSER);
        private final EnrollmentRequest request =
                EnrollmentRequest.of(ACCOUNT_NAME).label(LABEL).browser(laptop);

        private TwoFactor over(KeyRing keys) {
            return TwoFactor.builder()
                    .issuer("Acme")
                    .store(store)
                    .encryptionKeys(keys)
                    .policy(policy)
                    .clock(clock)
                    .random(random)
                    .listener(event -> {
                        happened.add(event.type());
                        throw new IllegalStateException("a listener that fails");
                    })
                    .build();
        }

        private static byte[] bytes(String text) {
            return Arrays.copyOf(text.getBytes(UTF_8), 32);
        }

        private static String base64(byte[] key) {
            return Base64.getEncoder().encodeToString(key);
        }

        void run() {
            Phone phone = enroll();
            anotherAuthenticator(phone);
            List<String> codes = backupCodes(phone);
            browsers(phone);
            sessions(phone);
            temporaryCodes();
            locks(phone, codes);
            nonsense();
            trust(phone);
            importing();
            wrongClock();
            rotationAndReset();
        }

        /** Two steps later, because a backup code uses up what the window reaches. */
        private String code(Phone phone) {
            clock.advance(STEP.multipliedBy(2));
            return secrets.add(phone.codeAt(clock.instant()));
        }

        private Challenge challenge(Browser browser) {
            SignInRequirement next = twoFactor.signInRequirement(USER, browser);
            assertThat(next).isInstanceOf(CodeRequired.class);
            return secrets.add(((CodeRequired) next).challenge());
        }

        private VerificationResult verify(Browser browser, String typed) {
            return twoFactor.verify(challenge(browser), typed);
        }

        private Verified prove(Browser browser, String typed) {
            return secrets.add(verify(browser, typed).orElseThrow());
        }

        private Verified prove(Phone phone) {
            return prove(Browser.none(), code(phone));
        }

        private Phone enroll() {
            PendingEnrollment tooLate = secrets.add(twoFactor.beginEnrollment(USER, request));
            clock.advance(Duration.ofMinutes(11));
            twoFactor.confirmEnrollment(tooLate.handle(), secrets.add("123456"));
            PendingEnrollment pending = secrets.add(twoFactor.beginEnrollment(USER, request));
            secrets.add(twoFactor.pendingEnrollment(pending.handle()).orElseThrow());
            Phone phone = Phone.scan(pending);
            twoFactor.confirmEnrollment(pending.handle(), secrets.add(phone.wrongAt(clock.instant())));
            String ofAWrongClock = secrets.add(phone.codeAt(clock.instant().plus(STEP.multipliedBy(6))));
            assertThat(twoFactor.confirmEnrollment(pending.handle(), ofAWrongClock))
                    .isInstanceOf(ClockOff.class);
            Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), code(phone));
            secrets.add(enrolled.proof());
            enrolled.backupCodes().orElseThrow().forEach(secrets::add);
            return phone;
        }

        private void anotherAuthenticator(Phone phone) {
            Verified proof = prove(phone);
            PendingEnrollment pending = secrets.add(twoFactor.addAuthenticator(proof, request));
            Enrolled another = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), code(Phone.scan(pending)));
            secrets.add(another.proof());
            secrets.add(twoFactor.removeAuthenticator(proof, another.authenticator()));
        }

        private List<String> backupCodes(Phone phone) {
            verify(Browser.none(), secrets.add("0000-0000-0000-0000-0000-0000"));
            Regenerated regenerated = twoFactor.regenerateBackupCodes(prove(phone));
            secrets.add(regenerated.proof());
            List<String> codes = regenerated.codes().asList();
            codes.forEach(secrets::add);
            prove(laptop, codes.get(0));
            verify(Browser.none(), codes.get(0));
            return codes;
        }

        private void browsers(Phone phone) {
            Verified proof = prove(laptop, code(phone));
            twoFactor.rememberBrowser(proof);
            BrowserToken token = proof.browserToken().orElseThrow();
            assertThat(twoFactor.signInRequirement(USER, Browser.ofToken(token.value(), BROWSER)))
                    .isInstanceOf(NoCodeRequired.class);
            twoFactor.forgetBrowser(USER, token.browser());
            challenge(Browser.ofToken(token.value(), BROWSER));
            twoFactor.status(USER);
        }

        private void sessions(Phone phone) {
            TrustStamp stamp = prove(phone).stamp();
            assertThat(twoFactor.isCurrent(USER, stamp)).isTrue();
            secrets.add((Verified) twoFactor.stepUp(USER, stamp, code(phone)));
            while (twoFactor.isCurrent(USER, stamp)) {
                String wrong = secrets.add(phone.wrongAt(clock.instant()));
                if (twoFactor.stepUp(USER, stamp, wrong) instanceof LockedOut locked) {
                    clock.set(locked.until().orElseThrow());
                }
            }
            assertThat(twoFactor.stepUp(USER, stamp, code(phone))).isInstanceOf(SignInAgain.class);
        }

        private void temporaryCodes() {
            TemporaryCode code = operator.issueTemporaryCode(USER, Duration.ofHours(1), REASON);
            secrets.add(code.value());
            prove(laptop, code.value());
            verify(laptop, code.value());
        }

        private void locks(Phone phone, List<String> backupCodes) {
            fail(phone, 50);
            verify(Browser.none(), code(phone));
            prove(Browser.none(), backupCodes.get(1));
            for (int i = 0; i < 3; i++) {
                fail(phone, Math.min(4, 10 - 4 * i));
                verify(Browser.none(), code(phone));
            }
            operator.unlock(USER, REASON);
            String right = code(phone);
            prove(Browser.none(), right);
            verify(Browser.none(), right);
        }

        private void fail(Phone phone, int times) {
            clock.advance(STEP.multipliedBy(2));
            for (int failures = 0; failures < times; ) {
                String wrong = secrets.add(phone.wrongAt(clock.instant()));
                if (verify(Browser.none(), wrong) instanceof LockedOut locked) {
                    clock.set(locked.until().orElseThrow());
                } else {
                    failures++;
                }
            }
        }

        /** What people type into the wrong field, and what comes back from a client changed. */
        private void nonsense() {
            verify(Browser.none(), secrets.add("correct horse battery staple"));
            twoFactor.verify(challenge(laptop), secrets.add("hunter3"), secrets.add("hunter4"));
            twoFactor.stepUp(USER, TrustStamp.of(secrets.add("a stamp that was made up")), secrets.add("hunter5"));
            twoFactor.verify(Challenge.of(secrets.add("a challenge that was made up")), "765432");
            twoFactor.confirmEnrollment(
                    EnrollmentHandle.of(secrets.add("a handle that was made up")), secrets.add("hunter2"));
            twoFactor.signInRequirement(
                    USER, Browser.fromHeaders("__Host-sallyport=" + secrets.add("a cookie of somebody else's"), null));
            assertThat(twoFactor.unseal(USER, secrets.add("a parameter that was made up")))
                    .isEmpty();
        }

        private void trust(Phone phone) {
            Verified proof = secrets.add(twoFactor.endTrust(prove(phone)));
            secrets.add(twoFactor.endTrust(USER));
            assertThatThrownBy(() -> twoFactor.disable(proof)).isInstanceOf(StaleProofException.class);
            Verified fresh = prove(phone);
            String sealed = secrets.add(twoFactor.seal(fresh));
            assertThat(twoFactor.unseal(USER, sealed)).isPresent();
            operator.acceptRestoredRecord(USER, REASON);
            secrets.add(twoFactor.disable(prove(phone)));
        }

        private void importing() {
            SharedSecret secret = secrets.add(SharedSecret.generate());
            ExistingAuthenticator existing = ExistingAuthenticator.hotp(secret, HmacAlgorithm.SHA1, 6, 0);
            operator.importWithoutConfirmation(USER, List.of(request.existing(existing)));
            Phone token = Phone.ofSecret(secret.toBase32());
            token.pressIdly(20);
            String first = secrets.add(token.press());
            assertThat(twoFactor.verify(challenge(laptop), first, secrets.add(token.press())))
                    .isInstanceOf(Verified.class);
        }

        private void wrongClock() {
            Instant right = clock.instant();
            clock.advance(Duration.ofDays(30));
            verify(Browser.none(), secrets.add("654321"));
            clock.set(right);
            twoFactor.forgetBrowser(USER, BrowserId.of("0123456789abcdef"));
        }

        private void rotationAndReset() {
            TwoFactor rotated = over(KeyRing.of("2027", new SecretKeySpec(newKey, "AES"))
                    .withPrevious("2026", new SecretKeySpec(oldKey, "AES")));
            clock.advance(Duration.ofDays(500));
            secrets.add(rotated.endTrust(USER));
            assertThatThrownBy(() -> twoFactor.status(USER)).isInstanceOf(UnreadableRecordException.class);
            operator.resetWithoutProof(USER, REASON);
            operator.deleteAccount(USER);
        }
    }

    /** The same ids in each run, so that none of them contains the digits of a code by chance. */
    private static SecureRandom repeatable() {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(42);
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("the test platform has SHA1PRNG", e);
        }
    }

    @Nested
    class Log {

        @Test
        @DisplayName("[45] MISP #10116, authelia #162, KeeperHub #1518, CAS: "
                + "all that is logged in a life cycle, at TRACE")
        void log_ofALifeCycle_showsNoSecretAtAnyLevel() {
            LifeCycle life = new LifeCycle();

            List<Line> lines = RecordedLog.of(life::run);

            assertThat(life.happened).containsExactlyInAnyOrder(Type.values());
            assertThat(lines).isNotEmpty().allSatisfy(line -> secrets.assertNoneIn("a line of the log", line.text()));
        }

        @Test
        void log_ofALifeCycle_showsNoUserDataAtInfoAndAbove() {
            List<Line> lines = RecordedLog.of(new LifeCycle()::run);

            assertThat(lines).extracting(Line::level).contains(Level.ERROR, Level.INFO, Level.DEBUG);
            assertThat(lines)
                    .filteredOn(line -> line.level().toInt() >= Level.INFO.toInt())
                    .allSatisfy(line -> assertThat(line.text())
                            .doesNotContain(USER.value(), ACCOUNT_NAME, LABEL, BROWSER, REASON, OPERATOR));
        }

        @Test
        void log_ofARejectedCode_saysWhy() {
            List<Line> lines = RecordedLog.of(new LifeCycle()::run);

            assertThat(lines).contains(new Line(Level.INFO, "CODE_REJECTED WRONG"));
        }

        @Test
        void log_ofALifeCycle_saysAtDebugWhomItIsAbout() {
            List<Line> lines = RecordedLog.of(new LifeCycle()::run);

            assertThat(lines)
                    .filteredOn(line -> line.level() == Level.DEBUG)
                    .anySatisfy(line -> assertThat(line.text()).contains("UNLOCKED", USER.value(), REASON));
        }

        @Test
        void log_ofANewStoreInMemory_isRecordedAsWell() {
            List<Line> lines = RecordedLog.of(InMemoryTwoFactorStore::new);

            assertThat(lines).anySatisfy(line -> assertThat(line.text()).contains("in memory"));
        }

        @Test
        void log_withAPlantedLeak_isCaught() {
            secrets.add("JBSWY3DPEHPK3PXP");
            Throwable leak = new IllegalStateException("jbswy3dpehpk3pxp");

            List<Line> lines = RecordedLog.of(() -> {
                LoggerFactory.getLogger("planted").trace("the secret is {}", "JBSWY3DPEHPK3PXP");
                LoggerFactory.getLogger("planted").warn("it failed", new RuntimeException(leak));
                System.getLogger("planted").log(System.Logger.Level.TRACE, "the secret is JBSWY3DPEHPK3PXP");
            });

            assertThat(lines)
                    .filteredOn(line -> !secrets.shownBy(line.text()).isEmpty())
                    .hasSize(3);
        }
    }

    @Nested
    class ToString {
        private final SharedSecret secret = secrets.add(SharedSecret.generate());
        private final KeyRing keys = KeyRing.of("2026", new SecretKeySpec(secrets.add(key()), "AES"));
        private final TwoFactor.Builder builder = TwoFactor.builder()
                .issuer("Acme")
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
                .encryptionKeys(keys)
                .clock(new SteppedClock(START));
        private final TwoFactor twoFactor = builder.build();

        private static byte[] key() {
            return Arrays.copyOf("a key that is 32 bytes long.....".getBytes(UTF_8), 32);
        }

        /** One of each public type, made from secrets where it can contain any. */
        private Map<Class<?>, Object> specimens() {
            ExistingAuthenticator existing =
                    ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT).lastUsedStep(0);
            Browser laptop = Browser.ofToken(null, BROWSER);
            EnrollmentRequest request = EnrollmentRequest.of(ACCOUNT_NAME)
                    .label(LABEL)
                    .browser(laptop)
                    .existing(existing);
            PendingEnrollment pending = secrets.add(twoFactor.beginEnrollment(USER, request));
            String code = secrets.add(Phone.scan(pending).codeAt(START));
            Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), code);
            Verified proof = secrets.add(enrolled.proof());
            BackupCodes backupCodes = enrolled.backupCodes().orElseThrow();
            backupCodes.forEach(secrets::add);
            BrowserToken token = proof.browserToken().orElseThrow();
            secrets.add(twoFactor.seal(proof));
            Operator operator = twoFactor.operator(OPERATOR);
            TemporaryCode temporary = operator.issueTemporaryCode(USER, Duration.ofHours(1), REASON);
            secrets.add(temporary.value());
            CodeRequired codeRequired = (CodeRequired) twoFactor.signInRequirement(USER, laptop);
            secrets.add(codeRequired.challenge());
            TwoFactorStatus status = twoFactor.status(USER);
            Position position = new Position(1, 1, 1);
            TwoFactorEvent event = new TwoFactorEvent(
                    Type.CODE_ACCEPTED, USER, START, Map.of(), Optional.of(OPERATOR), Optional.of(position));
            Lock lock = new Lock(Lock.Reason.BACK_OFF, Optional.of(START));
            Reencryption reencryption = Reencryption.of(new InMemoryTwoFactorStore(), keys);
            RecordCheck check = RecordCheck.of(new InMemoryTwoFactorStore(), keys);
            Stream<Object> all = Stream.of(
                    secret,
                    keys,
                    builder,
                    twoFactor,
                    operator,
                    existing,
                    request,
                    laptop,
                    pending,
                    pending.handle(),
                    pending.keyUri(),
                    enrolled,
                    proof,
                    proof.stamp(),
                    enrolled.authenticator(),
                    backupCodes,
                    new Regenerated(backupCodes, proof),
                    token,
                    token.browser(),
                    temporary,
                    codeRequired,
                    codeRequired.challenge(),
                    new NoCodeRequired(proof.stamp(), Optional.of(token.browser())),
                    status,
                    status.authenticators().get(0),
                    status.browsers().get(0),
                    status.state(),
                    status.strangers(),
                    lock,
                    lock.reason(),
                    event,
                    event.type(),
                    position,
                    TwoFactorEvent.Detail.REASON,
                    TwoFactorEvent.Rejection.WRONG,
                    USER,
                    VerificationResult.Method.ONE_TIME_CODE,
                    TwoFactorPolicy.defaults(),
                    TwoFactorPolicy.builder(),
                    new Rejected(),
                    new Malformed(),
                    new ClockOff(STEP),
                    new BeginAgain(),
                    new LockedOut(Optional.of(START)),
                    new SignInAgain(),
                    notVerified(),
                    new AlreadyEnabledException("on"),
                    new StaleProofException("stale"),
                    new MissingRecordException("missing"),
                    new UnreadableRecordException("unreadable", null),
                    Hotp.of(HmacAlgorithm.SHA1, 6),
                    Totp.of(TotpParameters.DEFAULT),
                    TotpParameters.DEFAULT,
                    new Window(1, 1),
                    HmacAlgorithm.SHA1,
                    KeyUri.Type.TOTP,
                    reencryption,
                    reencryption.renew(null, 1),
                    check,
                    check.sample(1),
                    new InMemoryTwoFactorStore(),
                    new MapTwoFactorStore(new ConcurrentHashMap<>()),
                    StoredRecord.of(USER.value(), 1, secret.toBytes()),
                    new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 1, START, START),
                    RecordSummary.State.ENABLED,
                    new StoreException("failed"),
                    new SpoiledRecordException("spoiled"),
                    new UserIdPage(List.of(USER.value()), null));
            Map<Class<?>, Object> byType = new HashMap<>();
            all.forEach(one -> byType.put(one.getClass(), one));
            return byType;
        }

        private NotVerifiedException notVerified() {
            try {
                throw new AssertionError("verified by " + new Rejected().orElseThrow());
            } catch (NotVerifiedException e) {
                return e;
            }
        }

        /** All that there can be an object of. */
        private Set<Class<?>> publicTypes() {
            Set<Class<?>> types = new HashSet<>(PublicTypes.besides(TwoFactor.class));
            types.addAll(PublicTypes.besides(StoredRecord.class));
            types.removeIf(type -> type.isInterface() || Modifier.isAbstract(type.getModifiers()));
            return types;
        }

        @Test
        @DisplayName("Every public type has a specimen: a new type needs a new one")
        void specimens_areOfEveryPublicType() {
            assertThat(publicTypes()).contains(TwoFactor.class, KeyUri.class, StoredRecord.class, Verified.class);
            assertThat(specimens().keySet()).containsExactlyInAnyOrderElementsOf(publicTypes());
        }

        @Test
        @DisplayName("[45] MISP #10116, authelia #162, KeeperHub #1518, CAS: toString of every public type")
        void toString_ofEveryPublicType_showsNoSecret() {
            assertThat(specimens().values())
                    .allSatisfy(one -> secrets.assertNoneIn(one.getClass().getName(), one.toString()));
        }

        @Test
        void toString_ofAPlantedLeak_isCaught() {
            record Careless(SharedSecret secret, String forTyping) {}
            Careless careless = new Careless(secret, secret.toBase32());

            assertThat(secrets.shownBy(careless.toString())).hasSize(1);
        }

        @Test
        void toString_ofEverythingInside_showsNoSecret() {
            specimens();
            Account account = FullAccount.at(Instant.EPOCH);
            for (int i = 0; i < 6; i++) {
                byte[] bytes = new byte[64];
                Arrays.fill(bytes, (byte) i);
                secrets.add(SharedSecret.fromBytes(bytes));
            }

            secrets.assertNoneIn("an account", account.toString());
            secrets.assertNoneIn("a typed code", String.valueOf(TypedCode.parse(secrets.add("123456"))));
        }

        @Test
        @DisplayName("A proof lives in one request: nothing here can be serialized but enums and exceptions")
        void publicTypes_areNotSerializable() {
            assertThat(publicTypes())
                    .filteredOn(type -> !type.isEnum() && !Throwable.class.isAssignableFrom(type))
                    .isNotEmpty()
                    .noneSatisfy(type -> assertThat(type).isAssignableTo(Serializable.class));
        }
    }

    @Nested
    class Exceptions {

        /** The whole trace of what a call throws. */
        private String thrownBy(Callable<?> call) {
            try {
                Object result = call.call();
                throw new AssertionError("nothing was thrown, but answered: " + result);
            } catch (Exception e) {
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace, true));
                return trace.toString();
            }
        }

        @Test
        void exceptions_onSecretsHandedInWrongly_showNothingOfThem() {
            String base32 = secrets.add("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
            String base64 = secrets.add("c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0");
            String token = secrets.add("qk5-vyLDO_aHhSFfVhTFAqoN4LfKzXqQ7aXGMOwVyXY");
            String password = secrets.add("hunter2");
            ExistingAuthenticator existing =
                    ExistingAuthenticator.totp(SharedSecret.fromBase32(base32), TotpParameters.DEFAULT);
            TwoFactor twoFactor = TwoFactor.builder()
                    .issuer("\u00e4".repeat(32))
                    .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
                    .encryptionKeys(KeyRing.generate())
                    .build();
            // All of them are refused, however lenient the readers are.
            List<Callable<?>> calls = List.of(
                    () -> SharedSecret.fromBase32(base32 + "1"),
                    () -> SharedSecret.fromBase32("8" + base32),
                    () -> SharedSecret.fromBase32(base32.repeat(7)),
                    () -> SharedSecret.fromBase32("JBSWY3DP"),
                    () -> SharedSecret.fromBytes(password.getBytes(UTF_8)),
                    () -> KeyUri.parse(base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?secret=" + base32 + "0"),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?secret=" + base32 + "&secret=" + base32 + "AA"),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?digits=" + password + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?period=" + password + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?period=0&secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?algorithm=" + password + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://hotp/Acme:alice?counter=" + password + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://hotp/Acme:alice?secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/" + base32 + "%ZZ?secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/" + base32 + "%FF?secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?secret=" + base32 + "#" + base32),
                    () -> KeyUri.parse("otpauth://" + base32 + "/alice"),
                    () -> KeyUri.totp(base32 + ":", "alice", SharedSecret.generate(), TotpParameters.DEFAULT),
                    () -> KeyRing.fromBase64("2026", base64),
                    () -> KeyRing.fromBase64("2026", base64 + "!"),
                    () -> KeyRing.fromBase64(base64 + " ", base64),
                    () -> KeyRing.of("2026", new SecretKeySpec(password.getBytes(UTF_8), "AES")),
                    () -> KeyRing.generate().withPrevious(base64 + "\n", new SecretKeySpec(new byte[32], "AES")),
                    () -> AuthenticatorId.of(base32),
                    () -> BrowserId.of(token),
                    () -> UserId.of(password + "\0"),
                    () -> EnrollmentRequest.of("alice").label(base32.repeat(5)),
                    () -> EnrollmentRequest.of("alice").label(password + "\ud83d"),
                    () -> TwoFactor.builder().issuer(password + "\n"),
                    () -> TwoFactor.builder().namespace(password + "\n"),
                    () -> twoFactor.operator(password + "\n"),
                    () -> {
                        twoFactor.operator(OPERATOR).unlock(USER, password + "\n");
                        return true;
                    },
                    () -> twoFactor.operator(OPERATOR).issueTemporaryCode(USER, Duration.ofHours(1), password + "\n"),
                    () -> twoFactor.beginEnrollment(
                            USER,
                            EnrollmentRequest.of("\u00e4".repeat(64))
                                    .existing(ExistingAuthenticator.totp(
                                            SharedSecret.fromBase32(base32.repeat(3)), TotpParameters.DEFAULT))),
                    () -> twoFactor
                            .operator(OPERATOR)
                            .importWithoutConfirmation(
                                    USER,
                                    List.of(
                                            EnrollmentRequest.of(password).existing(existing),
                                            EnrollmentRequest.of(password).existing(existing))),
                    () -> StoredRecord.fromBytes(base64.getBytes(UTF_8)),
                    () -> StoredRecord.of(USER.value(), 0, base64.getBytes(UTF_8)));

            List<String> traces = new ArrayList<>();
            for (Callable<?> call : calls) {
                traces.add(thrownBy(call));
            }

            assertThat(traces)
                    .allSatisfy(trace -> assertThat(trace).startsWith(IllegalArgumentException.class.getName()))
                    .allSatisfy(trace -> secrets.assertNoneIn("an exception", trace));
        }

        @Test
        void exception_withAPlantedLeakInItsCause_isCaught() {
            String key = secrets.add("no Base64!");

            String trace = thrownBy(() -> {
                throw new IllegalArgumentException("refused", new IllegalArgumentException("it was " + key));
            });

            assertThat(secrets.shownBy(trace)).isNotEmpty();
        }

        @Test
        void exception_ofADestroyedSecret_showsNothingOfIt() {
            SharedSecret secret = secrets.add(SharedSecret.generate());
            secret.destroy();

            secrets.assertNoneIn("an exception", thrownBy(secret::toBase32));
            secrets.assertNoneIn("a destroyed secret", secret.toString());
        }
    }
}
