// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each record under one key of etcd, through etcd's JSON gateway. A write is a transaction that compares and puts in
 * one step. All reads are linearizable, which is the default of etcd: they are right on a member that is behind, too.
 */
public final class EtcdTwoFactorStore implements ScannableTwoFactorStore {
    private static final String PREFIX = "sallyport/";
    private static final String AFTER_PREFIX =
            "sallyport0"; // '0' follows '/', so this is behind every key of the store.
    private static final long LONGEST_WAIT_MILLIS = 4_000;

    // Each answer has to match as a whole. What looks like anything else is doubt, and never "no record" or false.
    private static final String HEADER = "\\{\"header\":\\{[^{}]*\\}";
    private static final Pattern WRITTEN = Pattern.compile(HEADER + "(,\"succeeded\":true,\"responses\":\\[.*\\])?\\}");
    private static final Pattern READ =
            Pattern.compile(HEADER + "(?:,\"kvs\":\\[(.+)\\](?:,\"more\":true)?,\"count\":\"\\d+\")?\\}");
    private static final Pattern ERASED = Pattern.compile(HEADER + "(,\"deleted\":\"\\d+\")?\\}");
    private static final Pattern KEY = Pattern.compile("\"key\":\"([^\"]*)\"");
    private static final Pattern VALUE = Pattern.compile("\"value\":\"([^\"]*)\"");

    private final HttpClient http;
    private final URI member;

    /**
     * Opens the records of a cluster.
     *
     * @param http with the certificates for TLS. It repeats no POST unless {@code jdk.httpclient.enableAllMethodRetry} is set
     * @param member the client URL of a member, such as {@code https://etcd-1.example:2379}
     */
    public EtcdTwoFactorStore(HttpClient http, URI member) {
        this.http = http;
        this.member = member;
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        String found = read("{\"key\":\"" + key(userId) + "\"}");
        return found == null ? Optional.empty() : Optional.of(decode(userId, found));
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return writeIf("\"target\":\"CREATE\",\"create_revision\":\"0\"", record);
    }

    /** Compares the whole value, because the version is a part of it. So a record from before an erase never matches. */
    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        if (!current.userId().equals(next.userId())) {
            throw new IllegalArgumentException("a record can only be replaced by a record of the same user");
        }
        return writeIf("\"target\":\"VALUE\",\"value\":\"" + base64(current.toBytes()) + "\"", next);
    }

    @Override
    public void erase(String userId) {
        match(ERASED, ask("deleterange", "{\"key\":\"" + key(userId) + "\"}"));
    }

    @Override
    public UserIdPage userIds(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has 1 id or more");
        }
        // The key after the last one is the same with a zero byte at its end.
        String from = cursor == null ? base64(PREFIX.getBytes(UTF_8)) : key(cursor + "\0");
        String found = read("{\"key\":\"%s\",\"range_end\":\"%s\",\"limit\":\"%d\",\"keys_only\":true}"
                .formatted(from, base64(AFTER_PREFIX.getBytes(UTF_8)), limit));
        if (found == null) {
            return new UserIdPage(List.of(), null);
        }
        List<String> ids = KEY.matcher(found)
                .results()
                .map((MatchResult key) -> new String(Base64.getDecoder().decode(key.group(1)), UTF_8))
                .map(key -> key.substring(PREFIX.length()))
                .toList();
        return new UserIdPage(ids, ids.size() < limit ? null : ids.get(ids.size() - 1));
    }

    // etcd ignores what it does not know in a request. A mistake in a condition would make the write unconditional.
    private boolean writeIf(String condition, StoredRecord record) {
        String key = key(record.userId());
        String request =
                "{\"compare\":[{\"key\":\"" + key + "\"," + condition + "}],\"success\":[{\"request_put\":{\"key\":\""
                        + key + "\",\"value\":\"" + base64(record.toBytes()) + "\"}}]}";
        return match(WRITTEN, ask("txn", request)).group(1) != null;
    }

    private @Nullable String read(String request) {
        return match(READ, ask("range", request)).group(1);
    }

    /** One request. Every failure is doubt: a lost answer, a time-out and an interrupt end the waiting and not the write. */
    private String ask(String call, String request) {
        CompletableFuture<HttpResponse<String>> response = http.sendAsync(
                HttpRequest.newBuilder(member.resolve("/v3/kv/" + call))
                        .version(HttpClient.Version.HTTP_1_1)
                        .POST(BodyPublishers.ofString(request))
                        .build(),
                BodyHandlers.ofString());
        try {
            HttpResponse<String> answer = response.get(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
            if (answer.statusCode() != 200) {
                throw new StoreException("etcd answered with HTTP status " + answer.statusCode());
            }
            return answer.body().replaceAll("\\s", "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("the thread was interrupted while it waited for etcd", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreException("etcd did not answer", e);
        } finally {
            response.cancel(true);
        }
    }

    private static Matcher match(Pattern form, String answer) {
        Matcher matcher = form.matcher(answer);
        if (!matcher.matches()) {
            throw new StoreException("etcd gave an answer that this store does not understand");
        }
        return matcher;
    }

    private static StoredRecord decode(String userId, String found) {
        Matcher value = VALUE.matcher(found);
        if (!value.find()) {
            throw new SpoiledRecordException("a key of the store has no value");
        }
        StoredRecord record;
        try {
            record = StoredRecord.fromBytes(Base64.getDecoder().decode(value.group(1)));
        } catch (IllegalArgumentException e) {
            throw new SpoiledRecordException("a value of the store is not a record", e);
        }
        if (!record.userId().equals(userId)) {
            throw new SpoiledRecordException("a key of the store contains the record of another user");
        }
        return record;
    }

    private static String key(String userId) {
        return base64((PREFIX + Objects.requireNonNull(userId, "userId")).getBytes(UTF_8));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
