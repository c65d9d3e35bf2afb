// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An authenticator of the other product: one that can be imported, or the reason why it cannot. */
final class OldAuthenticator {
    /** The two kinds of one-time code. */
    enum Type {
        TOTP,
        HOTP
    }

    private static final int STRONG_SECRET_BYTES = 16;
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,19}");

    private final Builder read;

    private OldAuthenticator(Builder read) {
        this.read = read;
    }

    static Builder at(String where, String label) {
        return new Builder(where, label);
    }

    /** {@return the place in the file, such as "line 3"} */
    String where() {
        return read.where;
    }

    String label() {
        return read.label;
    }

    Type type() {
        return read.counter == null ? Type.TOTP : Type.HOTP;
    }

    /** {@return why it cannot be imported; empty if it can be} */
    Optional<String> refusal() {
        return Optional.ofNullable(read.refusal);
    }

    /** {@return whether the secret has under 128 bits} */
    boolean isWeak() {
        return read.secret != null && bytes(read.secret) < STRONG_SECRET_BYTES;
    }

    /** {@return whether nobody knows which code was used last; then all codes of this moment count as used} */
    boolean isLastStepUnknown() {
        return type() == Type.TOTP && read.lastStep == null;
    }

    /** {@return how many steps its clock is off, as far as the other product knows} */
    int drift() {
        return read.drift;
    }

    ExistingAuthenticator existing() {
        SharedSecret secret = Objects.requireNonNull(read.secret, "secret");
        if (read.counter != null) {
            return ExistingAuthenticator.hotp(secret, read.algorithm, read.digits, read.counter);
        }
        ExistingAuthenticator totp = ExistingAuthenticator.totp(secret, parameters());
        if (read.lastStep != null) {
            totp = totp.lastUsedStep(read.lastStep);
        }
        // The drift itself cannot be imported. An authenticator with its own clock finds it with two codes.
        return read.ownClock || read.drift != 0 ? totp.ownClock() : totp;
    }

    private TotpParameters parameters() {
        return new TotpParameters(read.algorithm, read.digits, read.period, read.t0);
    }

    /** Whether both give the same codes, so that one of them is a second copy. */
    boolean isSameAs(OldAuthenticator other) {
        return read.secret != null
                && read.secret.equals(other.read.secret)
                && read.refusal == null
                && other.read.refusal == null
                && type() == other.type()
                && parameters().equals(other.parameters());
    }

    /** Of two copies, the one with the later last use. */
    OldAuthenticator furtherOf(OldAuthenticator other) {
        return other.read.position() > read.position() ? other : this;
    }

    private static int bytes(SharedSecret secret) {
        byte[] copy = secret.toBytes();
        Arrays.fill(copy, (byte) 0);
        return copy.length;
    }

    @Override
    public String toString() {
        return "OldAuthenticator[" + where() + "]";
    }

    /**
     * Takes the fields as texts, as the files have them. A blank field, or one that is null, has its usual value. The
     * first field that cannot be used is the reason why the authenticator cannot be imported.
     */
    static final class Builder {
        private final String where;
        private final String label;
        private @Nullable SharedSecret secret;
        private HmacAlgorithm algorithm = HmacAlgorithm.SHA1;
        private int digits = 6;
        private Duration period = Duration.ofSeconds(30);
        private Instant t0 = Instant.EPOCH;
        private @Nullable Long counter;
        private @Nullable Long lastStep;
        private int drift;
        private boolean ownClock;
        private boolean hotp;
        private @Nullable String refusal;

        private Builder(String where, String label) {
            this.where = where;
            this.label = label;
        }

        Builder refuse(String reason) {
            if (refusal == null) {
                refusal = reason;
            }
            return this;
        }

        Builder secret(Secrets.Encoding encoding, @Nullable String text) {
            if (text == null || text.isBlank()) {
                return refuse("it has no secret");
            }
            try {
                secret = encoding.read(text);
            } catch (IllegalArgumentException e) {
                refuse(String.valueOf(e.getMessage()));
            }
            return this;
        }

        Builder secret(SharedSecret read) {
            secret = read;
            return this;
        }

        Builder secret(byte[] bytes) {
            try {
                secret = SharedSecret.fromBytes(bytes);
            } catch (IllegalArgumentException e) {
                refuse(String.valueOf(e.getMessage()));
            }
            return this;
        }

        Builder algorithm(@Nullable String text) {
            if (text != null && !text.isBlank()) {
                Optional<HmacAlgorithm> named = algorithmOf(text);
                named.ifPresentOrElse(
                        one -> algorithm = one, () -> refuse("its algorithm is none of SHA1, SHA256 and SHA512"));
            }
            return this;
        }

        Builder algorithm(HmacAlgorithm read) {
            algorithm = read;
            return this;
        }

        static Optional<HmacAlgorithm> algorithmOf(String text) {
            String name = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
            return switch (name) {
                case "sha1", "hmacsha1", "algorithmsha1" -> Optional.of(HmacAlgorithm.SHA1);
                case "sha256", "hmacsha256", "algorithmsha256" -> Optional.of(HmacAlgorithm.SHA256);
                case "sha512", "hmacsha512", "algorithmsha512" -> Optional.of(HmacAlgorithm.SHA512);
                default -> Optional.empty();
            };
        }

        Builder digits(@Nullable String text) {
            digits = (int) number("digits", text, 6, 8, digits);
            return this;
        }

        Builder period(@Nullable String text) {
            period = Duration.ofSeconds(number("period", text, 1, Integer.MAX_VALUE, period.toSeconds()));
            return this;
        }

        Builder t0(@Nullable String text) {
            t0 = Instant.ofEpochSecond(number("t0", text, -(1L << 40), 1L << 40, 0));
            return this;
        }

        /** Makes it counter-based. There is no usual counter, because a guess would accept used codes. */
        Builder counter(@Nullable String text) {
            hotp = true;
            if (!isGiven(text)) {
                return refuse("it is counter-based and has no counter");
            }
            counter = number("counter", text, 0, 1L << 62, 0);
            return this;
        }

        Builder lastStep(@Nullable String text) {
            if (isGiven(text)) {
                lastStep = number("last step", text, 0, Long.MAX_VALUE, 0);
            }
            return this;
        }

        Builder drift(@Nullable String text) {
            drift = (int) number("drift", text, -100, 100, 0);
            return this;
        }

        /** Marks a hardware token, whose clock nobody sets. */
        Builder ownClock() {
            ownClock = true;
            return this;
        }

        private long number(String what, @Nullable String text, long min, long max, long usual) {
            if (text == null || text.isBlank()) {
                return usual;
            }
            String stripped = text.strip();
            if (NUMBER.matcher(stripped).matches()) {
                try {
                    long number = Long.parseLong(stripped);
                    if (number >= min && number <= max) {
                        return number;
                    }
                } catch (NumberFormatException e) {
                    // The number does not fit into a long.
                }
            }
            refuse("its " + what + " is not a whole number from " + min + " to " + max);
            return usual;
        }

        private static boolean isGiven(@Nullable String text) {
            return text != null && !text.isBlank();
        }

        private long position() {
            return counter != null ? counter : lastStep != null ? lastStep : Long.MAX_VALUE;
        }

        OldAuthenticator build() {
            if (hotp && counter == null) {
                counter = 0L;
                refuse("it is counter-based and has no counter");
            }
            OldAuthenticator built = new OldAuthenticator(this);
            if (secret == null) {
                refuse("it has no secret");
            }
            if (refusal == null) {
                try {
                    built.existing();
                } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
                    refuse("its numbers do not fit together");
                }
            }
            return built;
        }
    }
}
