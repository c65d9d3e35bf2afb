// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The text inside the QR code that an authenticator app scans: the shared secret, its parameters, and the names that
 * the app shows beside the code. It follows Google's "Key Uri Format", which all apps read. There is no standard. The
 * package documentation compares this class with an Internet-Draft.
 *
 * <p>A key URI is a credential, because the shared secret is in it. {@link #toString()} shows neither the secret nor
 * the account name. {@link #toUriString()} shows everything. Show its text to the user alone, and once. Keep it out of
 * logs and caches, and do not send it to a service that draws QR codes.
 *
 * <p>A key URI does not contain {@code t0}, which is the epoch for every app, and does not contain a window.
 *
 * <p>Immutable, except that the secret can be destroyed. Safe for use by many threads.
 */
public final class KeyUri {
    /** In characters. No QR code holds more. */
    private static final int MAX_LENGTH = 4096;

    /** Up to here the text fits: the rest has under 400 characters, and each character of a name becomes at most 9. */
    private static final int MAX_LENGTH_OF_NAMES = 400;

    private static final String SCHEME = "otpauth://";
    private static final Set<String> PARAMETERS =
            Set.of("secret", "issuer", "algorithm", "digits", "period", "counter", "encoder");

    private final String issuer;
    private final String accountName;
    private final SharedSecret secret;
    /** For HOTP only the algorithm and the digits have a meaning. */
    private final TotpParameters parameters;
    /** Present for HOTP, empty for TOTP. */
    private final OptionalLong counter;

    private KeyUri(Names names, SharedSecret secret, TotpParameters parameters, OptionalLong counter) {
        this.issuer = requireText("issuer", names.issuer());
        this.accountName = requireNotEmpty("account name", requireText("account name", names.accountName()));
        this.secret = secret;
        this.parameters = parameters;
        this.counter = counter;
        if (!parameters.t0().equals(Instant.EPOCH)) {
            throw new IllegalArgumentException("a key URI cannot say that t0 is not the epoch");
        }
        if (secret.isDestroyed()) {
            throw new IllegalStateException("the shared secret is destroyed");
        }
        boolean mayBeLong = 2 * issuer.length() + accountName.length() > MAX_LENGTH_OF_NAMES;
        if (mayBeLong && toUriString().length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a key URI has at most " + MAX_LENGTH + " characters");
        }
    }

    /** The two kinds of one-time code. */
    public enum Type {
        /** Codes from the time, RFC 6238. */
        TOTP,
        /** Codes from a counter, RFC 4226. */
        HOTP
    }

    /**
     * Makes the key URI of a TOTP authenticator.
     *
     * <p>A name that apps would show differently is refused: an empty one; one with a control character or an unpaired
     * surrogate; one that begins or ends with white space. The issuer must not contain a colon, because apps take the
     * text before the first colon as the issuer. The account name may contain colons, which are percent-encoded.
     *
     * @param issuer the service, as the app shows it
     * @param accountName the user's account, as the app shows it. It distinguishes several accounts of one person
     * @param secret the shared secret
     * @param parameters the parameters, with the epoch as {@code t0}. Many apps ignore all but the default ones
     * @return the key URI
     * @throws IllegalArgumentException if a name is refused, {@code t0} is not the epoch, or the text has more than
     *     4096 characters
     * @throws IllegalStateException if the secret is destroyed
     */
    public static KeyUri totp(String issuer, String accountName, SharedSecret secret, TotpParameters parameters) {
        return new KeyUri(Names.given(issuer, accountName), secret, parameters, OptionalLong.empty());
    }

    /**
     * Makes the key URI of an HOTP authenticator. The rules for names are those of {@link #totp}.
     *
     * @param issuer the service, as the app shows it
     * @param accountName the user's account, as the app shows it
     * @param secret the shared secret
     * @param algorithm the hash function
     * @param digits 6 to 8
     * @param counter the counter that the app starts with, 0 or more. Some apps read none above 2<sup>31</sup> - 1
     * @return the key URI
     * @throws IllegalArgumentException if a name is refused, {@code digits} or {@code counter} is out of range, or the
     *     text has more than 4096 characters
     * @throws IllegalStateException if the secret is destroyed
     */
    public static KeyUri hotp(
            String issuer, String accountName, SharedSecret secret, HmacAlgorithm algorithm, int digits, long counter) {
        if (counter < 0) {
            throw new IllegalArgumentException("a counter is not negative");
        }
        TotpParameters parameters = parameters(algorithm, digits, TotpParameters.DEFAULT.period());
        return new KeyUri(Names.given(issuer, accountName), secret, parameters, OptionalLong.of(counter));
    }

    private static TotpParameters parameters(HmacAlgorithm algorithm, int digits, Duration period) {
        return new TotpParameters(algorithm, digits, period, Instant.EPOCH);
    }

    /**
     * Reads a key URI of any origin. The form may vary. A text whose meaning is in doubt is refused.
     *
     * <p>Accepted variations of the form:
     *
     * <ul>
     *   <li>White space and control characters at the ends of the text, the names and the values. Invisible format
     *       characters at the ends of the text.
     *   <li>Upper and lower case in the scheme, the type, the names of parameters, and the algorithm. The algorithm is
     *       read by its letters and digits alone: {@code SHA-1}, {@code HmacSHA256} and {@code Algorithm.sha512} are
     *       known.
     *   <li>Characters that should have been percent-encoded and are not.
     *   <li>A secret as {@link SharedSecret#fromBase32} reads it. A {@code +} in it is a separator.
     *   <li>Colons in the account name, because the first colon of the label ends the issuer. If the {@code issuer}
     *       parameter contains colons and the label begins with it, all of it is the issuer.
     *   <li>A missing account name. The issuer then takes its place.
     *   <li>A {@code +} for a space in the issuer, if the label and the parameter both have the issuer and one of them
     *       has a space there. Any other {@code +} in a name is a plus.
     *   <li>Unknown parameters, {@code period} for HOTP, and {@code counter} for TOTP. A parameter without a value
     *       counts as absent.
     * </ul>
     *
     * <p>Refused: two values for one parameter, even if they are equal; an issuer in the label that differs from the
     * {@code issuer} parameter; an {@code encoder}, because its codes are not decimal digits; a missing secret; other
     * types and schemes; a fragment; an HOTP key URI without a counter; names with control characters inside; a text
     * that is escaped for HTML.
     *
     * @param uri a key URI of at most 4096 characters
     * @return the content of the key URI
     * @throws IllegalArgumentException if the text is refused. The message names the rule and shows nothing of the text
     */
    public static KeyUri parse(String uri) {
        if (uri.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a key URI has at most " + MAX_LENGTH + " characters");
        }
        if (uri.indexOf('#') >= 0) {
            throw new IllegalArgumentException("a key URI has no fragment: a # in a name is written as %23");
        }
        if (Characters.hasUnpairedSurrogate(uri)) {
            throw new IllegalArgumentException("the key URI contains an unpaired surrogate");
        }
        String text = withoutInvisibleEnds(uri);
        Type type = parseType(text);
        int question = text.indexOf('?');
        // Both types have names of the same length.
        int label = SCHEME.length() + "totp/".length();
        Map<String, String> query = parseQuery(question < 0 ? "" : text.substring(question + 1));
        if (query.containsKey("encoder")) {
            throw new IllegalArgumentException(
                    "the key URI has an encoder, such as that of Steam: its codes are not decimal digits");
        }
        Names names = Names.parse(
                text.substring(label, question < 0 ? text.length() : question), query.getOrDefault("issuer", ""));
        SharedSecret secret = SharedSecret.fromBase32(required(query, "secret").replace('+', ' '));
        HmacAlgorithm algorithm =
                query.containsKey("algorithm") ? parseAlgorithm(value(query, "algorithm", "")) : HmacAlgorithm.SHA1;
        // A number that does not fit into an int is refused because it is above 8.
        int digits = (int) Math.min(parseNumber("digits", value(query, "digits", "6")), Integer.MAX_VALUE);
        if (type == Type.HOTP) {
            TotpParameters parameters = parameters(algorithm, digits, TotpParameters.DEFAULT.period());
            long counter = parseNumber("counter", required(query, "counter"));
            return new KeyUri(names, secret, parameters, OptionalLong.of(counter));
        }
        Duration period = Duration.ofSeconds(parseNumber("period", value(query, "period", "30")));
        return new KeyUri(names, secret, parameters(algorithm, digits, period), OptionalLong.empty());
    }

    /**
     * The text for the QR code. It contains the secret, so show it to the user alone. {@link #parse} reads it back.
     *
     * <p>The issuer is written twice, before the account name and as a parameter, because some apps read only the first
     * and some only the second. Default values are omitted. All characters except the unreserved ones of RFC 3986 are
     * percent-encoded. A space is {@code %20}, because apps show a {@code +} as a plus.
     *
     * @return the key URI
     * @throws IllegalStateException if the secret is destroyed
     */
    public String toUriString() {
        String prefix = PercentEncoding.encode(issuer);
        StringBuilder uri = new StringBuilder(128)
                .append(SCHEME)
                .append(type() == Type.HOTP ? "hotp/" : "totp/")
                .append(prefix);
        // Without an issuer, the part of the account name before a colon would be read as the issuer.
        if (!issuer.isEmpty() || accountName.indexOf(':') >= 0) {
            uri.append(':');
        }
        uri.append(PercentEncoding.encode(accountName)).append("?secret=").append(secret.toBase32());
        if (!issuer.isEmpty()) {
            uri.append("&issuer=").append(prefix);
        }
        TotpParameters usual = TotpParameters.DEFAULT;
        if (algorithm() != usual.algorithm()) {
            uri.append("&algorithm=").append(algorithm());
        }
        if (digits() != usual.digits()) {
            uri.append("&digits=").append(digits());
        }
        if (!parameters.period().equals(usual.period())) {
            uri.append("&period=").append(parameters.period().toSeconds());
        }
        if (counter.isPresent()) {
            uri.append("&counter=").append(counter.getAsLong());
        }
        return uri.toString();
    }

    /** {@return which kind of one-time code this is} */
    public Type type() {
        return counter.isPresent() ? Type.HOTP : Type.TOTP;
    }

    /** {@return the service that the account belongs to; empty if a parsed URI has no issuer} */
    public String issuer() {
        return issuer;
    }

    /** {@return the name of the user's account, never empty} */
    public String accountName() {
        return accountName;
    }

    /** {@return the shared secret itself, not a copy. Destroying it makes this key URI unusable} */
    public SharedSecret secret() {
        return secret;
    }

    /** {@return the hash function} */
    public HmacAlgorithm algorithm() {
        return parameters.algorithm();
    }

    /** {@return how many digits a code has, 6 to 8} */
    public int digits() {
        return parameters.digits();
    }

    /** {@return how long a time step of TOTP is; empty for HOTP} */
    public Optional<Duration> period() {
        return counter.isPresent() ? Optional.empty() : Optional.of(parameters.period());
    }

    /** {@return the counter that an HOTP app starts with, 0 or more; empty for TOTP} */
    public OptionalLong counter() {
        return counter;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof KeyUri that
                && issuer.equals(that.issuer)
                && accountName.equals(that.accountName)
                && secret.equals(that.secret)
                && parameters.equals(that.parameters)
                && counter.equals(that.counter);
    }

    @Override
    public int hashCode() {
        return Objects.hash(issuer, accountName);
    }

    /** {@return the type and the issuer, which are neither secret nor personal} */
    @Override
    public String toString() {
        return "KeyUri[type=" + type() + ", issuer=" + issuer + "]";
    }

    /** The two names that an app shows. */
    private record Names(String issuer, String accountName) {

        /** Names that the caller chose. Stricter than {@link #parse}, which has to take names that others chose. */
        static Names given(String issuer, String accountName) {
            if (requireNotEmpty("issuer", issuer).indexOf(':') >= 0) {
                throw new IllegalArgumentException("the issuer contains a colon");
            }
            return new Names(issuer, accountName);
        }

        /** Neither argument is decoded. The parameter is empty if there is none. */
        static Names parse(String rawLabel, String rawParameter) {
            String label = PercentEncoding.decode(rawLabel);
            String parameter = decoded(rawParameter);
            // Decoding before splitting is safe, because only "%3A" is decoded to a colon.
            int colon = label.indexOf(':');
            String prefix = Characters.strip(label.substring(0, Math.max(colon, 0)));
            if (parameter.isEmpty()) {
                return parsed(prefix, label.substring(colon + 1));
            }
            if (Characters.strip(label).equals(parameter)) {
                return parsed(parameter, "");
            }
            int end = endOfIssuer(label, parameter);
            if (end >= 0) {
                return parsed(parameter, label.substring(end + 1));
            }
            // Some systems write a space as a plus, as HTML forms do. If they do so in only one of the two places, the
            // other place shows it.
            String labelOfAForm = PercentEncoding.decode(rawLabel.replace('+', ' '));
            String parameterOfAForm = decoded(rawParameter.replace('+', ' '));
            end = endOfIssuer(labelOfAForm, parameter);
            if (end >= 0) {
                return parsed(parameter, label.substring(end + 1));
            }
            end = endOfIssuer(label, parameterOfAForm);
            if (end >= 0) {
                return parsed(parameterOfAForm, label.substring(end + 1));
            }
            if (prefix.isEmpty()) {
                return parsed(parameter, label.substring(colon + 1));
            }
            throw new IllegalArgumentException(
                    "the key URI has two issuers: the one before the colon of the label differs"
                            + " from the issuer parameter");
        }

        /** The colon behind this issuer, which may contain colons itself, or -1 if the label begins differently. */
        private static int endOfIssuer(String label, String issuer) {
            int start = afterBlanks(label, 0);
            if (!label.startsWith(issuer, start)) {
                return -1;
            }
            int end = afterBlanks(label, start + issuer.length());
            return end < label.length() && label.charAt(end) == ':' ? end : -1;
        }

        private static int afterBlanks(String label, int from) {
            int i = from;
            while (i < label.length() && Characters.isBlank(label.charAt(i))) {
                i++;
            }
            return i;
        }

        private static Names parsed(String issuer, String accountName) {
            String name = Characters.strip(accountName);
            if (name.isEmpty() && issuer.isEmpty()) {
                throw new IllegalArgumentException("the key URI has neither an account name nor an issuer");
            }
            return new Names(issuer, name.isEmpty() ? issuer : name);
        }
    }

    private static String requireNotEmpty(String what, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the " + what + " is empty");
        }
        return text;
    }

    private static String requireText(String what, String text) {
        if (!Characters.strip(text).equals(text)) {
            throw new IllegalArgumentException(
                    "the " + what + " begins or ends with white space or with a control character");
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new IllegalArgumentException("the " + what + " contains a control character");
            }
        }
        if (Characters.hasUnpairedSurrogate(text)) {
            throw new IllegalArgumentException("the " + what + " contains an unpaired surrogate");
        }
        return text;
    }

    private static String withoutInvisibleEnds(String uri) {
        int from = 0;
        int to = uri.length();
        while (from < to && isInvisible(uri.charAt(from))) {
            from++;
        }
        while (from < to && isInvisible(uri.charAt(to - 1))) {
            to--;
        }
        return uri.substring(from, to);
    }

    private static boolean isInvisible(char c) {
        return Characters.isBlank(c) || Characters.isFormat(c);
    }

    private static Type parseType(String text) {
        if (startsWith(text, 0, "otpauth-migration:")) {
            throw new IllegalArgumentException(
                    "this is an export of Google Authenticator, which holds several accounts:"
                            + " convert it to one key URI for each account");
        }
        if (startsWith(text, 0, "steam:")) {
            throw new IllegalArgumentException("this is a key of Steam Guard: its codes are not decimal digits");
        }
        if (!startsWith(text, 0, SCHEME)) {
            throw new IllegalArgumentException("a key URI begins with " + SCHEME);
        }
        if (startsWith(text, SCHEME.length(), "totp/")) {
            return Type.TOTP;
        }
        if (startsWith(text, SCHEME.length(), "hotp/")) {
            return Type.HOTP;
        }
        throw new IllegalArgumentException("the type of a key URI is totp or hotp, followed by a slash");
    }

    /** Upper and lower case of ASCII make no difference. */
    private static boolean startsWith(String text, int from, String lowerCase) {
        boolean same = text.length() >= from + lowerCase.length();
        for (int i = 0; same && i < lowerCase.length(); i++) {
            char c = text.charAt(from + i);
            same = (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == lowerCase.charAt(i);
        }
        return same;
    }

    /** The known parameters that have a value. The values are not decoded. It is certain that they can be. */
    private static Map<String, String> parseQuery(String rawQuery) {
        Map<String, String> query = new HashMap<>();
        for (int from = 0; from <= rawQuery.length(); ) {
            int ampersand = rawQuery.indexOf('&', from);
            int end = ampersand < 0 ? rawQuery.length() : ampersand;
            String parameter = rawQuery.substring(from, end);
            from = end + 1;
            int equals = parameter.indexOf('=');
            String name = decoded(equals < 0 ? parameter : parameter.substring(0, equals))
                    .toLowerCase(Locale.ROOT);
            String raw = equals < 0 ? "" : parameter.substring(equals + 1);
            if (name.startsWith("amp;")) {
                // Otherwise every parameter but the first would be unknown, and the defaults would be used instead.
                throw new IllegalArgumentException("the key URI is escaped for HTML: it has &amp; instead of &");
            }
            if (!decoded(raw).isEmpty() && PARAMETERS.contains(name) && query.put(name, raw) != null) {
                throw new IllegalArgumentException("the key URI has two values for the parameter " + name);
            }
        }
        return query;
    }

    private static String value(Map<String, String> query, String name, String otherwise) {
        return decoded(query.getOrDefault(name, otherwise));
    }

    private static String required(Map<String, String> query, String name) {
        if (!query.containsKey(name)) {
            throw new IllegalArgumentException("the key URI has no " + name);
        }
        return value(query, name, "");
    }

    private static String decoded(String raw) {
        return Characters.strip(PercentEncoding.decode(raw));
    }

    private static HmacAlgorithm parseAlgorithm(String value) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetterOrDigit(c)) {
                name.appendCodePoint(c);
            }
        }
        return switch (name.toString().toLowerCase(Locale.ROOT)) {
            case "sha1", "hmacsha1", "algorithmsha1" -> HmacAlgorithm.SHA1;
            case "sha256", "hmacsha256", "algorithmsha256" -> HmacAlgorithm.SHA256;
            case "sha512", "hmacsha512", "algorithmsha512" -> HmacAlgorithm.SHA512;
            default -> throw new IllegalArgumentException("the key URI's algorithm is none of SHA1, SHA256 and SHA512");
        };
    }

    private static long parseNumber(String what, String value) {
        // Long.parseLong alone would accept a sign and the digits of every script.
        boolean digits = true;
        for (int i = 0; i < value.length(); i++) {
            digits &= value.charAt(i) >= '0' && value.charAt(i) <= '9';
        }
        if (digits) {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                // The number does not fit into a long. The exception is not passed on, because it quotes the text.
            }
        }
        throw new IllegalArgumentException(
                "the key URI's " + what + " is not a whole number from 0 to " + Long.MAX_VALUE);
    }
}
