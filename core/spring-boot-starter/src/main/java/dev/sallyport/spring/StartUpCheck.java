// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.KeyRing;
import dev.sallyport.RecordCheck;
import dev.sallyport.spring.SallyportProperties.RecordCheckMode;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.TwoFactorStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Opens some records before the application takes requests. With a wrong key, every user who has two-factor
 * authentication would be locked out. It runs after all beans are made, and so after Flyway and Liquibase.
 */
final class StartUpCheck implements SmartInitializingSingleton {
    private static final Logger LOG = LoggerFactory.getLogger(StartUpCheck.class);
    private static final int SAMPLE = 100;
    private static final String OR_WARN = " To start all the same, set sallyport.record-check=warn.";

    private final TwoFactorStore store;
    private final KeyRing keyRing;
    private final SallyportProperties properties;

    StartUpCheck(TwoFactorStore store, KeyRing keyRing, SallyportProperties properties) {
        this.store = store;
        this.keyRing = keyRing;
        this.properties = properties;
    }

    @Override
    public void afterSingletonsInstantiated() {
        if (store instanceof InMemoryTwoFactorStore) {
            LOG.warn("The TwoFactorStore is in memory. It is for tests: every record is lost when the process ends,"
                    + " and with it two-factor authentication of every user");
        }
        if (properties.recordCheck() == RecordCheckMode.OFF || !(store instanceof ScannableTwoFactorStore scannable)) {
            return;
        }
        try {
            check(scannable);
        } catch (ConfigurationException e) {
            if (properties.recordCheck() == RecordCheckMode.FAIL) {
                throw e;
            }
            LOG.error("{} {}", e.problem(), e.action());
        }
    }

    private void check(ScannableTwoFactorStore scannable) {
        RecordCheck.Report report;
        try {
            report = RecordCheck.of(scannable, keyRing)
                    .namespace(properties.namespace())
                    .sample(SAMPLE);
        } catch (StoreException e) {
            throw new ConfigurationException(
                    "The records of two-factor authentication cannot be read: " + e.getMessage() + ".",
                    "If the table is missing, copy the file of your database from dev/sallyport/storage/jdbc/schema in"
                            + " sallyport-storage-jdbc to your migrations, or set sallyport.jdbc.initialize-schema to"
                            + " always." + OR_WARN,
                    e);
        }
        if (report.unreadable().isEmpty()) {
            return;
        }
        String problem = report.unreadable().size() + " of the first " + report.seen()
                + " records of two-factor authentication do not open: " + report.firstProblem() + ".";
        if (isOneDamagedRecord(report)) {
            LOG.error("{} Its user cannot sign in until an operator resets it", problem);
            return;
        }
        throw new ConfigurationException(
                problem,
                "Add the missing key to sallyport.encryption-keys, behind the current one, and keep"
                        + " sallyport.namespace as it was." + OR_WARN);
    }

    /** One spoiled row must not keep the application from starting. A missing key must. */
    private static boolean isOneDamagedRecord(RecordCheck.Report report) {
        return report.unreadable().size() == 1
                && report.seen() > 1
                && !report.firstProblem().contains("no key with the id");
    }
}
