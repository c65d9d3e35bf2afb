// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.storage.StoredRecord;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody can do who has the store and not the key. */
class SealedRecordTest {
    private final World world = new World(FailingApplication.POLICY);

    private StoredRecord row(UserId user) {
        return world.store.find(user.value()).orElseThrow();
    }

    private static void put(World world, StoredRecord row) {
        world.rows.put(row.userId(), Base64.getEncoder().encodeToString(row.toBytes()));
    }

    private void put(StoredRecord row) {
        put(world, row);
    }

    private static StoredRecord with(StoredRecord row, byte[] payload) {
        return StoredRecord.of(row.userId(), row.version(), payload);
    }

    private void assertUnreadable(StoredRecord row) {
        put(row);
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> world.twoFactor.signInRequirement(UserId.of(row.userId()), Browser.none()));
        assertThat(row(UserId.of(row.userId()))).isEqualTo(row);
    }

    @Nested
    class EditedByHand {

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 27, 28, 29, 1000, StoredRecord.MAX_PAYLOAD_BYTES})
        void record_ofZeros_isUnreadable(int length) {
            assertUnreadable(StoredRecord.of("42", 1, new byte[length]));
        }

        @Test
        void record_ofAFormatToCome_isUnreadableAndSaysSo() {
            world.enroll();
            byte[] payload = row(ALICE).payload();
            payload[0] = 2;
            put(with(row(ALICE), payload));

            assertThatExceptionOfType(UnreadableRecordException.class)
                    .isThrownBy(() -> world.twoFactor.status(ALICE))
                    .withMessageContaining("a format that this release does not know");
        }

        @Test
        void record_withoutAKeyId_isUnreadable() {
            byte[] payload = new byte[100];
            payload[0] = 1;

            assertUnreadable(StoredRecord.of("42", 1, payload));
        }

        @Test
        void record_whoseKeyIdIsLongerThanTheRecord_isUnreadable() {
            byte[] payload = new byte[100];
            payload[0] = 1;
            payload[1] = (byte) 255;

            assertUnreadable(StoredRecord.of("42", 1, payload));
        }

        @Test
        void record_whoseKeyIdIsNoKeyId_isUnreadableInOneLine() {
            byte[] payload = new byte[100];
            payload[0] = 1;
            byte[] keyId = "2026\nINFO all is well".getBytes(UTF_8);
            payload[1] = (byte) keyId.length;
            System.arraycopy(keyId, 0, payload, 2, keyId.length);
            put(StoredRecord.of("42", 1, payload));

            assertThatExceptionOfType(UnreadableRecordException.class)
                    .isThrownBy(() -> world.twoFactor.status(ALICE))
                    .withMessageMatching("[ -~]*");
        }

        @Test
        void record_withOneFlippedBit_isUnreadable() {
            world.enroll();
            StoredRecord row = row(ALICE);
            byte[] payload = row.payload();

            for (int bit = 0; bit < payload.length * Byte.SIZE; bit++) {
                byte[] changed = payload.clone();
                changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                assertUnreadable(with(row, changed));
            }
        }

        @Test
        void record_cutOffAnywhereOrLonger_isUnreadable() {
            world.enroll();
            StoredRecord row = row(ALICE);

            for (int length = 1; length < row.payload().length; length++) {
                assertUnreadable(with(row, Arrays.copyOf(row.payload(), length)));
            }
            assertUnreadable(with(row, Arrays.copyOf(row.payload(), row.payload().length + 1)));
        }

        @Test
        void record_unchanged_opens() {
            Phone phone = world.enroll().phone();
            put(row(ALICE));

            assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }
    }

    @Nested
    class MovedByHand {

        @Test
        void record_ofAnIdThatDiffersInCase_isUnreadable() {
            world.enroll(UserId.of("alice"));
            StoredRecord lower = row(UserId.of("alice"));

            assertUnreadable(StoredRecord.of("Alice", lower.version(), lower.payload()));
        }

        @Test
        void record_ofAnotherUser_isUnreadable() {
            world.enroll(BOB);
            StoredRecord bobs = row(BOB);

            assertUnreadable(StoredRecord.of(ALICE.value(), bobs.version(), bobs.payload()));
        }

        @Test
        void record_underAnotherVersion_isUnreadable() {
            world.enroll();
            StoredRecord row = row(ALICE);

            for (int bit = 0; bit < Long.SIZE - 1; bit++) {
                assertUnreadable(StoredRecord.of(ALICE.value(), row.version() ^ (1L << bit), row.payload()));
            }
            put(row);
            assertThat(world.twoFactor.status(ALICE).state()).isEqualTo(State.ENABLED);
        }

        @Test
        void payload_ofAnEarlierRecord_isUnreadableInALaterOne() {
            Owner owner = world.enroll();
            StoredRecord earlier = row(ALICE);
            world.twoFactor.disable(owner.proof());
            world.enroll();

            assertUnreadable(with(row(ALICE), earlier.payload()));
        }

        /** No encryption can show it. A version witness does: see {@link VersionWitnessTest}. */
        @Test
        @DisplayName("Not prevented: a whole earlier row put back opens, and its next code passes again")
        void record_wholeEarlierRowPutBack_opens() {
            Phone phone = world.enroll().phone();
            StoredRecord earlier = row(ALICE);
            String code = phone.codeAt(world.now());
            world.prove(phone);
            assertThat(world.verify(code)).isEqualTo(new Rejected());

            put(earlier);

            assertThat(world.verify(code)).isInstanceOf(Verified.class);
        }
    }

    @Nested
    class UnreadableRecords {

        /** Where there was no record before the call, there is one now. */
        private StoredRecord spoil(World in) {
            StoredRecord row =
                    in.store.find(ALICE.value()).orElseGet(() -> StoredRecord.of(ALICE.value(), 1, new byte[] {1}));
            byte[] payload = row.payload();
            payload[payload.length - 1] ^= 1;
            StoredRecord spoiled = with(row, payload);
            put(in, spoiled);
            return spoiled;
        }

        @ParameterizedTest
        @EnumSource(
                mode = EnumSource.Mode.EXCLUDE,
                names = {"IS_CURRENT", "RESET_WITHOUT_PROOF", "DELETE_ACCOUNT"})
        void call_onAnUnreadableRecord_throwsAndLeavesItAsItIs(StoreCall call) {
            FailingApplication app = new FailingApplication();
            StoreCall.Attempt attempt = call.prepare(app);
            StoredRecord spoiled = spoil(app.world);
            int eventsBefore = app.world.events.size();

            assertThatExceptionOfType(UnreadableRecordException.class)
                    .isThrownBy(() -> attempt.call().run());

            assertThat(app.world.store.find(ALICE.value())).contains(spoiled);
            assertThat(app.world.events).hasSize(eventsBefore);
        }

        @Test
        void isCurrent_onAnUnreadableRecord_isFalse() {
            TrustStamp stamp = world.enroll().proof().stamp();
            StoredRecord spoiled = spoil(world);

            assertThat(world.twoFactor.isCurrent(ALICE, stamp)).isFalse();
            assertThat(row(ALICE)).isEqualTo(spoiled);
        }

        @Test
        void deleteAccount_onAnUnreadableRecord_erasesIt() {
            world.enroll();
            spoil(world);

            world.twoFactor.operator("support").deleteAccount(ALICE);

            assertThat(world.rows).isEmpty();
        }

        @Test
        void reset_onAnUnreadableRecord_endsIt() {
            world.enroll();
            spoil(world);

            world.twoFactor.operator("support").resetWithoutProof(ALICE, "the key was lost");

            assertThat(world.lastEvent().type()).isEqualTo(Type.RESET);
            assertThat(world.twoFactor.status(ALICE).state()).isEqualTo(State.OFF);
            assertThat(world.verify(world.enroll().phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }
    }

    @Nested
    @DisplayName("ovumcy #708, blot #1856: a lost key looked like a wrong code")
    class Keys {
        private static SecretKey key(int number) {
            byte[] bytes = new byte[32];
            bytes[0] = (byte) number;
            return new SecretKeySpec(bytes, "AES");
        }

        private TwoFactor with(KeyRing keys) {
            return world.node()
                    .policy(FailingApplication.POLICY)
                    .encryptionKeys(keys)
                    .build();
        }

        private VerificationResult verify(TwoFactor twoFactor, String typed) {
            SignInRequirement requirement = twoFactor.signInRequirement(ALICE, Browser.none());
            return twoFactor.verify(((SignInRequirement.CodeRequired) requirement).challenge(), typed);
        }

        /** Enrolls Alice under the key of 2025. */
        private Phone enrollIn2025() {
            TwoFactor twoFactor = with(KeyRing.of("2025", key(1)));
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
            Phone phone = Phone.scan(pending);
            twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now()));
            world.clock.advance(STEP);
            world.events.clear();
            return phone;
        }

        @Test
        void record_underAKeyThatTheRingDoesNotHave_isUnreadableAndNamesTheKey() {
            enrollIn2025();
            TwoFactor twoFactor = with(KeyRing.of("2026", key(2)));

            assertThatThrownBy(() -> twoFactor.signInRequirement(ALICE, Browser.none()))
                    .isInstanceOf(UnreadableRecordException.class)
                    .hasMessageContaining("2025");
            assertThat(world.events).isEmpty();
        }

        @Test
        void record_underAnotherKeyOfTheSameId_isUnreadableAndNamesTheKey() {
            enrollIn2025();
            TwoFactor twoFactor = with(KeyRing.of("2025", key(2)));

            assertThatThrownBy(() -> twoFactor.signInRequirement(ALICE, Browser.none()))
                    .isInstanceOf(UnreadableRecordException.class)
                    .hasMessageContaining("2025");
        }

        @Test
        void record_whoseKeyIdIsReplacedByAnotherOfTheRing_isUnreadable() {
            enrollIn2025();
            StoredRecord row = row(ALICE);
            byte[] payload = row.payload();
            payload[5] = '6';
            put(SealedRecordTest.with(row, payload));
            TwoFactor twoFactor = with(KeyRing.of("2025", key(1)).withPrevious("2026", key(1)));

            assertThatThrownBy(() -> twoFactor.status(ALICE)).isInstanceOf(UnreadableRecordException.class);
        }

        @Test
        void record_underAPreviousKeyInBase64_opens() {
            Phone phone = enrollIn2025();
            String old = Base64.getEncoder().encodeToString(key(1).getEncoded());
            TwoFactor twoFactor = with(KeyRing.of("2026", key(2)).withPreviousBase64("2025", " " + old + "\n"));

            assertThat(verify(twoFactor, phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void record_underAPreviousKey_opens() {
            Phone phone = enrollIn2025();
            TwoFactor twoFactor = with(KeyRing.of("2026", key(2)).withPrevious("2025", key(1)));

            assertThat(verify(twoFactor, phone.codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void write_underAPreviousKey_renewsItOnce() {
            Phone phone = enrollIn2025();
            TwoFactor twoFactor = with(KeyRing.of("2026", key(2)).withPrevious("2025", key(1)));

            verify(twoFactor, phone.wrongAt(world.now()));
            verify(twoFactor, phone.wrongAt(world.now()));

            assertThat(world.eventTypes()).containsExactly(Type.CODE_REJECTED, Type.KEY_RENEWED, Type.CODE_REJECTED);
            assertThat(world.events.get(1).detail(Detail.KEY_ID)).contains("2026");
            assertThat(verify(with(KeyRing.of("2026", key(2))), phone.codeAt(world.now())))
                    .isInstanceOf(Verified.class);
        }

        @Test
        void callsThatOnlyRead_underAPreviousKey_doNotRenewIt() {
            Phone phone = enrollIn2025();
            TwoFactor twoFactor = with(KeyRing.of("2026", key(2)).withPrevious("2025", key(1)));
            StoredRecord before = row(ALICE);

            twoFactor.status(ALICE);
            twoFactor.signInRequirement(ALICE, FIREFOX);
            twoFactor.isCurrent(ALICE, TrustStamp.of("no stamp"));
            verify(twoFactor, "12345");
            verify(twoFactor, "0000-0000-0000-0000-0000-0000");
            // The code that was accepted last, once more.
            verify(twoFactor, phone.codeAt(world.now().minus(STEP)));

            assertThat(row(ALICE)).isEqualTo(before);
            assertThat(world.eventTypes()).doesNotContain(Type.KEY_RENEWED);
        }

        @Test
        void proof_fromBeforeARotation_isStale() {
            Phone phone = enrollIn2025();
            Verified proof = World.proof(verify(with(KeyRing.of("2025", key(1))), phone.codeAt(world.now())));
            TwoFactor twoFactor = with(KeyRing.of("2026", key(2)).withPrevious("2025", key(1)));

            assertThatThrownBy(() -> twoFactor.disable(proof)).isInstanceOf(StaleProofException.class);
        }
    }

    @Nested
    @DisplayName("Abuse case 77: with one key ring and equal ids, a row copied to another tenant signed in")
    class Namespaces {
        private final TwoFactor one = in("tenant-1");
        private final TwoFactor other = in("tenant-2");

        private TwoFactor in(String namespace) {
            return world.node().namespace(namespace).build();
        }

        private Phone enroll(TwoFactor twoFactor) {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
            Phone phone = Phone.scan(pending);
            twoFactor.confirmEnrollment(pending.handle(), phone.codeAt(world.now()));
            world.clock.advance(STEP);
            return phone;
        }

        @Test
        void record_ofAnotherNamespace_isUnreadable() {
            enroll(one);

            assertThat(one.status(ALICE).state()).isEqualTo(State.ENABLED);
            for (TwoFactor reader : List.of(other, world.twoFactor, in("tenant-"), in("tenant-11"))) {
                assertThatExceptionOfType(UnreadableRecordException.class)
                        .isThrownBy(() -> reader.signInRequirement(ALICE, Browser.none()));
            }
        }

        @Test
        void texts_ofAnotherNamespace_areNone() {
            Phone phone = enroll(one);
            Challenge challenge =
                    ((SignInRequirement.CodeRequired) one.signInRequirement(ALICE, Browser.none())).challenge();
            String code = phone.codeAt(world.now());
            EnrollmentHandle handle = one.beginEnrollment(BOB, "bob").handle();
            Verified proof = World.proof(one.verify(challenge, code));

            assertThat(other.verify(challenge, code)).isEqualTo(new VerificationResult.SignInAgain());
            assertThat(other.pendingEnrollment(handle)).isEmpty();
            assertThat(other.unseal(ALICE, one.seal(proof))).isEmpty();
            assertThatThrownBy(() -> other.seal(proof)).isInstanceOf(StaleProofException.class);
            assertThat(other.isCurrent(ALICE, proof.stamp())).isFalse();
            world.rows.clear();
            enroll(other);
            assertThatThrownBy(() -> other.disable(proof)).isInstanceOf(StaleProofException.class);
            assertThat(other.isCurrent(ALICE, proof.stamp())).isFalse();
        }

        @Test
        @DisplayName("The namespace is part of the associated data, and of the derivation of the key")
        void sealed_inOneNamespace_needsItsPlaceAndItsKey() {
            byte[] subject = ALICE.value().getBytes(UTF_8);
            Sealer first = new Sealer(world.keys, "tenant-1", new SecureRandom());
            Sealer second = new Sealer(world.keys, "tenant-2", new SecureRandom());
            byte[] place = first.place(ALICE, 7);
            byte[] sealed = first.keyOf(Sealer.Purpose.RECORD, subject).seal(place, new byte[] {1, 2, 3});

            assertThat(first.keyOf(Sealer.Purpose.RECORD, subject).open(place, sealed))
                    .containsExactly(1, 2, 3);
            assertThatExceptionOfType(UnreadableRecordException.class)
                    .as("the key of the first namespace, in the place of the second")
                    .isThrownBy(
                            () -> first.keyOf(Sealer.Purpose.RECORD, subject).open(second.place(ALICE, 7), sealed));
            assertThatExceptionOfType(UnreadableRecordException.class)
                    .as("the key of the second namespace, in the place of the first")
                    .isThrownBy(
                            () -> second.keyOf(Sealer.Purpose.RECORD, subject).open(place, sealed));
        }

        @Test
        @DisplayName("The user is part of the associated data, and of the derivation of the key")
        void sealed_forOneUser_needsItsPlaceAndItsKey() {
            byte[] alices = ALICE.value().getBytes(UTF_8);
            byte[] bobs = BOB.value().getBytes(UTF_8);
            Sealer sealer = new Sealer(world.keys, "", new SecureRandom());
            byte[] sealed =
                    sealer.keyOf(Sealer.Purpose.RECORD, alices).seal(sealer.place(ALICE, 7), new byte[] {1, 2, 3});

            assertThatExceptionOfType(UnreadableRecordException.class)
                    .as("Alice's key in Bob's place")
                    .isThrownBy(
                            () -> sealer.keyOf(Sealer.Purpose.RECORD, alices).open(sealer.place(BOB, 7), sealed));
            assertThatExceptionOfType(UnreadableRecordException.class)
                    .as("Bob's key in Alice's place")
                    .isThrownBy(() -> sealer.keyOf(Sealer.Purpose.RECORD, bobs).open(sealer.place(ALICE, 7), sealed));
        }

        @ParameterizedTest
        @EnumSource
        void sealed_forOnePurpose_opensForNoOther(Sealer.Purpose purpose) {
            byte[] subject = new byte[16];
            byte[] place = "Acme".getBytes(UTF_8);
            Sealer sealer = new Sealer(world.keys, "", new SecureRandom());
            byte[] sealed = sealer.keyOf(purpose, subject).seal(place, new byte[] {1, 2, 3});

            for (Sealer.Purpose other : Sealer.Purpose.values()) {
                if (other == purpose) {
                    assertThat(sealer.keyOf(other, subject).open(place, sealed)).containsExactly(1, 2, 3);
                } else {
                    assertThatExceptionOfType(UnreadableRecordException.class)
                            .isThrownBy(() -> sealer.keyOf(other, subject).open(place, sealed));
                }
            }
        }

        @Test
        void place_ofNamespaceAndUserThatTogetherReadTheSame_isAnother() {
            Sealer ab = new Sealer(world.keys, "ab", new SecureRandom());
            Sealer a = new Sealer(world.keys, "a", new SecureRandom());

            assertThat(ab.place(UserId.of("c"), 1)).isNotEqualTo(a.place(UserId.of("bc"), 1));
            assertThat(ab.realm("c")).isNotEqualTo(a.realm("bc"));
        }
    }

    @Nested
    class Ciphertext {
        private static final String SECRET = "a secret of 20 bytes";
        private static final int NONCE_BYTES = 12;

        private ExistingAuthenticator existing() {
            return ExistingAuthenticator.totp(
                    SharedSecret.fromBytes(SECRET.getBytes(UTF_8)), FailingApplication.POLICY.totp());
        }

        /** Draws the same bytes for ever, the nonce among them. */
        private SecureRandom constant() {
            return new SecureRandom() {
                private static final long serialVersionUID = 1L;

                @Override
                public void nextBytes(byte[] bytes) {
                    Arrays.fill(bytes, (byte) 7);
                }
            };
        }

        private byte[] encrypted(UserId user, String nonce) {
            byte[] payload = row(user).payload();
            int start = 2 + "generated".length();
            assertThat(Arrays.copyOfRange(payload, start, start + NONCE_BYTES))
                    .asHexString()
                    .isEqualTo(nonce);
            return Arrays.copyOfRange(payload, start + NONCE_BYTES, payload.length);
        }

        @Test
        void payloads_ofTwoUsersWithTheSameContentAndNonce_haveNothingInCommon() {
            TwoFactor twoFactor = world.node().random(constant()).build();
            List<EnrollmentRequest> requests =
                    List.of(EnrollmentRequest.of("alice").existing(existing()));
            twoFactor.operator("migration").importWithoutConfirmation(ALICE, requests);
            twoFactor.operator("migration").importWithoutConfirmation(BOB, requests);

            String nonce = "07".repeat(NONCE_BYTES);
            byte[] one = encrypted(ALICE, nonce);
            byte[] other = encrypted(BOB, nonce);

            assertThat(Unsealed.plaintext(world.keys, row(ALICE))).isEqualTo(Unsealed.plaintext(world.keys, row(BOB)));
            int same = 0;
            for (int i = 0; i < one.length; i++) {
                same += one[i] == other[i] ? 1 : 0;
            }
            // One byte in 256 is the same by chance.
            assertThat(same).isLessThan(one.length / 8);
        }

        @Test
        void payloads_ofAThousandWrites_haveNoncesOfTheirOwn() {
            world.importApp();
            Set<String> nonces = new HashSet<>();

            for (int i = 0; i < 1000; i++) {
                world.twoFactor.endTrust(ALICE);
                byte[] payload = row(ALICE).payload();
                int start = 2 + payload[1];
                nonces.add(Arrays.toString(Arrays.copyOfRange(payload, start, start + NONCE_BYTES)));
            }

            assertThat(nonces).hasSize(1000);
        }

        @ParameterizedTest
        @ValueSource(strings = {"alice@acme.example", "Alice's new phone", "Alice's old laptop", SECRET})
        @DisplayName("blot #1836: a secret that waits for its first code was stored in plain")
        void payload_ofALiveAndAPendingAuthenticator_showsNothing(String hidden) {
            Phone phone = world.enroll().phone();
            Browser laptop = Browser.ofToken(null, "Alice's old laptop");
            Verified proof = World.proof(world.verify(laptop, phone.codeAt(world.now())));
            world.twoFactor.addAuthenticator(
                    proof,
                    EnrollmentRequest.of("alice@acme.example")
                            .label("Alice's new phone")
                            .existing(existing()));

            // It is there, and cannot be seen.
            assertThat(text(Unsealed.plaintext(world.keys, row(ALICE)))).contains(hidden);
            assertThat(text(row(ALICE).payload())).doesNotContain(hidden);
            assertThat(text(row(ALICE).toBytes())).doesNotContain(hidden);
        }

        private String text(byte[] bytes) {
            return new String(bytes, ISO_8859_1);
        }
    }

    @Nested
    class FullRecord {

        @Test
        void record_withAllThatAPolicyAllows_staysUnder8KbAndOpens() {
            String longestKeyId = "k".repeat(64);
            KeyRing keys = KeyRing.of(longestKeyId, Keys.key(1));
            TwoFactor twoFactor = world.node()
                    .policy(FailingApplication.POLICY)
                    .encryptionKeys(keys)
                    .build();
            Account full = FullAccount.at(world.now());
            StoredRecord place = StoredRecord.of("42", Long.MAX_VALUE / 2, new byte[1]);
            put(Unsealed.seal(keys, place, AccountCodec.encode(full)));

            twoFactor.operator("support").unlock(ALICE, "so that it is written again");

            assertThat(row(ALICE).payload()).hasSizeLessThan(8192);
            assertThat(AccountCodec.encode(full)).hasSizeLessThan(7 * 1024);
            TwoFactorStatus status = twoFactor.status(ALICE);
            assertThat(status.authenticators()).hasSize(5);
            assertThat(status.authenticators())
                    .allSatisfy(one -> assertThat(one.label().getBytes(UTF_8)).hasSize(128));
            assertThat(status.browsers()).hasSize(20);
            assertThat(status.backupCodesLeft()).isEqualTo(20);
        }

        @Test
        void record_filledThroughTheApi_staysUnder8Kb() {
            TwoFactorPolicy policy = TwoFactorPolicy.builder().backupCodes(20).build();
            TwoFactor twoFactor = world.node().policy(policy).build();
            EnrollmentRequest request = EnrollmentRequest.of("a".repeat(128)).label("l".repeat(128));
            PendingEnrollment first = twoFactor.beginEnrollment(ALICE, request.existing(longSecret(0)));
            Phone phone = Phone.scan(first);
            Verified proof = confirm(twoFactor, first);
            for (int i = 1; i < 5; i++) {
                confirm(twoFactor, twoFactor.addAuthenticator(proof, request.existing(longSecret(i))));
            }
            for (int i = 0; i < 25; i++) {
                world.clock.advance(STEP);
                Browser browser = Browser.ofToken(null, "b".repeat(64));
                Challenge challenge =
                        ((SignInRequirement.CodeRequired) twoFactor.signInRequirement(ALICE, browser)).challenge();
                twoFactor.rememberBrowser(World.proof(twoFactor.verify(challenge, phone.codeAt(world.now()))));
            }
            twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(24), "phone in repair");

            TwoFactorStatus status = twoFactor.status(ALICE);

            assertThat(status.authenticators()).hasSize(5);
            assertThat(status.browsers()).hasSize(20);
            assertThat(row(ALICE).payload()).hasSizeLessThan(8192);
        }

        private Verified confirm(TwoFactor twoFactor, PendingEnrollment pending) {
            String code = Phone.scan(pending).codeAt(world.now());
            return ((EnrollmentResult.Enrolled) twoFactor.confirmEnrollment(pending.handle(), code)).proof();
        }

        private ExistingAuthenticator longSecret(int number) {
            byte[] secret = new byte[FullAccount.LONGEST_SECRET];
            Arrays.fill(secret, (byte) number);
            return ExistingAuthenticator.totp(SharedSecret.fromBytes(secret), FailingApplication.POLICY.totp())
                    .lastUsedStep(0);
        }
    }

    @Test
    void payload_layout_isThatOfTheFormat() {
        world.enroll();
        byte[] payload = row(ALICE).payload();
        byte[] plaintext = Unsealed.plaintext(world.keys, row(ALICE));

        assertThat(payload[0]).isEqualTo((byte) 1);
        assertThat(payload[1]).isEqualTo((byte) "generated".length());
        assertThat(new String(payload, 2, 9, UTF_8)).isEqualTo("generated");
        assertThat(payload).hasSize(2 + 9 + 12 + plaintext.length + 16);
        assertThat(plaintext[0]).isEqualTo((byte) 1);
    }
}
