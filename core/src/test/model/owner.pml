/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping the owner out: an owner with a backup code always gets in.
 *
 * The attacker knows the password and has a copy of the owner's cookie. It guesses at both doors for as long as it
 * likes, and writes whenever a rule lets it write, so that the owner's write is refused. The store fails up to
 * FAILURES times. The owner has one code more than that, because an answer that is lost can use a code up. The
 * attacker's guesses are all wrong.
 *
 * The lockouts end by themselves. A lockout lasts longer than a call, so in one call of the owner each row of
 * failures gets at most one end of a lockout.
 */

#include "note.pml"

#define CALLERS  2
#define OWNER    0
#define ATTACKER 1

#define FAILURES  2
#define CODES     3              /* the owner's backup codes: more than FAILURES */
#define LOCKOUT   2              /* TwoFactorPolicy.failuresBeforeLockout */
#define CAP       4              /* TwoFactorPolicy.FAILURES_BEFORE_SUSPENSION */
#define EXPULSION 4              /* TwoFactorPolicy.FAILURES_BEFORE_EXPULSION */

/* Accounts.TRIES: more than the others can win in one call: for each row up to the lockout, and one after its end. */
#ifdef TOO_FEW_TRIES
#define TRIES 6
#else
#ifndef TRIES
#define TRIES 7
#endif
#endif

typedef Record {
    byte strangers;              /* Limits.strangers: failures in a row */
    bool known;                  /* the owner's browser is in the record */
    byte row;                    /* KnownBrowser.row: failures in a row */
    byte spent;                  /* the backup codes 1 to spent were used; each has drawn a new epoch */
    bool guess                   /* for the lockouts: this write counts a guess */
}

inline copy(to, from) {
    to.strangers = from.strangers;
    to.known = from.known;
    to.row = from.row;
    to.spent = from.spent;
    to.guess = from.guess
}

inline clear(one) {
    one.strangers = 0;
    one.known = false;
    one.row = 0;
    one.spent = 0;
    one.guess = false
}

/* A failure begins a lockout. In the record that is the instant of the failure (FailureRow.lockedUntil). */
bool strangersLocked;
bool rowLocked;

inline noteCommit(next) {
    if
    :: next.guess && next.strangers != stored.strangers && next.strangers >= LOCKOUT -> strangersLocked = true
    :: next.guess && next.row != stored.row && next.row >= LOCKOUT -> rowLocked = true
    :: else
    fi;
    if
    :: next.spent != stored.spent -> strangersLocked = false; rowLocked = false
    :: else
    fi
}

byte failures = FAILURES;
#define MAY_FAIL failures > 0
#define SPEND_FAILURE failures--
#define FORGET_REFUSED skip

#include "store.pml"

#define SUSPENDED (stored.strangers >= CAP)
#define STRANGERS_REFUSED (SUSPENDED || strangersLocked)

/* In the present call of the owner, the lockout of this row has ended once. */
bool strangersLockoutEnded;
bool rowLockoutEnded;

proctype Time() {
    do
    :: atomic { strangersLocked && !strangersLockoutEnded -> strangersLocked = false; strangersLockoutEnded = true }
    :: atomic { rowLocked && !rowLockoutEnded -> rowLocked = false; rowLockoutEnded = true }
    od
}

bool ownerIsIn;
bool ownersCallGaveUp;
#ifdef WITNESS
bool inWhileSuspended;
bool inAfterExpulsion;
bool inAfterALostAnswer;
bool inAfterARefusal;
bool wasSuspended;
bool wasExpelled;
#endif

#ifdef LOCKED_DOOR_REFUSES_BACKUP_CODES
#define DOOR_IS_OPEN (challengeKnown -> !rowLocked : !STRANGERS_REFUSED)
#else
#define DOOR_IS_OPEN true                                       /* Account.verifySingleUseCode asks for no lock */
#endif

proctype Owner() {
    Record next;
    byte code = 1;
    byte challengeEpoch;
    bool challengeKnown;
    byte tries;
    mtype outcome;

    do
    :: atomic {                                                 /* signInRequirement, after the password */
        challengeEpoch = stored.spent;
        challengeKnown = stored.known
    }
type:
    atomic {
        tries = 0;
        strangersLockoutEnded = false;
        rowLockoutEnded = false
    }
    do
    :: atomic {                                                 /* verify: find, open, decide */
        MARK_FRESH(OWNER);
        if
        :: challengeEpoch != stored.spent || (challengeKnown && !stored.known) ->
#ifdef OLD_CHALLENGE_KEPT
            goto type
#else
            break                                               /* SignInAgain */
#endif
        :: else
        fi;
        if
        :: code <= stored.spent ->                              /* Rejected: it was used up. The owner takes the next */
#ifndef LOST_ANSWER_TAKEN_AS_FAILURE
            code < CODES;                                       /* without a code left, the owner stays out */
            code++;
#endif
            goto type
        :: else
        fi;
        if
        :: DOOR_IS_OPEN
        :: !DOOR_IS_OPEN -> goto type
        fi;
#ifdef WITNESS
        wasSuspended = SUSPENDED;
        wasExpelled = !stored.known;
#endif
        copy(next, stored);
        next.spent = code;
        next.strangers = 0;
        next.row = 0;
        next.guess = false
    }
    atomic {
        commit(OWNER, next, outcome);
        clear(next);
        if
        :: outcome == COMMITTED ->
#ifdef WITNESS
            inAfterARefusal = tries > 0;
            inAfterALostAnswer = code > 1;
            inWhileSuspended = wasSuspended;
            inAfterExpulsion = wasExpelled;
#endif
            goto in
        :: outcome == UNKNOWN -> goto failed
        :: outcome == REFUSED ->
            tries++;
            if
            :: tries == TRIES -> ownersCallGaveUp = true; goto failed
            :: else
            fi
        fi
    }
    od;
    goto signInAgain;
failed:                                                         /* a StoreException: this code, or another one */
    atomic {
        if
        :: code < CODES -> code++
        :: true
        fi
    }
signInAgain:
    skip
    od;
in:
    atomic {
        ownerIsIn = true;
        tries = 0
    }
}

proctype Attacker() {
    Record next;
    mtype outcome;

    do
    :: atomic {                                                 /* a wrong code at the strangers' door */
#ifndef LOCKED_ATTEMPTS_ARE_WRITTEN
        !STRANGERS_REFUSED;                                     /* LockedOut: nothing is written */
#endif
        MARK_FRESH(ATTACKER);
        copy(next, stored);
        next.guess = !STRANGERS_REFUSED;
        next.strangers = (STRANGERS_REFUSED -> stored.strangers : stored.strangers + 1)
    };
    atomic {
        commit(ATTACKER, next, outcome);
        clear(next);
        outcome = 0
    }
    :: atomic {                                                 /* a wrong code with the owner's cookie */
        stored.known && !rowLocked ->
        MARK_FRESH(ATTACKER);
        copy(next, stored);
        next.guess = true;
        next.row++;
        if
        :: next.row == EXPULSION -> next.known = false; next.row = 0
        :: else
        fi
    };
    atomic {
        commit(ATTACKER, next, outcome);
        clear(next);
        outcome = 0
    }
    od
}

init {
    atomic {
        stored.known = true;
        run Owner();
        run Attacker();
        run Time();
        run Network()
    }
}

/* The rules. */
ltl owner_with_a_backup_code_gets_in { <> ownerIsIn }
ltl owners_call_does_not_give_up { [] !ownersCallGaveUp }

#ifdef WITNESS
/* Each of these must be found false. Otherwise the rules say nothing. */
ltl witness_in_while_suspended { [] !inWhileSuspended }
ltl witness_in_after_expulsion { [] !inAfterExpulsion }
ltl witness_in_after_a_lost_answer { [] !inAfterALostAnswer }
ltl witness_in_after_a_refusal { [] !inAfterARefusal }
ltl witness_late_write_lands { [] !lateLanded }
#endif
