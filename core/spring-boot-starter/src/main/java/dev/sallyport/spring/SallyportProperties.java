// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties under {@code sallyport}.
 *
 * @param enabled false leaves every sign-in without a second factor: for development alone
 * @param issuer the name of the application, shown by authenticator apps; required
 * @param encryptionKeys the keys, each as {@code id:base64 of 32 bytes}, the current one first; required
 * @param userId where a sign-in has the id of its user: {@code name}, or a path such as {@code principal.id}; required,
 *     unless there is a bean of type {@link UserIdResolver}
 * @param accountName where a sign-in has the name that authenticator apps show
 * @param checkInterval how long a session goes on without a look at the record; zero means a look at each request
 * @param bearerClaim the claim of a token that has the stamp, for applications without sessions
 * @param namespace tells apart several applications over one key; it never changes
 * @param path where the pages are
 * @param codePage the application's own page that asks for the code
 * @param settingsPage the application's own page of settings
 * @param enablePage the application's own page that shows the QR code
 * @param backupCodesPage the application's own page that shows backup codes
 * @param styleSheet the path of the application's own style sheet, which comes after ours on each page of ours
 * @param exemptPaths patterns of paths to which a sign-in without a code may go
 * @param exemptAuthentications names of classes of {@code Authentication} that need no code
 * @param jdbc how the records are stored in the application's database
 */
@ConfigurationProperties("sallyport")
public record SallyportProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String issuer,
        @DefaultValue List<String> encryptionKeys,
        @Nullable String userId,
        @DefaultValue("name") String accountName,
        @DefaultValue("60s") Duration checkInterval,
        @Nullable String bearerClaim,
        @DefaultValue("") String namespace,
        @DefaultValue("/two-factor") String path,
        @Nullable String codePage,
        @Nullable String settingsPage,
        @Nullable String enablePage,
        @Nullable String backupCodesPage,
        @Nullable String styleSheet,
        @DefaultValue List<String> exemptPaths,
        @DefaultValue List<String> exemptAuthentications,
        @DefaultValue Jdbc jdbc) {

    /**
     * The properties under {@code sallyport.jdbc}.
     *
     * @param initializeSchema when the table is made at the start
     * @param table the name of the table
     */
    public record Jdbc(
            @DefaultValue("embedded") InitializeSchema initializeSchema,
            @DefaultValue("sallyport_record") String table) {}

    /** When the table is made at the start. */
    public enum InitializeSchema {
        /** Only in a database that lives in this process. */
        EMBEDDED,
        /** Always, where it is missing. */
        ALWAYS,
        /** Never: Flyway, Liquibase or a person makes it. */
        NEVER
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "SallyportProperties[issuer=" + issuer + "]";
    }
}
