// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.Browser;
import dev.sallyport.BrowserToken;
import dev.sallyport.KeyRing;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Users who sign in, one after the other. Most of them use a browser that is remembered, some type a right code, and a
 * few type a wrong one. After the last user the first one is next, and the clock moves on by a time step, because a
 * code is good once. Nobody types two wrong codes in a row, so nobody is locked out. Serves one thread.
 */
final class StormUsers {
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final Instant ENROLLED = Instant.parse("2026-11-01T08:30:07Z");
    private static final String FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
    private static final String LABEL = "Firefox on Linux";
    private static final int MOST_REFUSED = 10;
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);

    private final CountingStore store;
    private final TwoFactor twoFactor;
    private final Random random;
    private final List<User> users = new ArrayList<>();
    private final List<SignIn> deck = new ArrayList<>();
    private final Map<SignIn, Count> counts = new EnumMap<>(SignIn.class);
    private volatile Instant now = ENROLLED.plus(STEP);
    private int next;
    private int refused;

    /**
     * A kind of sign-in, how many of twenty are of this kind, and how often one of them may read and write: {@code
     * signInRequirement} reads once and writes nothing. A code that is compared costs one more read and one write. A
     * browser that was not known is noted in the same write.
     */
    enum SignIn {
        REMEMBERED("in a remembered browser", 14, 1, 0),
        RIGHT_CODE("with a right code", 5, 2, 1),
        WRONG_CODE("with a wrong code", 1, 2, 1);

        private final String words;
        private final int ofTwenty;
        private final int mostReads;
        private final int mostWrites;

        SignIn(String words, int ofTwenty, int mostReads, int mostWrites) {
            this.words = words;
            this.ofTwenty = ofTwenty;
            this.mostReads = mostReads;
            this.mostWrites = mostWrites;
        }

        String words() {
            return words;
        }

        int ofTwenty() {
            return ofTwenty;
        }

        int mostReads() {
            return mostReads;
        }

        int mostWrites() {
            return mostWrites;
        }
    }

    /** How often there was such a sign-in, and how often the store was called: by all of them, and at most by one. */
    record Count(long signIns, long reads, long writes, int mostReads, int mostWrites) {
        static final Count NONE = new Count(0, 0, 0, 0, 0);

        Count plus(Count other) {
            return new Count(
                    signIns + other.signIns,
                    reads + other.reads,
                    writes + other.writes,
                    Math.max(mostReads, other.mostReads),
                    Math.max(mostWrites, other.mostWrites));
        }
    }

    /** Has one browser that is remembered. Another browser shows the codes, and is known after the first right one. */
    private static final class User {
        private final UserId id;
        private final SharedSecret secret = SharedSecret.generate();
        private final Browser remembered;
        private Browser other = Browser.fromHeaders(null, FIREFOX);
        private boolean lastCodeWasWrong;

        User(String id, ReadyAccounts ready, TwoFactorStore store) {
            this.id = UserId.of(id);
            ReadyAccounts.WithBrowser account = ready.withBrowser(this.id, secret, FIREFOX);
            remembered = known(account.token());
            RecordSummary summary = new RecordSummary(RecordSummary.State.ENABLED, 0, null, 10, 1, ENROLLED, ENROLLED);
            if (!store.insert(account.record(), summary)) {
                throw new IllegalStateException("there is an account of " + id);
            }
        }

        private static Browser known(BrowserToken token) {
            return Browser.ofToken(token.value(), LABEL);
        }
    }

    StormUsers(TwoFactorStore store, KeyRing keys, String prefix, int number, long seed) {
        this.store = new CountingStore(store);
        this.random = new Random(seed);
        twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(this.store)
                .encryptionKeys(keys)
                .clock(() -> now)
                .build();
        ReadyAccounts ready = new ReadyAccounts(keys, ENROLLED);
        for (int i = 0; i < number; i++) {
            users.add(new User(String.format(Locale.ROOT, "%s%05d@acme.example", prefix, i), ready, store));
        }
        Collections.shuffle(users, random);
    }

    /** {@return what there was since the last call} */
    Map<SignIn, Count> takeCounts() {
        Map<SignIn, Count> taken = new EnumMap<>(counts);
        counts.clear();
        return taken;
    }

    /** The next sign-in, which ends as one of its kind should. */
    void signIn() {
        User user = nextUser();
        SignIn kind = draw(user);
        int reads = store.reads();
        int writes = store.writes();
        switch (kind) {
            case REMEMBERED -> remembered(user);
            case RIGHT_CODE -> rightCode(user);
            case WRONG_CODE -> wrongCode(user);
        }
        reads = store.reads() - reads;
        writes = store.writes() - writes;
        counts.merge(kind, new Count(1, reads, writes, reads, writes), Count::plus);
    }

    private User nextUser() {
        if (next == users.size()) {
            next = 0;
            now = now.plus(STEP);
        }
        return users.get(next++);
    }

    /** Takes from a deck of twenty. A wrong code that this user must not type stays there for the next one. */
    private SignIn draw(User user) {
        if (deck.isEmpty()
                || (user.lastCodeWasWrong && Collections.frequency(deck, SignIn.WRONG_CODE) == deck.size())) {
            for (SignIn kind : SignIn.values()) {
                deck.addAll(Collections.nCopies(kind.ofTwenty(), kind));
            }
            Collections.shuffle(deck, random);
        }
        int last = deck.size() - 1;
        while (user.lastCodeWasWrong && deck.get(last) == SignIn.WRONG_CODE) {
            last--;
        }
        return deck.remove(last);
    }

    private void remembered(User user) {
        SignInRequirement requirement = twoFactor.signInRequirement(user.id, user.remembered);
        // A user without a record needs no code either.
        if (!(requirement instanceof NoCodeRequired free && free.browser().isPresent())) {
            throw new IllegalStateException("not remembered: " + requirement);
        }
    }

    private void rightCode(User user) {
        VerificationResult result = verify(user, user.other, TOTP.generate(user.secret, now));
        if (result instanceof Verified verified) {
            verified.browserToken().ifPresent(token -> user.other = User.known(token));
            user.lastCodeWasWrong = false;
            return;
        }
        // One code in a million is that of the step used last, and is refused.
        refused++;
        if (refused > MOST_REFUSED) {
            throw new IllegalStateException("right codes are refused: " + result);
        }
    }

    /** By a stranger, who knows the password. */
    private void wrongCode(User user) {
        VerificationResult result = verify(user, Browser.none(), codeOfNoStepNearby(user));
        user.lastCodeWasWrong = true;
        if (!(result instanceof Rejected)) {
            throw new IllegalStateException("not rejected: " + result);
        }
    }

    private String codeOfNoStepNearby(User user) {
        int code = random.nextInt(1_000_000);
        String wrong;
        do {
            wrong = String.format(Locale.ROOT, "%06d", code);
            code = (code + 1) % 1_000_000;
        } while (TOTP.match(user.secret, wrong, now, new Window(1, 1), -1).isPresent());
        return wrong;
    }

    private VerificationResult verify(User user, Browser browser, String code) {
        SignInRequirement requirement = twoFactor.signInRequirement(user.id, browser);
        if (!(requirement instanceof CodeRequired required)) {
            throw new IllegalStateException("no code is required: " + requirement);
        }
        return twoFactor.verify(required.challenge(), code);
    }
}
