// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.LoopbackProxy;
import dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance;
import dev.sallyport.storage.conformance.StoreOpener;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/**
 * The kit on dynalite, a re-implementation of DynamoDB's protocol in one process. It proves what the store sends and how it
 * understands the answers. It proves nothing about Amazon's service. Runs with {@code -Pservers} and
 * {@code -Dsallyport.dynalite=<path of dynalite's directory>}.
 */
class DynamoDbTwoFactorStoreConformance extends ScannableTwoFactorStoreConformance {
    private static final String TABLE = "sallyport_record";
    /** dynalite ends itself if a client goes away in the middle of a request, and the kit makes clients go away. */
    private static final String STAY = """
            process.on('uncaughtException', error => {
                if (error.code !== 'ECONNRESET') {
                    console.error(error);
                    process.exit(1);
                }
            });
            """;

    private static final Path DYNALITE = Path.of(System.getProperty("sallyport.dynalite", ""));

    private static LocalServer server;

    private final List<DynamoDbClient> clients = new ArrayList<>();

    @BeforeAll
    static void startServer() throws IOException {
        Path program = DYNALITE.resolve("cli.js");
        if (!Files.isRegularFile(program)) {
            LocalServer.leaveOut("DynamoDB is left out: -Dsallyport.dynalite names no directory of dynalite (npm)");
        }
        int port = LocalServer.freePort();
        Path directory = LocalServer.newDirectory("dynalite");
        Files.writeString(directory.resolve("stay.cjs"), STAY);
        server = new LocalServer(
                directory,
                "127.0.0.1",
                port,
                List.of(
                        "node",
                        "--require=./stay.cjs",
                        program.toAbsolutePath().toString(),
                        "--host=127.0.0.1",
                        "--port=" + port,
                        "--path=data",
                        "--createTableMs=0"));
        try (DynamoDbClient client = connect(port)) {
            client.createTable(request -> request.tableName(TABLE)
                    .keySchema(KeySchemaElement.builder()
                            .attributeName("user_id")
                            .keyType(KeyType.HASH)
                            .build())
                    .attributeDefinitions(AttributeDefinition.builder()
                            .attributeName("user_id")
                            .attributeType(ScalarAttributeType.S)
                            .build())
                    .billingMode(BillingMode.PAY_PER_REQUEST));
            client.waiter().waitUntilTableExists(request -> request.tableName(TABLE));
        }
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @AfterEach
    void closeClients() {
        clients.forEach(DynamoDbClient::close);
    }

    private static DynamoDbClient connect(int port) {
        return DynamoDbClient.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("nobody", "nothing")))
                .httpClient(UrlConnectionHttpClient.builder()
                        .socketTimeout(Duration.ofSeconds(3))
                        .build())
                .overrideConfiguration(config -> config.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
    }

    private DynamoDbTwoFactorStore open(int port) {
        DynamoDbClient client = connect(port);
        clients.add(client);
        return new DynamoDbTwoFactorStore(client, TABLE);
    }

    @Override
    protected ScannableTwoFactorStore createStore() {
        return open(server.port());
    }

    @Override
    protected ScannableTwoFactorStore secondInstance() {
        return open(server.port());
    }

    @Override
    protected TwoFactorStore anotherRoute() {
        return notPossible("dynalite is one process. The replicas of Amazon's service were not tried");
    }

    @Override
    protected TwoFactorStore instanceThrough(LoopbackProxy proxy) {
        return open(proxy.portTo("127.0.0.1", server.port()));
    }

    /** Opens the store in another process. */
    static final class Opener implements StoreOpener {
        @Override
        public TwoFactorStore open(Properties settings) {
            return new DynamoDbTwoFactorStore(connect(Integer.parseInt(settings.getProperty("port"))), TABLE);
        }
    }

    @Override
    protected Class<? extends StoreOpener> anotherProcess(Properties settings) {
        settings.setProperty("port", "" + server.port());
        return Opener.class;
    }

    @Override
    protected void inCallersTransactionThatRollsBack(Runnable work) {
        notPossible("a transaction of DynamoDB is one request, and nobody can put two calls into it");
    }

    @Override
    protected void spoilRecord(String userId) {
        clients.get(0)
                .updateItem(request -> request.tableName(TABLE)
                        .key(Map.of("user_id", AttributeValue.fromS(userId)))
                        .updateExpression("SET record_version = :zero")
                        .expressionAttributeValues(Map.of(":zero", AttributeValue.fromN("0"))));
    }

    @Override
    protected void breakBackend() {
        server.kill();
    }

    @Override
    protected void repairBackend() {
        server.restart();
    }

    @Override
    protected String engine() throws IOException {
        String about = Files.readString(DYNALITE.resolve("package.json"));
        String version = about.replaceAll("(?s).*\"version\"\\s*:\\s*\"([^\"]*)\".*", "$1");
        return "dynalite " + version + ", AWS SDK for Java " + VersionInfo.SDK_VERSION;
    }
}
