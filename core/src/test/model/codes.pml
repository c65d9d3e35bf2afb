/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes and guesses: a code is good once, and a guess is counted before it is answered.
 *
 * CALLERS nodes run TwoFactor.verify for one user, again and again, at the same time. The owner and an attacker can
 * be at any of them. Both know all codes of the phone that were shown, as somebody does who looks over a shoulder.
 * Each call types the code of a time step, or a wrong code, or the backup code.
 */

#include "note.pml"

#ifndef CALLERS
#define CALLERS 2
#endif
#define STEPS   3                /* the phone shows the codes of the steps 1 to STEPS, in the time steps 1 and 2 */
#define BUDGET  2                /* the failure budget: FailureBudget, within one window of days */

#define WRONG   0                /* what is typed: a wrong code, a step's code, or the backup code */
#define BACKUP  (STEPS + 1)

#define MAX(a, b) ((a) > (b) -> (a) : (b))

typedef Record {
    byte watermark;              /* AuthenticatorSeed.watermark: the last used step */
    byte failures;               /* FailureBudget: a right code does not reset it */
    bool spent;                  /* the backup code */
    byte accepts;                /* for the properties: the code that this write accepts */
    byte usesUp                  /* for the properties: this write uses up all codes up to this step */
}

inline copy(to, from) {
    to.watermark = from.watermark;
    to.failures = from.failures;
    to.spent = from.spent;
    to.accepts = from.accepts;
    to.usesUp = from.usesUp
}

inline clear(one) {
    one.watermark = 0;
    one.failures = 0;
    one.spent = false;
    one.accepts = 0;
    one.usesUp = 0
}

/* What has happened, for the properties. Nothing in a rule reads this. */
byte usedUpTo;                   /* the highest step that a committed write has used up */
bool usedUpCodeCommitted;        /* a committed write has accepted a code that was used up before */
byte accepted;                   /* bit c: code c was answered with Verified */
bool acceptedTwice;
bool backupAccepted;
bool backupAcceptedTwice;
byte guessesAnswered;
#ifdef WITNESS
bool lockedOut;
#endif

inline noteCommit(next) {
    if
    :: next.accepts != 0 && next.accepts != BACKUP && next.accepts <= usedUpTo -> usedUpCodeCommitted = true
    :: else
    fi;
    usedUpTo = MAX(usedUpTo, next.usesUp)
}

#define MAY_FAIL true
#define SPEND_FAILURE skip
#define FORGET_REFUSED skip

#include "store.pml"

mtype = { NOTHING, VERIFIED, GUESS_REJECTED, REJECTED_UNCOMPARED, LOCKED_OUT };

#define IN_WINDOW(step, now) ((step) + 1 >= (now) && (step) <= (now) + 1)

/* Account.verify and Authenticator.matchTotp: from the record as it is stored now to the next one and the answer. */
inline decide(now) {
    copy(next, stored);
    next.accepts = 0;
    next.usesUp = 0;
    if
    :: typed == BACKUP && stored.spent -> answer = REJECTED_UNCOMPARED
    :: typed == BACKUP && !stored.spent ->
        next.spent = true;
#ifndef BACKUP_CODE_LEAVES_THE_WINDOW
        next.watermark = MAX(stored.watermark, now + 1);
#endif
        next.accepts = BACKUP;
        next.usesUp = now + 1;
        answer = VERIFIED
    :: typed != BACKUP && stored.failures >= BUDGET -> answer = LOCKED_OUT
    :: typed != BACKUP && stored.failures < BUDGET ->
        if
        :: typed != WRONG && typed == stored.watermark -> answer = REJECTED_UNCOMPARED       /* REPEATED */
        :: else ->
            if
            :: stored.watermark >= now + 1 -> answer = REJECTED_UNCOMPARED                   /* BEHIND_THE_CLOCK */
            :: else ->
                if
                :: typed > stored.watermark && IN_WINDOW(typed, now) ->
                    next.watermark = typed;
                    next.accepts = typed;
                    next.usesUp = typed;
                    answer = VERIFIED
                :: else ->
                    next.failures = stored.failures + 1;
                    answer = GUESS_REJECTED
                fi
            fi
        fi
    fi
}

/* The answer leaves. */
inline giveAnswer() {
    if
    :: answer == VERIFIED && typed == BACKUP ->
        backupAcceptedTwice = backupAcceptedTwice || backupAccepted;
        backupAccepted = true
    :: answer == VERIFIED && typed != BACKUP ->
        acceptedTwice = acceptedTwice || ((accepted >> typed) & 1);
        accepted = accepted | (1 << typed)
    :: answer == GUESS_REJECTED -> guessesAnswered++
    :: answer == LOCKED_OUT -> NOTE(lockedOut)
    :: else
    fi
}

/* Find, open, decide. It is time step 1 or 2, and the clocks of two nodes can differ by a step. */
inline findAndDecide() {
    MARK_FRESH(me);
    if
    :: decide(1)
    :: decide(2)
    fi
}

#define WRITES (answer == VERIFIED || answer == GUESS_REJECTED)

/*
 * TwoFactor.verify: the loop of Accounts.change with the rule above. A caller that is refused reads again at once. That
 * leaves no case out: a caller that reads later does the same as one that reads at once and is refused again.
 */
proctype Caller(byte me) {
    Record next;
    byte typed;
    mtype answer;
    mtype outcome;

    do
    :: atomic {
        select(typed : WRONG .. BACKUP);
        findAndDecide();
#ifdef COUNT_AFTER_ANSWER
        giveAnswer()
#endif
    }
    do
    :: atomic { !WRITES -> break }
    :: atomic {
        WRITES ->
        commit(me, next, outcome);
        if
        :: outcome == COMMITTED -> clear(next); break
        :: outcome == REFUSED ->
#if defined(WATERMARK_BY_MAX)
            /* The write is merged into what is stored now, and the decision of the old read stays. */
            MARK_FRESH(me);
            next.watermark = MAX(stored.watermark, next.watermark);
            next.failures = MAX(stored.failures, next.failures);
            next.spent = stored.spent || next.spent
#elif defined(DECISION_KEPT_AFTER_REFUSAL)
            MARK_FRESH(me)
#else
            findAndDecide()
#endif
        :: outcome == UNKNOWN ->
#if defined(BLIND_RETRY)
            perform(next)
#elif defined(LOST_ANSWER_TAKEN_AS_COMMITTED)
            skip
#else
            answer = NOTHING                                   /* a StoreException: nothing was granted */
#endif
            ;
            clear(next);
            break
        fi
    }
    od;
    atomic {
#ifndef COUNT_AFTER_ANSWER
        if
        :: giveAnswer()
        :: true                                                /* the node crashes before it answers */
        fi;
#endif
        clear(next);
        typed = 0;
        answer = 0;
        outcome = 0
    }
    od
}

init {
    atomic {
        byte i;
        for (i : 0 .. CALLERS - 1) {
            run Caller(i)
        }
        run Network()
    }
}

/* The rules. */
#define CODE_ONCE        (!acceptedTwice)
#define USED_UP_IS_DEAD  (!usedUpCodeCommitted)
#define BACKUP_CODE_ONCE (!backupAcceptedTwice)
#define COUNTED_BEFORE   (guessesAnswered <= stored.failures)
#define WITHIN_BUDGET    (guessesAnswered <= BUDGET)

ltl code_is_accepted_once { [] CODE_ONCE }
ltl used_up_code_is_dead { [] USED_UP_IS_DEAD }
ltl backup_code_is_accepted_once { [] BACKUP_CODE_ONCE }
ltl guess_is_counted_before_its_answer { [] COUNTED_BEFORE }
ltl guesses_stay_within_the_budget { [] WITHIN_BUDGET }

/* All of them at once. */
ltl rules { [] (CODE_ONCE && USED_UP_IS_DEAD && BACKUP_CODE_ONCE && COUNTED_BEFORE && WITHIN_BUDGET) }

#ifdef WITNESS
/* Each of these must be found false. Otherwise the rules say nothing. */
ltl witness_two_codes_accepted { [] !((accepted >> 1) & (accepted >> 2) & 1) }
ltl witness_backup_code_accepted { [] !backupAccepted }
ltl witness_budget_spent { [] !(guessesAnswered == BUDGET && lockedOut) }
ltl witness_write_refused { [] !someRefused }
ltl witness_late_write_lands { [] !lateLanded }
#endif
