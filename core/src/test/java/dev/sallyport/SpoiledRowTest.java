// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactorEvent.Position;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Something is stored under a user's id that is no record. One user's spoiled row is not an outage, and lets nobody in. */
@DisplayName("Abuse case 72: a spoiled row could not be reset, and stopped the key rotation of everybody behind it")
class SpoiledRowTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final MapTwoFactorStore map = new MapTwoFactorStore(world.rows);

    /** Values of the map that no record has. */
    static List<String> spoiledValues() {
        return List.of(
                "",
                "not Base64 at all",
                "AAAA",
                rowOf(0, "42", new byte[] {1}),
                rowOf(-1, "42", new byte[] {1}),
                rowOf(1, "42", new byte[0]),
                rowOf(1, "42", new byte[StoredRecord.MAX_PAYLOAD_BYTES + 1]),
                rowOf(1, "43", new byte[] {1}));
    }

    /** The byte form of a record, with nothing checked. */
    private static String rowOf(long version, String userId, byte[] payload) {
        byte[] bytes = ByteBuffer.allocate(11 + userId.length() + payload.length)
                .put((byte) 1)
                .putLong(version)
                .putShort((short) userId.length())
                .put(userId.getBytes(US_ASCII))
                .put(payload)
                .array();
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void rowOf_aRecord_isTheByteFormOfIt() {
        byte[] bytes = Base64.getDecoder().decode(rowOf(5, "42", new byte[] {7}));

        assertThat(StoredRecord.fromBytes(bytes)).isEqualTo(StoredRecord.of("42", 5, new byte[] {7}));
    }

    @ParameterizedTest
    @MethodSource("spoiledValues")
    void row_spoiled_isUnreadableAndNobodyGetsIn(String value) {
        World.Owner owner = world.enroll();
        Challenge challenge = world.challenge(ALICE, FIREFOX);
        world.rows.put(ALICE.value(), value);
        int events = world.events.size();

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.signInRequirement(ALICE, owner.browser()))
                .withCauseInstanceOf(SpoiledRecordException.class);
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.verify(challenge, owner.phone().codeAt(world.now())));
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(
                        () -> twoFactor.verify(challenge, owner.backupCodes().get(0)));
        assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isFalse();
        assertThat(twoFactor.isCurrent(ALICE, new TrustStamp(TrustStamp.NO_EPOCH, null)))
                .isFalse();

        assertThat(world.rows).containsEntry(ALICE.value(), value);
        assertThat(world.events).hasSize(events);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"IS_CURRENT", "RESET_WITHOUT_PROOF", "DELETE_ACCOUNT"})
    void call_onASpoiledRow_throwsAndLeavesItAsItIs(StoreCall call) {
        FailingApplication app = new FailingApplication();
        StoreCall.Attempt attempt = call.prepare(app);
        app.world.rows.put(ALICE.value(), "no record");
        int events = app.world.events.size();

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> attempt.call().run());

        assertThat(app.world.rows).containsExactly(Map.entry(ALICE.value(), "no record"));
        assertThat(app.world.events).hasSize(events);
    }

    @ParameterizedTest
    @MethodSource("spoiledValues")
    void reset_onASpoiledRow_leavesAnEmptyRecord(String value) {
        world.rows.put(ALICE.value(), value);

        twoFactor.operator("support").resetWithoutProof(ALICE, "the row was spoiled");

        Account empty = Unsealed.account(world.keys, map, ALICE);
        assertThat(empty.isEnabled()).isFalse();
        assertThat(empty.header().epoch()).isNotEqualTo(TrustStamp.NO_EPOCH);
        assertThat(world.lastEvent().type()).isEqualTo(Type.RESET);
        long version = map.find(ALICE.value()).orElseThrow().version();
        assertThat(world.lastEvent().position()).contains(new Position(version, 1, 1));
        assertThat(twoFactor.signInRequirement(ALICE, FIREFOX)).isInstanceOf(NoCodeRequired.class);
        Phone phone = world.enroll().phone();
        assertThat(world.verify(phone.codeAt(world.now()))).isInstanceOf(Verified.class);
    }

    @ParameterizedTest
    @MethodSource("spoiledValues")
    void deleteAccount_onASpoiledRow_erasesIt(String value) {
        world.rows.put(ALICE.value(), value);

        twoFactor.operator("support").deleteAccount(ALICE);

        assertThat(world.rows).isEmpty();
        assertThat(world.lastEvent().type()).isEqualTo(Type.ACCOUNT_DELETED);
    }

    @Test
    void walks_overSpoiledRows_listThemAndGoOn() {
        world.enroll(UserId.of("alice"));
        world.enroll(UserId.of("zoe"));
        List<String> values = spoiledValues();
        for (int i = 0; i < values.size(); i++) {
            world.rows.put("spoiled" + i, values.get(i));
        }
        List<String> spoiled = world.rows.keySet().stream()
                .filter(id -> id.startsWith("spoiled"))
                .sorted()
                .toList();
        byte[] key = new byte[32];
        KeyRing rotated = KeyRing.fromBase64("next", Base64.getEncoder().encodeToString(key))
                .withPrevious(world.keys.currentId(), Objects.requireNonNull(world.keys.find(world.keys.currentId())));

        RecordCheck.Report report = RecordCheck.of(map, world.keys).sample(100);
        Reencryption.Page page = Reencryption.of(map, rotated).renew(null, 100);

        assertThat(report.seen()).isEqualTo(spoiled.size() + 2);
        assertThat(report.unreadable()).isEqualTo(spoiled);
        assertThat(page).isEqualTo(new Reencryption.Page(spoiled.size() + 2, 2, spoiled, null));
        assertThat(Sealer.keyId(map.find("zoe").orElseThrow().payload())).isEqualTo("next");
    }

    /** An exception of the store that is none of the SPI's words is a failure, and not a spoiled row. */
    @Test
    void walks_overAStoreThatFails_end() {
        world.enroll();
        MapTwoFactorStore failing = new MapTwoFactorStore(new ConcurrentHashMap<>(world.rows) {
            private static final long serialVersionUID = 1;

            @Override
            public String get(Object key) {
                throw new IllegalStateException("not connected");
            }
        });

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> RecordCheck.of(failing, world.keys).sample(100));
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> Reencryption.of(failing, world.keys).renew(null, 100));
    }

    @Test
    void find_anythingButAString_isUnreadable() {
        world.enroll();
        TwoFactor overAnotherType = world.node()
                .store(new DelegatingStore(world.store) {
                    @Override
                    public Optional<StoredRecord> find(String userId) {
                        throw new SpoiledRecordException("the map holds a value that is not a String");
                    }
                })
                .build();

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> overAnotherType.signInRequirement(ALICE, FIREFOX));
    }
}
