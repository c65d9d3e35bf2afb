// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorEvent;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties under {@code sallyport}.
 *
 * @param enabled false leaves every sign-in without a second factor: for development alone
 * @param issuer the name of the application, shown by authenticator apps; required
 * @param encryptionKeys the keys, each as id:base64-of-32-bytes, the current one first; required
 * @param userId where a sign-in has the id of its user: name, or a path such as principal.id; required, unless there is
 *     a bean of type UserIdResolver
 * @param accountName where a sign-in has the name that authenticator apps show
 * @param checkInterval how long a session goes on without a look at the record; zero means a look at each request
 * @param bearerClaim the claim of a token that has the stamp, for applications without sessions
 * @param namespace separates several applications over one key; it must never change
 * @param path where the pages are
 * @param codePage the path of the application's own page that asks for the code; /two-factor/code forwards to it
 * @param settingsPage the path of the application's own page of settings; /two-factor forwards to it
 * @param enablePage the path of the application's own page that shows the QR code; it is forwarded to
 * @param backupCodesPage the path of the application's own page that shows new backup codes; it is forwarded to
 * @param styleSheet the path of the application's own style sheet, which comes after ours on each page of ours
 * @param exemptPaths patterns of paths to which a sign-in without a code may go
 * @param exemptAuthentications names of classes of Authentication that need no code
 * @param exemptProviders ids of the registrations of OAuth2 and SAML providers that ask for a second factor themselves
 * @param recordCheck what happens if records do not open with the keys when the application starts
 * @param jdbc how the records are stored in the application's database
 * @param mail the mails that a TwoFactorMailer sends
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
        @DefaultValue List<String> exemptProviders,
        @DefaultValue("fail") RecordCheckMode recordCheck,
        @DefaultValue Jdbc jdbc,
        @DefaultValue Mail mail) {

    /**
     * The properties under {@code sallyport.jdbc}.
     *
     * @param initializeSchema when the table is created at the start
     * @param table the name of the table, with the name of a schema and a dot before it if needed
     * @param dataSource the name of the DataSource bean; needed only if there are several and none is primary
     */
    public record Jdbc(
            @DefaultValue("embedded") InitializeSchema initializeSchema,
            @DefaultValue("sallyport_record") String table,
            @Nullable String dataSource) {}

    /**
     * The properties under {@code sallyport.mail}.
     *
     * @param omit types of events that cause no mail, such as browser-noted
     */
    public record Mail(@DefaultValue Set<TwoFactorEvent.Type> omit) {}

    /** When the table is created at the start. */
    public enum InitializeSchema {
        /** Only in a database in the memory of this process: H2, HSQLDB, Derby. */
        EMBEDDED,
        /** Always, where it is missing. */
        ALWAYS,
        /** Never: Flyway, Liquibase or a person creates it. */
        NEVER
    }

    /** What happens if records do not open with the keys when the application starts. */
    public enum RecordCheckMode {
        /** The application does not start. */
        FAIL,
        /** The application starts, and logs an error. */
        WARN,
        /** No record is looked at. */
        OFF
    }

    /** Refuses values that cannot work, with the name of the property. */
    void requireValid() {
        if (checkInterval.isNegative()) {
            throw new ConfigurationException(
                    "The property sallyport.check-interval is " + checkInterval + ", which is negative.",
                    "Set it to a duration such as 60s, or to 0 for a look at each request.");
        }
        if (!path.matches("(/[A-Za-z0-9._~-]+)+")) {
            throw new ConfigurationException(
                    "The property sallyport.path is \"" + path + "\", which is not the path of a folder.",
                    "Set it to a path such as /two-factor, with a slash before each name and none at the end.");
        }
    }

    /** {@return the issuer, which has to be there} */
    String requireIssuer() {
        if (issuer == null || issuer.isBlank()) {
            throw new ConfigurationException(
                    "The property sallyport.issuer is missing. It is the name of the application that authenticator"
                            + " apps show.",
                    "Set it to the name that your users know. It should not change later.");
        }
        return issuer;
    }

    /** Does what a value of a property allows, or says which property it is. */
    <T> T refusing(String property, Supplier<T> work) {
        try {
            return work.get();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "The property sallyport." + property + " is not valid: " + e.getMessage() + ".",
                    "Correct the property.",
                    e);
        }
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "SallyportProperties[issuer=" + issuer + "]";
    }
}
