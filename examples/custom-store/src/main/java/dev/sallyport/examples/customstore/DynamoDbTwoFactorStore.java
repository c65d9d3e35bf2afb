// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;

/**
 * Keeps each record as an item of a table of DynamoDB whose partition key is {@value #USER_ID}, a string, and which has no
 * sort key. A write is a {@code PutItem} with a condition. The table has no time to live, it is in one region (no global
 * table), and there is no DAX in front of it, because DAX gives old answers.
 */
public final class DynamoDbTwoFactorStore implements ScannableTwoFactorStore {
    private static final String USER_ID = "user_id";
    private static final String VERSION = "record_version";
    private static final String PAYLOAD = "payload";
    private static final String ABSENT = "attribute_not_exists(" + USER_ID + ")";
    private static final String UNCHANGED = VERSION + " = :version";

    private final DynamoDbClient client;
    private final String table;

    /**
     * Opens a table.
     *
     * @param client with {@code DefaultRetryStrategy.doNotRetry()} and a socket time-out of a few seconds
     * @param table the name of the table
     * @throws IllegalArgumentException if the client repeats requests. A repeated write can meet its own first try, and its
     *     condition then fails although something was changed
     */
    public DynamoDbTwoFactorStore(DynamoDbClient client, String table) {
        Optional<RetryStrategy> retries =
                client.serviceClientConfiguration().overrideConfiguration().retryStrategy();
        if (retries.isEmpty() || retries.get().maxAttempts() != 1) {
            throw new IllegalArgumentException(
                    "the client repeats requests: build it with retryStrategy(DefaultRetryStrategy.doNotRetry())");
        }
        this.client = client;
        this.table = table;
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        Map<String, AttributeValue> key = key(userId);
        Map<String, AttributeValue> item = ask(() -> client.getItem(
                        request -> request.tableName(table).key(key).consistentRead(true))
                .item());
        return item.isEmpty() ? Optional.empty() : Optional.of(decode(userId, item));
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return put(record, request -> request.conditionExpression(ABSENT));
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        if (!current.userId().equals(next.userId())) {
            throw new IllegalArgumentException("a record can only be replaced by a record of the same user");
        }
        return put(
                next,
                request -> request.conditionExpression(UNCHANGED)
                        .expressionAttributeValues(Map.of(":version", number(current.version()))));
    }

    @Override
    public void erase(String userId) {
        Map<String, AttributeValue> key = key(userId);
        ask(() -> client.deleteItem(request -> request.tableName(table).key(key)));
    }

    /** The order is that of a hash. DynamoDB continues after any key, also if its item is gone, so the cursor is an id. */
    @Override
    public UserIdPage userIds(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has 1 id or more");
        }
        ScanResponse page = ask(() -> client.scan(request -> request.tableName(table)
                .projectionExpression(USER_ID)
                .consistentRead(true)
                .limit(limit)
                .exclusiveStartKey(cursor == null ? null : key(cursor))));
        return new UserIdPage(
                page.items().stream().map(DynamoDbTwoFactorStore::userId).toList(),
                page.hasLastEvaluatedKey() ? userId(page.lastEvaluatedKey()) : null);
    }

    private boolean put(StoredRecord record, Consumer<PutItemRequest.Builder> condition) {
        return ask(() -> {
            try {
                client.putItem(request -> request.tableName(table)
                        .item(Map.of(
                                USER_ID, AttributeValue.fromS(record.userId()),
                                VERSION, number(record.version()),
                                PAYLOAD, AttributeValue.fromB(SdkBytes.fromByteArray(record.payload()))))
                        .applyMutation(condition));
                return true;
            } catch (ConditionalCheckFailedException e) {
                return false;
            }
        });
    }

    /** Every other failure is doubt: a lost answer, a time-out, an interrupt, a throttled request. */
    private static <T> T ask(Supplier<T> request) {
        try {
            return request.get();
        } catch (SdkException e) {
            throw new StoreException("DynamoDB failed, or its answer was lost", e);
        }
    }

    private static StoredRecord decode(String userId, Map<String, AttributeValue> item) {
        AttributeValue version = item.get(VERSION);
        AttributeValue payload = item.get(PAYLOAD);
        if (version == null || version.n() == null || payload == null || payload.b() == null) {
            throw new SpoiledRecordException("an item of the store has no version or no payload");
        }
        try {
            return StoredRecord.of(
                    userId, Long.parseLong(version.n()), payload.b().asByteArray());
        } catch (IllegalArgumentException e) {
            throw new SpoiledRecordException("an item of the store is not a record", e);
        }
    }

    private static String userId(Map<String, AttributeValue> key) {
        return Objects.requireNonNull(key.get(USER_ID)).s();
    }

    private static Map<String, AttributeValue> key(String userId) {
        return Map.of(USER_ID, AttributeValue.fromS(Objects.requireNonNull(userId, "userId")));
    }

    private static AttributeValue number(long number) {
        return AttributeValue.fromN(Long.toString(number));
    }
}
