// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.Browser;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.UserId;
import dev.sallyport.examples.cluster.Reply.Word;
import dev.sallyport.examples.cluster.Tally.Count;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The owner of an account, and an attacker who has the password. Both come once a week of the account's own time. The owner
 * signs in from a known browser and uses backup codes; the attacker replays and guesses at the strangers' door. The ledger
 * gets each answer.
 *
 * <p>It is a week, so that the failures of a visit stay far from the budget of 50 in any 30 days.
 */
final class Owner {
    static final Instant START = Instant.parse("2026-11-02T09:00:00Z");
    private static final Duration BETWEEN_VISITS = Duration.ofDays(7);
    private static final Duration LOCKOUT = TwoFactorPolicy.defaults().firstLockout();
    private static final Duration BURNT = Duration.ofSeconds(60);
    private static final int KINDS_OF_VISIT = 4;
    private static final int SIGN_INS = 4;
    private static final int GUESSES_AT_ONCE = 12;

    private final String user;
    private final Phone phone;
    /** The token of the browser that the owner uses. Attackers have none. */
    private final String browser;

    private final List<String> backupCodes;
    private final Truth truth;
    private final Tally tally;
    private final Ledger ledger;
    private final Random random = new Random();
    private int visits = random.nextInt(KINDS_OF_VISIT);
    private int killsSeen;

    /** Switches two-factor authentication on for somebody, as an application does. Its clock has to say {@link #START}. */
    Owner(String user, TwoFactor twoFactor, Truth truth, Tally tally) {
        EnrollmentRequest request = EnrollmentRequest.of(user).browser(Browser.ofToken(null, "the owner's browser"));
        PendingEnrollment pending = twoFactor.beginEnrollment(UserId.of(user), request);
        this.user = user;
        this.phone = new Phone(pending, START, random);
        if (!(twoFactor.confirmEnrollment(pending.handle(), phone.useCode()) instanceof Enrolled enrolled)) {
            throw new IllegalStateException("a right code confirms");
        }
        this.browser = enrolled.proof().browserToken().orElseThrow().value();
        this.backupCodes = new ArrayList<>(enrolled.backupCodes().orElseThrow().asList());
        this.truth = truth;
        this.tally = tally;
        this.ledger = new Ledger(user, tally, backupCodes.size());
    }

    void visitUntil(BooleanSupplier over, Nodes nodes) {
        try (Caller caller = new Caller(nodes, tally, random)) {
            while (!over.getAsBoolean()) {
                replayAfterKill(caller, nodes.kills());
                visit(caller);
            }
            replayAfterKill(caller, nodes.kills());
        }
    }

    private void visit(Caller caller) {
        phone.advance(BETWEEN_VISITS);
        for (int i = 0; i < SIGN_INS; i++) {
            signIn(caller);
        }
        signInEverywhere(caller);
        visits++;
        switch (visits % KINDS_OF_VISIT) {
            case 0 -> mistype(caller);
            case 1 -> {
                guess(caller);
                signInEverywhere(caller);
            }
            case 2 -> {
                guess(caller);
                recover(caller);
            }
            default -> signIn(caller);
        }
        ledger.compare(truth.of(user));
    }

    /** The code that was accepted last, at the very time of it, once a node has been killed since. */
    private void replayAfterKill(Caller caller, int kills) {
        if (kills > killsSeen) {
            killsSeen = kills;
            tally.add(Count.REPLAYS_AFTER_A_KILL, replay(caller));
        }
    }

    private int replay(Caller caller) {
        List<Reply> replies = caller.each(fromTheOwner(phone.lastCode()));
        ledger.replay(replies);
        return replies.size();
    }

    /** Gives the proof, if it was heard. */
    private Optional<Reply> signIn(Caller caller) {
        String request = fromTheOwner(phone.useNextCode());
        long start = System.nanoTime();
        Reply reply = caller.one(request);
        tally.latency(System.nanoTime() - start);
        return settle(caller, request, List.of(reply));
    }

    /** With the same code on all nodes at once. */
    private void signInEverywhere(Caller caller) {
        String request = fromTheOwner(phone.useNextCode());
        tally.add(Count.RACES, 1);
        settle(caller, request, caller.each(request));
    }

    private Optional<Reply> settle(Caller caller, String request, List<Reply> replies) {
        Optional<Reply> proof = ledger.freshCode(replies);
        while (ledger.isInDoubt()) {
            proof = ledger.freshCode(List.of(caller.one(request)));
        }
        if (proof.isEmpty()) {
            // The refusal that was heard has to be that of a used code, which is not counted.
            ledger.compare(truth.of(user));
        }
        replay(caller);
        return proof;
    }

    /** Fewer wrong codes than lock, one after the other, and used ones among them, at a borrowed computer. */
    private void mistype(Caller caller) {
        for (String code : phone.olderCodes()) {
            ledger.olderCode(phone.now(), caller.one(fromAStranger(code)));
        }
        for (int i = 0; i < 2; i++) {
            ledger.guesses(phone.now(), List.of(caller.one(fromAStranger(phone.wrongCode()))));
        }
        ledger.count(truth.of(user));
        signIn(caller);
    }

    /** More wrong codes than are free, at once; then the right one a moment before the lockout is over. */
    private void guess(Caller caller) {
        ledger.guesses(
                phone.now(),
                caller.all(Stream.generate(() -> fromAStranger(phone.wrongCode()))
                        .limit(GUESSES_AT_ONCE)
                        .toList()));
        while (!ledger.isLocked()) {
            ledger.guesses(phone.now(), List.of(caller.one(fromAStranger(phone.wrongCode()))));
        }
        ledger.count(truth.of(user));
        Instant until = phone.now().plus(LOCKOUT);
        ledger.tooEarly(until, caller.one(verify(Desk.STRANGER, phone.codeAt(until), until.minusMillis(1))));
    }

    /** A backup code passes during the lockout, at a borrowed computer too, and ends it. */
    private void recover(Caller caller) {
        String request = fromAStranger(backupCodes.remove(0));
        ledger.backupCode(caller.each(request));
        while (ledger.isInDoubt()) {
            ledger.backupCode(List.of(caller.one(request)));
        }
        ledger.usedBackupCode(caller.each(request));
        // A used backup code burns every code that a window reaches.
        phone.advance(BURNT);
        if (backupCodes.isEmpty()) {
            renewBackupCodes(caller);
        } else {
            signIn(caller);
        }
    }

    /**
     * With one node's proof on any node. If that is killed before it has answered, the proof may be used up: then the owner
     * signs in again, as the Javadoc says.
     */
    private void renewBackupCodes(Caller caller) {
        Optional<Reply> proof = Optional.empty();
        while (backupCodes.isEmpty()) {
            if (proof.isEmpty()) {
                proof = signIn(caller);
                continue;
            }
            Reply reply =
                    caller.one(request("regenerate", phone.now(), proof.get().rest()));
            ledger.newSet(proof.get(), reply);
            if (reply.is(Word.CODES)) {
                Collections.addAll(backupCodes, reply.rest().split(" ", -1));
            } else if (reply.is(Word.STALE)) {
                proof = Optional.empty();
            }
        }
    }

    private String fromTheOwner(String code) {
        return verify(browser, code, phone.now());
    }

    private String fromAStranger(String code) {
        return verify(Desk.STRANGER, code, phone.now());
    }

    private String verify(String from, String code, Instant now) {
        return request("verify", now, from + " " + code);
    }

    private String request(String verb, Instant now, String what) {
        return verb + " " + user + " " + now.toEpochMilli() + " " + what;
    }
}
