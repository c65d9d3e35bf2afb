// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.RecordedLog.Line;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
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
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
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

    private final Secrets secrets = new Secrets();

    /** Everything that can happen to an account, with all that is secret on the list. */
    private final class LifeCycle {
        private static final int BACKUP_CODES = 2;

        private final TwoFactorPolicy policy = TwoFactorPolicy.builder()
                .backupCodes(BACKUP_CODES)
                .backupCodesLow(1)
                .suspendAfter(6)
                .failureBudget(7)
                .build();
        private final byte[] oldKey = secrets.add(bytes("the encryption key of this year.."));
        private final byte[] newKey = secrets.add(bytes("and another one for the next year"));
        private final SteppedClock clock = new SteppedClock(START);
        private final Set<Type> happened = EnumSet.noneOf(Type.class);
        private final InMemoryTwoFactorStore store = new InMemoryTwoFactorStore();
        private final TwoFactor twoFactor = over(KeyRing.fromBase64("2026", base64(oldKey)));
        private final EnrollmentRequest request =
                EnrollmentRequest.of(ACCOUNT_NAME).label(LABEL);

        private TwoFactor over(KeyRing keys) {
            return TwoFactor.builder()
                    .issuer("Acme")
                    .store(store)
                    .encryptionKeys(keys)
                    .policy(policy)
                    .clock(clock)
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
            locks(phone);
            backupCodes(phone);
            browsers(phone);
            nonsense();
            proofs(phone);
            importing();
            resetAndRotation();
        }

        private String code(Phone phone) {
            clock.advance(STEP);
            return secrets.add(phone.codeAt(clock.instant()));
        }

        private Verified prove(Phone phone) {
            return (Verified) twoFactor.verify(USER, code(phone));
        }

        private Phone enroll() {
            secrets.add(twoFactor.beginEnrollment(USER, request));
            twoFactor.cancelEnrollment(USER);
            twoFactor.beginEnrollment(USER, request);
            clock.advance(Duration.ofMinutes(11));
            twoFactor.confirmEnrollment(USER, secrets.add("123456"));
            PendingEnrollment pending = secrets.add(twoFactor.beginEnrollment(USER, request));
            twoFactor.pendingEnrollment(USER);
            Phone phone = Phone.scan(pending);
            twoFactor.confirmEnrollment(USER, secrets.add(phone.wrongAt(clock.instant())));
            Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(USER, code(phone));
            enrolled.backupCodes().orElseThrow().forEach(secrets::add);
            return phone;
        }

        private void anotherAuthenticator(Phone phone) {
            Verified proof = prove(phone);
            PendingEnrollment pending = secrets.add(twoFactor.beginEnrollment(proof, request));
            twoFactor.pendingEnrollment(proof);
            Enrolled another = (Enrolled) twoFactor.confirmEnrollment(USER, code(Phone.scan(pending)));
            twoFactor.removeAuthenticator(proof, another.authenticator());
        }

        private void locks(Phone phone) {
            fail(phone, 6);
            twoFactor.verify(USER, code(phone));
            twoFactor.unlock(USER, REASON);
            fail(phone, 4);
            prove(phone);
            fail(phone, 3);
            twoFactor.verify(USER, code(phone));
            twoFactor.unlock(USER, REASON);
            String right = code(phone);
            twoFactor.verify(USER, right);
            twoFactor.verify(USER, right);
        }

        private void fail(Phone phone, int times) {
            for (int failures = 0; failures < times; ) {
                String wrong = secrets.add(phone.wrongAt(clock.instant()));
                if (twoFactor.verify(USER, wrong) instanceof LockedOut locked) {
                    clock.set(locked.until());
                } else {
                    failures++;
                }
            }
        }

        private void backupCodes(Phone phone) {
            twoFactor.verify(USER, secrets.add("0123-4567-89AB-CDEF"));
            List<String> codes = twoFactor.regenerateBackupCodes(prove(phone)).asList();
            codes.forEach(secrets::add);
            twoFactor.verify(USER, codes.get(0));
            twoFactor.verify(USER, codes.get(0));
        }

        private void browsers(Phone phone) {
            BrowserToken token = twoFactor.rememberBrowser(prove(phone), BROWSER);
            twoFactor.signInRequirement(USER, secrets.add(token.value()));
            twoFactor.forgetBrowser(USER, token.browser());
            BrowserToken other = twoFactor.rememberBrowser(prove(phone), BROWSER);
            secrets.add(other.value());
            twoFactor.forgetBrowsers(USER);
            twoFactor.signInRequirement(USER, other.value());
            twoFactor.status(USER);
        }

        /** What people type into the wrong field. */
        private void nonsense() {
            twoFactor.verify(USER, secrets.add("correct horse battery staple"));
            twoFactor.confirmEnrollment(USER, secrets.add("hunter2"));
            twoFactor.resynchronize(USER, secrets.add("hunter3"), secrets.add("hunter4"));
            twoFactor.signInRequirement(USER, secrets.add("a cookie of somebody else's"));
            assertThat(twoFactor.unseal(USER, secrets.add("a parameter that was made up")))
                    .isEmpty();
        }

        private void proofs(Phone phone) {
            Verified proof = prove(phone);
            String sealed = secrets.add(twoFactor.seal(proof));
            assertThat(twoFactor.unseal(USER, sealed)).isPresent();
            twoFactor.disable(proof);
            assertThatThrownBy(() -> twoFactor.disable(proof)).isInstanceOf(StaleProofException.class);
        }

        private void importing() {
            SharedSecret secret = secrets.add(SharedSecret.generate());
            AuthenticatorSeed seed = AuthenticatorSeed.hotp(secret, HmacAlgorithm.SHA1, 6, 0);
            twoFactor.importWithoutConfirmation(USER, request.seed(seed));
            Phone token = Phone.ofSecret(secret.toBase32());
            token.pressIdly(20);
            twoFactor.resynchronize(USER, secrets.add(token.press()), secrets.add(token.press()));
        }

        private void resetAndRotation() {
            TwoFactor rotated = over(KeyRing.of("2027", new SecretKeySpec(newKey, "AES"))
                    .withPrevious("2026", new SecretKeySpec(oldKey, "AES")));
            clock.advance(Duration.ofDays(500));
            rotated.verify(USER, secrets.add("654321"));
            assertThatThrownBy(() -> twoFactor.status(USER)).isInstanceOf(UnreadableRecordException.class);
            twoFactor.resetWithoutProof(USER, REASON);
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
                    .allSatisfy(line ->
                            assertThat(line.text()).doesNotContain(USER.value(), ACCOUNT_NAME, LABEL, BROWSER, REASON));
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

        /** One of each public type, made from secrets where it can hold any. */
        private Map<Class<?>, Object> specimens() {
            AuthenticatorSeed seed = AuthenticatorSeed.totp(secret, TotpParameters.DEFAULT);
            EnrollmentRequest request =
                    EnrollmentRequest.of(ACCOUNT_NAME).label(LABEL).seed(seed);
            PendingEnrollment pending = secrets.add(twoFactor.beginEnrollment(USER, request));
            String code = secrets.add(Phone.scan(pending).codeAt(START));
            Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(USER, code);
            BackupCodes backupCodes = enrolled.backupCodes().orElseThrow();
            backupCodes.forEach(secrets::add);
            BrowserToken token = twoFactor.rememberBrowser(enrolled.proof(), BROWSER);
            secrets.add(token.value());
            secrets.add(twoFactor.seal(enrolled.proof()));
            TwoFactorStatus status = twoFactor.status(USER);
            TwoFactorEvent event = new TwoFactorEvent(Type.CODE_ACCEPTED, USER, START, Map.of());
            Reencryption reencryption = Reencryption.of(new InMemoryTwoFactorStore(), keys);
            Stream<Object> all = Stream.of(
                    secret,
                    keys,
                    builder,
                    twoFactor,
                    seed,
                    request,
                    pending,
                    pending.keyUri(),
                    enrolled,
                    enrolled.proof(),
                    enrolled.authenticator(),
                    backupCodes,
                    token,
                    token.browser(),
                    status,
                    status.authenticators().get(0),
                    status.browsers().get(0),
                    status.state(),
                    event,
                    event.type(),
                    TwoFactorEvent.Detail.REASON,
                    TwoFactorEvent.Rejection.WRONG,
                    USER,
                    LockReason.BACK_OFF,
                    VerificationMethod.ONE_TIME_CODE,
                    TwoFactorPolicy.defaults(),
                    TwoFactorPolicy.builder(),
                    new EnrollmentResult.Rejected(),
                    new EnrollmentResult.Expired(),
                    new EnrollmentResult.NotPending(),
                    new VerificationResult.Rejected(),
                    new LockedOut(START),
                    new VerificationResult.Suspended(),
                    new VerificationResult.NotEnrolled(),
                    new SignInRequirement.CodeRequired(),
                    new SignInRequirement.RememberedBrowser(token.browser()),
                    new SignInRequirement.NotEnrolled(),
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
                    new InMemoryTwoFactorStore(),
                    new MapTwoFactorStore(new ConcurrentHashMap<>()),
                    StoredRecord.of(USER.value(), 1, secret.toBytes()),
                    new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 1, START, START),
                    RecordSummary.State.ENABLED,
                    new StoreException("failed"),
                    new UserIdPage(List.of(USER.value()), null));
            Map<Class<?>, Object> byType = new HashMap<>();
            all.forEach(one -> byType.put(one.getClass(), one));
            return byType;
        }

        /** All that there can be an object of. */
        private Set<Class<?>> publicTypes() {
            Set<Class<?>> types = new HashSet<>(PublicTypes.besides(TwoFactor.class));
            types.addAll(PublicTypes.besides(StoredRecord.class));
            types.removeIf(type -> type.isInterface() || Modifier.isAbstract(type.getModifiers()));
            return types;
        }

        @Test
        @DisplayName("Every public type has a specimen; who adds a type adds one")
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
            TwoFactor twoFactor = TwoFactor.builder()
                    .issuer("\u00e4".repeat(32))
                    .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
                    .encryptionKeys(KeyRing.generate())
                    .build();
            List<Callable<?>> calls = List.of(
                    () -> SharedSecret.fromBase32(base32 + "1"),
                    () -> SharedSecret.fromBase32(base32 + "A"),
                    () -> SharedSecret.fromBase32(base32.repeat(4)),
                    () -> SharedSecret.fromBase32("JBSWY3DP"),
                    () -> SharedSecret.fromBytes(password.getBytes(UTF_8)),
                    () -> KeyUri.parse(base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?secret=" + base32 + "0"),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?secret=" + base32 + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?digits=" + password + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?period=" + password + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?period=0&secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?algorithm=" + password + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://hotp/Acme:alice?counter=" + password + "&secret=" + base32),
                    () -> KeyUri.parse("otpauth://hotp/Acme:alice?secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/" + base32 + "%ZZ?secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/" + base32 + "%FF?secret=" + base32),
                    () -> KeyUri.parse("otpauth://totp/Acme:alice?secret=" + base32 + "#" + base32),
                    () -> KeyUri.parse("otpauth://totp/:" + base32 + ":" + "?secret=" + base32),
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
                    () -> EnrollmentRequest.of(password + "\n"),
                    () -> EnrollmentRequest.of("alice").label(base32.repeat(5)),
                    () -> EnrollmentRequest.of("alice").label(password + "\ud83d"),
                    () -> TwoFactor.builder().issuer(password + "\n"),
                    () -> {
                        twoFactor.unlock(USER, password + "\n");
                        return true;
                    },
                    () -> twoFactor.beginEnrollment(
                            USER,
                            EnrollmentRequest.of("\u00e4".repeat(64))
                                    .seed(AuthenticatorSeed.totp(
                                            SharedSecret.fromBase32(base32.repeat(3)), TotpParameters.DEFAULT))),
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
