// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;

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
 * The text inside the QR code that an authenticator app scans: shared secret, parameters, and what the app shows beside
 * the code. There is no standard; this follows Google's "Key Uri Format" where all apps agree on it.
 *
 * <p>A key URI is a credential, as the shared secret in it is. {@link #toString()} shows neither the secret nor the
 * account name; {@link #toUriString()} shows everything and belongs on the user's own screen, once, and nowhere else: no
 * log, no cache, no other party's service that draws QR codes.
 *
 * <p>It says nothing about {@code t0}, which is the epoch for every app, and nothing about the window.
 *
 * <p>Immutable but for the secret, which its owner can destroy, and safe for use by many threads.
 */
public final class KeyUri {
    /** The longest text there may be, in characters: more than any QR code holds. */
    private static final int MAX_LENGTH = 4096;

    private static final String TOTP_PREFIX = "otpauth://totp/";
    private static final String HOTP_PREFIX = "otpauth://hotp/";
    private static final Set<String> PARAMETERS =
            Set.of("secret", "issuer", "algorithm", "digits", "period", "counter");

    private final String issuer;
    private final String accountName;
    private final SharedSecret secret;
    /** Of HOTP, the algorithm and the digits; the rest is at its default and not said. */
    private final TotpParameters parameters;
    /** Of HOTP; empty makes it TOTP. */
    private final OptionalLong counter;
    /** The text up to the secret, and from there on. */
    private final String beforeSecret;

    private final String afterSecret;

    private KeyUri(
            String issuer, String accountName, SharedSecret secret, TotpParameters parameters, OptionalLong counter) {
        this.issuer = requireText("issuer", issuer);
        this.accountName = requireNotEmpty("account name", requireText("account name", accountName));
        this.secret = secret;
        this.parameters = parameters;
        this.counter = counter;
        if (!parameters.t0().equals(Instant.EPOCH)) {
            throw new IllegalArgumentException("a key URI cannot say that t0 is not the epoch");
        }
        String name = PercentEncoding.encode(issuer);
        beforeSecret = (counter.isPresent() ? HOTP_PREFIX : TOTP_PREFIX) + name + (name.isEmpty() ? "" : ":")
                + PercentEncoding.encode(accountName) + "?secret=";
        afterSecret = (name.isEmpty() ? "" : "&issuer=" + name) + unusualParameters();
        if (beforeSecret.length() + secret.toBase32().length() + afterSecret.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a key URI has at most " + MAX_LENGTH + " characters");
        }
    }

    private String unusualParameters() {
        TotpParameters usual = TotpParameters.DEFAULT;
        String unusual = algorithm() == usual.algorithm() ? "" : "&algorithm=" + algorithm();
        unusual += digits() == usual.digits() ? "" : "&digits=" + digits();
        Duration period = parameters.period();
        unusual += period.equals(usual.period()) ? "" : "&period=" + period.toSeconds();
        return counter.isPresent() ? unusual + "&counter=" + counter.getAsLong() : unusual;
    }

    /** Which of the two kinds of one-time code it is about. */
    public enum Type {
        /** From the time, RFC 6238. */
        TOTP,
        /** From a counter, RFC 4226. */
        HOTP
    }

    /**
     * Makes the key URI of a TOTP authenticator.
     *
     * <p>Neither name may be empty, contain a colon, a control character or an unpaired surrogate, or begin or end with
     * white space: apps would show something else than what was meant.
     *
     * @param issuer who the account is with, as the app shows it
     * @param accountName whose account it is, as the app shows it: what tells two accounts of one person apart
     * @param secret the shared secret
     * @param parameters the parameters, with the epoch as {@code t0}. Many apps ignore all but the default ones
     * @return the key URI
     * @throws IllegalArgumentException if a name is refused, {@code t0} is not the epoch, or the text gets longer than
     *     4096 characters
     * @throws IllegalStateException if the secret is destroyed
     */
    public static KeyUri totp(String issuer, String accountName, SharedSecret secret, TotpParameters parameters) {
        return new KeyUri(requireNotEmpty("issuer", issuer), accountName, secret, parameters, OptionalLong.empty());
    }

    /**
     * Makes the key URI of an HOTP authenticator. Names are as in {@link #totp}.
     *
     * @param issuer who the account is with, as the app shows it
     * @param accountName whose account it is, as the app shows it
     * @param secret the shared secret
     * @param algorithm the hash function
     * @param digits 6 to 8
     * @param counter the counter that the app starts with, 0 or more. Some apps read none above 2<sup>31</sup> - 1
     * @return the key URI
     * @throws IllegalArgumentException if a name is refused, digits or counter are out of range, or the text gets longer
     *     than 4096 characters
     * @throws IllegalStateException if the secret is destroyed
     */
    public static KeyUri hotp(
            String issuer, String accountName, SharedSecret secret, HmacAlgorithm algorithm, int digits, long counter) {
        if (counter < 0) {
            throw new IllegalArgumentException("a counter is not negative");
        }
        TotpParameters parameters = of(algorithm, digits, TotpParameters.DEFAULT.period());
        return new KeyUri(requireNotEmpty("issuer", issuer), accountName, secret, parameters, OptionalLong.of(counter));
    }

    private static TotpParameters of(HmacAlgorithm algorithm, int digits, Duration period) {
        return new TotpParameters(algorithm, digits, period, Instant.EPOCH);
    }

    /**
     * Reads a key URI, whoever made it.
     *
     * <p>Forgiven: a scheme, type or algorithm in either case; a secret as {@link SharedSecret#fromBase32} forgives it;
     * white space around names; characters that should have been encoded and are not; parameters that are unknown, such as
     * {@code image}; {@code period} with HOTP and {@code counter} with TOTP. Where the issuer before the colon and the
     * one of the parameter differ, the parameter is right. A {@code +} is a plus, not a space.
     *
     * <p>Refused: everything else, above all whatever two readers could read in two ways, such as a parameter given
     * twice, a second colon in the label, or a fragment.
     *
     * @param uri a key URI of at most 4096 characters
     * @return what it says
     * @throws IllegalArgumentException if it is refused; the message shows nothing of the URI
     */
    public static KeyUri parse(String uri) {
        if (uri.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a key URI has at most " + MAX_LENGTH + " characters");
        }
        if (uri.indexOf('#') >= 0 || !UTF_8.newEncoder().canEncode(uri)) {
            throw new IllegalArgumentException("a key URI has no fragment and no unpaired surrogates");
        }
        Type type = parseType(uri);
        int question = uri.indexOf('?');
        String rawLabel = uri.substring(TOTP_PREFIX.length(), question < 0 ? uri.length() : question);
        Map<String, String> query = parseQuery(question < 0 ? "" : uri.substring(question + 1));

        // The same as to split at the first ":" or "%3A" and decode then: no other character has a colon in its UTF-8.
        String label = PercentEncoding.decode(rawLabel);
        int colon = label.indexOf(':');
        String prefix = colon < 0 ? "" : label.substring(0, colon).strip();
        String accountName = label.substring(colon + 1).strip();
        String parameter = query.getOrDefault("issuer", "").strip();
        String issuer = parameter.isEmpty() ? prefix : parameter;

        SharedSecret secret = SharedSecret.fromBase32(required(query, "secret"));
        HmacAlgorithm algorithm = parseAlgorithm(query.getOrDefault("algorithm", "SHA1"));
        // What does not fit into an int is refused with all that is above 8.
        int digits = (int) Math.min(parseNumber("digits", query.getOrDefault("digits", "6")), Integer.MAX_VALUE);
        if (type == Type.HOTP) {
            TotpParameters parameters = of(algorithm, digits, TotpParameters.DEFAULT.period());
            long counter = parseNumber("counter", required(query, "counter"));
            return new KeyUri(issuer, accountName, secret, parameters, OptionalLong.of(counter));
        }
        Duration period = Duration.ofSeconds(parseNumber("period", query.getOrDefault("period", "30")));
        return new KeyUri(issuer, accountName, secret, of(algorithm, digits, period), OptionalLong.empty());
    }

    /**
     * The text for the QR code: with the secret in it, for the eyes of the user alone. {@link #parse} reads it back.
     *
     * <p>The issuer is given twice, before the account name and as a parameter, for apps read the one or the other.
     * Whatever has its default value is left out. All but RFC 3986's unreserved characters are percent-encoded; a space
     * is {@code %20}, for apps show a {@code +} as a plus.
     *
     * @return the key URI
     * @throws IllegalStateException if the secret is destroyed
     */
    public String toUriString() {
        return beforeSecret + secret.toBase32() + afterSecret;
    }

    /**
     * Which kind of one-time code it is about.
     *
     * @return the type
     */
    public Type type() {
        return counter.isPresent() ? Type.HOTP : Type.TOTP;
    }

    /**
     * Who the account is with.
     *
     * @return the issuer; empty if a parsed URI names none
     */
    public String issuer() {
        return issuer;
    }

    /**
     * Whose account it is.
     *
     * @return the account name, never empty
     */
    public String accountName() {
        return accountName;
    }

    /**
     * The shared secret.
     *
     * @return the very object, not a copy: to destroy it is to destroy this key URI
     */
    public SharedSecret secret() {
        return secret;
    }

    /**
     * The hash function.
     *
     * @return the algorithm
     */
    public HmacAlgorithm algorithm() {
        return parameters.algorithm();
    }

    /**
     * How long a code is.
     *
     * @return 6 to 8
     */
    public int digits() {
        return parameters.digits();
    }

    /**
     * How long a time step is.
     *
     * @return the period of TOTP; empty for HOTP
     */
    public Optional<Duration> period() {
        return counter.isPresent() ? Optional.empty() : Optional.of(parameters.period());
    }

    /**
     * The counter that the app starts with.
     *
     * @return the counter of HOTP, 0 or more; empty for TOTP
     */
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

    /**
     * Shows what is neither secret nor personal.
     *
     * @return type and issuer
     */
    @Override
    public String toString() {
        return "KeyUri[type=" + type() + ", issuer=" + issuer + "]";
    }

    /** Only what others have made may do without an issuer. */
    private static String requireNotEmpty(String what, String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the " + what + " is empty");
        }
        return text;
    }

    private static String requireText(String what, String text) {
        if (text.indexOf(':') >= 0 || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the " + what + " contains a colon or a control character");
        }
        if (!text.strip().equals(text)) {
            throw new IllegalArgumentException("the " + what + " begins or ends with white space");
        }
        if (!UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("the " + what + " contains an unpaired surrogate");
        }
        return text;
    }

    private static Type parseType(String uri) {
        String start = uri.substring(0, Math.min(TOTP_PREFIX.length(), uri.length()));
        // No letter outside ASCII has one of these as its lower case, nor has any locale a say in it.
        return switch (start.toLowerCase(Locale.ROOT)) {
            case TOTP_PREFIX -> Type.TOTP;
            case HOTP_PREFIX -> Type.HOTP;
            default ->
                throw new IllegalArgumentException(
                        "a key URI begins with " + TOTP_PREFIX + " or " + HOTP_PREFIX + ", and a label");
        };
    }

    private static Map<String, String> parseQuery(String rawQuery) {
        Map<String, String> query = new HashMap<>();
        for (String parameter : rawQuery.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = PercentEncoding.decode(equals < 0 ? parameter : parameter.substring(0, equals));
            String value = equals < 0 ? "" : PercentEncoding.decode(parameter.substring(equals + 1));
            if (PARAMETERS.contains(name) && query.put(name, value) != null) {
                throw new IllegalArgumentException("the key URI gives the parameter " + name + " twice");
            }
        }
        return query;
    }

    private static String required(Map<String, String> query, String name) {
        String value = query.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the key URI has no " + name);
        }
        return value;
    }

    private static HmacAlgorithm parseAlgorithm(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "sha1" -> HmacAlgorithm.SHA1;
            case "sha256" -> HmacAlgorithm.SHA256;
            case "sha512" -> HmacAlgorithm.SHA512;
            default -> throw new IllegalArgumentException("the key URI's algorithm is none of SHA1, SHA256 and SHA512");
        };
    }

    private static long parseNumber(String what, String value) {
        // Long.parseLong alone would take a sign, and any script's digits.
        if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            try {
                return Long.parseLong(value);
            } catch (NumberFormatException e) {
                // Empty, or beyond a long: refused with the others. The exception would quote the text.
            }
        }
        throw new IllegalArgumentException("the key URI's " + what + " is no whole number from 0 to " + Long.MAX_VALUE);
    }
}
