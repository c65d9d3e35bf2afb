// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverExecutionProfile;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PagingState;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each record as a row of a table of Cassandra. Every write is a lightweight transaction ({@code IF}), also the
 * erasing, because Cassandra does not order lightweight transactions and other writes. A read has the consistency SERIAL: it
 * first completes a transaction that was left unfinished, and so its answer does not change afterwards.
 *
 * <p>If many threads write one row, Cassandra answers some of them with a time-out. Nobody knows then whether the write was
 * made, so this is a {@link StoreException}.
 */
public final class CassandraTwoFactorStore implements ScannableTwoFactorStore {
    private final CqlSession session;
    private final PreparedStatement find;
    private final PreparedStatement insert;
    private final PreparedStatement replace;
    private final PreparedStatement erase;
    private final PreparedStatement walk;

    /**
     * Opens the records of a keyspace. Call {@link #createTable} before.
     *
     * @param session has a keyspace with three copies, the protocol version V4, and the retry policy {@link NeverRetry}
     * @throws IllegalArgumentException if the session may repeat requests. The default policy of the driver sends a write
     *     again after a read time-out and after "unavailable", even if the write is not idempotent
     */
    public CassandraTwoFactorStore(CqlSession session) {
        if (!(session.getContext().getRetryPolicy(DriverExecutionProfile.DEFAULT_NAME) instanceof NeverRetry)) {
            throw new IllegalArgumentException("the session may repeat requests: set "
                    + DefaultDriverOption.RETRY_POLICY_CLASS.getPath() + " to " + NeverRetry.class.getName());
        }
        this.session = session;
        find = prepare("SELECT version, payload FROM sallyport_record WHERE user_id = ?", ConsistencyLevel.SERIAL);
        insert =
                prepareWrite("INSERT INTO sallyport_record (user_id, version, payload) VALUES (?, ?, ?) IF NOT EXISTS");
        replace = prepareWrite("UPDATE sallyport_record SET version = ?, payload = ? WHERE user_id = ? IF version = ?");
        erase = prepareWrite("DELETE FROM sallyport_record WHERE user_id = ? IF EXISTS");
        walk = prepare("SELECT user_id FROM sallyport_record", ConsistencyLevel.QUORUM);
    }

    /**
     * Makes the table. Its rows never expire.
     *
     * @param session has the keyspace
     */
    public static void createTable(CqlSession session) {
        session.execute("CREATE TABLE IF NOT EXISTS sallyport_record"
                + " (user_id text PRIMARY KEY, version bigint, payload blob) WITH default_time_to_live = 0");
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        Row row = ask(find.bind(Objects.requireNonNull(userId, "userId"))).one();
        return row == null ? Optional.empty() : Optional.of(decode(userId, row));
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return ask(insert.bind(record.userId(), record.version(), ByteBuffer.wrap(record.payload())))
                .wasApplied();
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        if (!current.userId().equals(next.userId())) {
            throw new IllegalArgumentException("a record can only be replaced by a record of the same user");
        }
        return ask(replace.bind(next.version(), ByteBuffer.wrap(next.payload()), current.userId(), current.version()))
                .wasApplied();
    }

    @Override
    public void erase(String userId) {
        ask(erase.bind(Objects.requireNonNull(userId, "userId")));
    }

    /** The order is that of a hash. So the cursor is the position of Cassandra, and not an id. */
    @Override
    public UserIdPage userIds(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has 1 id or more");
        }
        BoundStatement page = walk.bind().setPageSize(limit);
        ResultSet rows = ask(cursor == null ? page : page.setPagingState(PagingState.fromString(cursor)));
        PagingState next = rows.getExecutionInfo().getSafePagingState();
        List<String> ids = new ArrayList<>();
        while (rows.getAvailableWithoutFetching() > 0) {
            ids.add(Objects.requireNonNull(rows.one()).getString(0));
        }
        return new UserIdPage(ids, next == null ? null : next.toString());
    }

    private PreparedStatement prepareWrite(String cql) {
        return prepare(cql, ConsistencyLevel.QUORUM);
    }

    private PreparedStatement prepare(String cql, ConsistencyLevel consistency) {
        return session.prepare(SimpleStatement.builder(cql)
                .setConsistencyLevel(consistency)
                .setSerialConsistencyLevel(ConsistencyLevel.SERIAL)
                .setIdempotence(
                        false) // Otherwise the driver may send it to a second node before the first one has answered.
                .build());
    }

    private ResultSet ask(BoundStatement statement) {
        try {
            return session.execute(statement);
        } catch (DriverException e) {
            throw new StoreException("Cassandra failed, or its answer was lost", e);
        }
    }

    private static StoredRecord decode(String userId, Row row) {
        ByteBuffer payload = row.getByteBuffer("payload");
        if (payload == null) {
            throw new SpoiledRecordException("a row of the store has no payload");
        }
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        try {
            return StoredRecord.of(userId, row.getLong("version"), bytes); // A version that is null is 0 here.
        } catch (IllegalArgumentException e) {
            throw new SpoiledRecordException("a row of the store is not a record", e);
        }
    }
}
