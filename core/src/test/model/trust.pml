/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust: no stale challenge, stamp, proof or handle is ever accepted.
 *
 * The owner defends: ends trust, forgets the browser, uses a backup code, disables, enables again, begins another
 * enrollment. The model lets the owner do each of these whenever the record allows it. The attacker has got one
 * challenge, stamp, proof or handle at some moment, keeps it for as long as it likes, and uses it with a right code.
 * One is enough: whether it is stale does not depend on what else the attacker has. Attacker and owner are on two
 * nodes. The owner reads and writes in one step: a write that is refused changes nothing. The attacker's calls take
 * one step for each access to the store, and the owner acts in between.
 *
 * "Stale" is not taken from the rule under test. The model counts the acts that end trust, the forgotten browsers
 * and the begun enrollments as they are committed, and remembers with the attacker's object what the counts were.
 */

#include "note.pml"

#define CALLERS  2
#define OWNER    0
#define ATTACKER 1

#ifndef EPOCHS
#define EPOCHS   3               /* trust ends up to two times */
#endif
#define BROWSERS 2               /* the browsers that become known, one after the other */
#define BEGINS   2               /* the enrollments that are begun */

#define NONE 0                   /* no browser, no enrollment */

typedef Record {
    byte epoch;                  /* Header.epoch */
    bool on;                     /* Account.isEnabled */
    byte browser;                /* the known browser; another one that is noted takes its place (Account.note) */
    byte lastBrowser;            /* ids of browsers and enrollments are random: none is drawn twice */
    byte pending;                /* PendingSlot.id */
    byte pendingEpoch;           /* PendingSlot.restsOn */
    byte pendingBrowser;
    byte lastPending;
    /* For the properties: what this write rests on, and what it ends. */
    mtype uses;
    byte era;
    byte from;
    byte order;
    bool endsTrust;
    bool confirms
}

inline copy(to, other) {
    to.epoch = other.epoch;
    to.on = other.on;
    to.browser = other.browser;
    to.lastBrowser = other.lastBrowser;
    to.pending = other.pending;
    to.pendingEpoch = other.pendingEpoch;
    to.pendingBrowser = other.pendingBrowser;
    to.lastPending = other.lastPending;
    to.uses = other.uses;
    to.era = other.era;
    to.from = other.from;
    to.order = other.order;
    to.endsTrust = other.endsTrust;
    to.confirms = other.confirms
}

inline forProperties(one, what, itsEra, itsBrowser, itsOrder, ends, confirmsIt) {
    one.uses = what;
    one.era = itsEra;
    one.from = itsBrowser;
    one.order = itsOrder;
    one.endsTrust = ends;
    one.confirms = confirmsIt
}

inline clear(one) {
    one.epoch = 0;
    one.on = false;
    one.browser = 0;
    one.lastBrowser = 0;
    one.pending = 0;
    one.pendingEpoch = 0;
    one.pendingBrowser = 0;
    one.lastPending = 0;
    forProperties(one, 0, 0, 0, 0, false, false)
}

mtype = { CHALLENGE, STAMP, PROOF, HANDLE };

/* What has happened, for the properties. Nothing in a rule reads this. */
byte era = 1;                    /* acts that have ended trust */
byte forgotten;                  /* bit b: browser b was forgotten */
byte begins;                     /* enrollments that were begun */
byte confirmed;                  /* the last one that was confirmed */
bool staleChallengeAccepted;
bool staleStampAccepted;
bool staleProofAccepted;
bool staleHandleAccepted;
bool otherSecretConfirmed;
#ifdef WITNESS
bool challengeAccepted;
bool stampAccepted;
bool proofAccepted;
bool handleAccepted;
bool staleRefused;
#endif

#define IS_STALE(itsEra, itsBrowser) ((itsEra) != era || ((forgotten >> (itsBrowser)) & 1))

inline noteUse(what, itsEra, itsBrowser, itsOrder) {
    if
    :: what == CHALLENGE ->
        staleChallengeAccepted = staleChallengeAccepted || IS_STALE(itsEra, itsBrowser);
        NOTE(challengeAccepted)
    :: what == STAMP ->
        staleStampAccepted = staleStampAccepted || IS_STALE(itsEra, itsBrowser);
        NOTE(stampAccepted)
    :: what == PROOF ->
        staleProofAccepted = staleProofAccepted || IS_STALE(itsEra, itsBrowser);
        NOTE(proofAccepted)
    :: what == HANDLE ->
        staleHandleAccepted = staleHandleAccepted || IS_STALE(itsEra, itsBrowser) ||
            itsOrder != begins || itsOrder <= confirmed;
        otherSecretConfirmed = otherSecretConfirmed || itsOrder != stored.pending;
        NOTE(handleAccepted)
    :: else
    fi
}

inline noteCommit(next) {
    noteUse(next.uses, next.era, next.from, next.order);
    if
    :: next.endsTrust -> era++
    :: else
    fi;
    if
    :: stored.browser != NONE && next.browser != stored.browser -> forgotten = forgotten | (1 << stored.browser)
    :: else
    fi;
    if
    :: next.confirms -> confirmed = begins
    :: else
    fi;
    begins = next.lastPending
}

#define MAY_FAIL true
#define SPEND_FAILURE skip
#define FORGET_REFUSED clear(attackersWrite)

Record attackersWrite;

#include "store.pml"

/* Account.isCurrent */
#ifdef EPOCH_NOT_CHECKED
#define SAME_EPOCH(itsEpoch) true
#else
#define SAME_EPOCH(itsEpoch) ((itsEpoch) == stored.epoch)
#endif
#ifdef BROWSER_NOT_CHECKED
#define STILL_KNOWN(itsBrowser) true
#else
#define STILL_KNOWN(itsBrowser) ((itsBrowser) == NONE || (itsBrowser) == stored.browser)
#endif
#define IS_CURRENT(itsEpoch, itsBrowser) (SAME_EPOCH(itsEpoch) && STILL_KNOWN(itsBrowser))

/* Account.after: a new epoch ends the pending enrollment. */
inline endTrust(next) {
    next.epoch = stored.epoch + 1;
    next.endsTrust = true;
    endEnrollment(next)
}

inline endEnrollment(next) {
    next.pending = NONE;
    next.pendingEpoch = 0;
    next.pendingBrowser = NONE
}

/* Enrollments.order, Account.order */
inline begin(next, itsEpoch, itsBrowser) {
    next.lastPending = stored.lastPending + 1;
    next.pending = next.lastPending;
    next.pendingEpoch = itsEpoch;
    next.pendingBrowser = itsBrowser
}

/* Account.confirmed */
inline confirm(next) {
    if
    :: stored.on -> endEnrollment(next)
    :: !stored.on -> next.on = true; endTrust(next)
    fi;
    next.confirms = true
}

/* Account.note */
inline noteBrowser(next) {
    if
    :: stored.lastBrowser < BROWSERS -> next.lastBrowser = stored.lastBrowser + 1; next.browser = next.lastBrowser
    :: true                                                     /* the client keeps no token */
    fi
}

#define MAY_END_TRUST (stored.epoch < EPOCHS)

proctype Owner() {
    Record next;
    mtype outcome;

    do
    :: atomic {
        MARK_FRESH(OWNER);
        copy(next, stored);
        forProperties(next, 0, 0, 0, 0, false, false);
        if
        :: MAY_END_TRUST ->                                     /* endTrust */
            endTrust(next);
            next.browser = NONE
#ifdef DEFENSE_KEEPS_THE_EPOCH
            ;
            next.epoch = stored.epoch
#endif
        :: MAY_END_TRUST && stored.on -> endTrust(next)     /* a backup code, regenerate, remove, ten step-ups failed */
        :: MAY_END_TRUST && stored.on ->                        /* disable */
            endTrust(next);
            next.on = false;
            next.browser = NONE
        :: stored.browser != NONE ->                            /* forgetBrowser */
            next.browser = NONE;
            if
            :: stored.pendingBrowser == stored.browser -> endEnrollment(next)
            :: else
            fi
        :: stored.on -> noteBrowser(next)                           /* a sign-in */
        :: stored.lastPending < BEGINS -> begin(next, stored.epoch, NONE)
        :: stored.lastPending < BEGINS && stored.on -> begin(next, stored.epoch, stored.browser)
        :: stored.pending != NONE && IS_CURRENT(stored.pendingEpoch, stored.pendingBrowser) &&
            (stored.on || MAY_END_TRUST) -> confirm(next)
        fi;
        commit(OWNER, next, outcome);                           /* unknown: the owner acts again, or not */
        clear(next);
        outcome = 0
    }
    od
}

typedef Held {
    mtype object;
    byte epoch;
    byte browser;
    byte pending;
    byte era;                    /* for the properties: when the attacker got it */
    byte from;
    byte order
}

/* Gets an object that is current now. */
inline obtain() {
    if
    :: stored.on -> held.object = CHALLENGE
    :: true -> held.object = STAMP
    :: stored.on -> held.object = PROOF
    :: stored.pending != NONE && IS_CURRENT(stored.pendingEpoch, stored.pendingBrowser) -> held.object = HANDLE
    fi;
    if
    :: held.object == HANDLE ->
        held.pending = stored.pending;
        held.from = stored.pendingBrowser
    :: held.object != HANDLE ->
        held.epoch = stored.epoch;
        if
        :: held.browser = stored.browser
        :: held.browser = NONE
        fi;
        held.from = held.browser
    fi;
    held.era = era;
    held.order = begins
}

#ifdef CHECKED_IN_THE_FIRST_TRY_ALONE
#define IN_LATER_TRY (tries > 0)
#else
#define IN_LATER_TRY false
#endif
#ifdef PROOF_OF_AN_OLD_EPOCH
#define PROOF_IS_CURRENT STILL_KNOWN(held.browser)
#else
#define PROOF_IS_CURRENT IS_CURRENT(held.epoch, held.browser)
#endif
#ifdef HANDLE_NOT_BOUND
#define HANDLE_NAMES_IT (stored.pending != NONE)
#else
#define HANDLE_NAMES_IT (stored.pending != NONE && stored.pending == held.pending)
#endif

/* Find, open, decide: verify, stepUp, addAuthenticator and the other calls with a proof, confirmEnrollment. */
inline findAndDecide(next) {
    MARK_FRESH(ATTACKER);
    copy(next, stored);
    forProperties(next, held.object, held.era, held.from, held.order, false, false);
    accepts = false;
    if
    :: held.object == CHALLENGE && stored.on && (IS_CURRENT(held.epoch, held.browser) || IN_LATER_TRY) ->
        accepts = true;
        if
        :: held.browser == NONE -> noteBrowser(next)
        :: else
        fi
    :: held.object == STAMP && stored.on && (IS_CURRENT(held.epoch, held.browser) || IN_LATER_TRY) -> accepts = true
    :: held.object == PROOF && (PROOF_IS_CURRENT || IN_LATER_TRY) ->
        accepts = true;
        if
        :: stored.on && stored.lastPending < BEGINS -> begin(next, held.epoch, held.browser)
        :: true                                                 /* rememberBrowser */
        fi
    :: held.object == HANDLE && HANDLE_NAMES_IT && IS_CURRENT(stored.pendingEpoch, stored.pendingBrowser) &&
        (stored.on || MAY_END_TRUST) ->
        accepts = true;
        confirm(next)
    :: else
    fi
}

proctype Attacker() {
    Held held;
    bool accepts;
    mtype outcome;
#ifdef CHECKED_IN_THE_FIRST_TRY_ALONE
    byte tries;
#endif

    do
    :: atomic {
        obtain()
    }
    do
    :: atomic {                                                 /* isCurrent: one read */
        held.object == STAMP && IS_CURRENT(held.epoch, held.browser) ->
        noteUse(STAMP, held.era, held.from, held.order)
    }
    :: atomic {
#ifdef CHECKED_IN_THE_FIRST_TRY_ALONE
        tries = 0;
#endif
        findAndDecide(attackersWrite);
        if
        :: !accepts -> NOTE(staleRefused); clear(attackersWrite)    /* SignInAgain, BeginAgain, StaleProofException */
        :: accepts
        fi
    }
    do
    :: atomic { !accepts -> break }
    :: atomic {
        accepts ->
        commit(ATTACKER, attackersWrite, outcome);
        if
        :: outcome == REFUSED ->
#ifdef CHECKED_IN_THE_FIRST_TRY_ALONE
            tries = 1;
#endif
            findAndDecide(attackersWrite)
        :: else -> accepts = false                              /* what a write has granted is obtained anew */
        fi;
        outcome = 0;
        if
        :: !accepts -> clear(attackersWrite)
        :: accepts
        fi
    }
    od
    :: atomic {                                                 /* tries another one */
        held.object = 0;
        held.epoch = 0;
        held.browser = 0;
        held.pending = 0;
        held.era = 0;
        held.from = 0;
        held.order = 0;
        break
    }
    od
    od
}

init {
    atomic {
        stored.epoch = 1;
        stored.on = true;
        stored.browser = 1;
        stored.lastBrowser = 1;
        run Owner();
        run Attacker();
        run Network()
    }
}

/* The rules. */
ltl no_stale_challenge_is_accepted { [] !staleChallengeAccepted }
ltl no_stale_stamp_is_accepted { [] !staleStampAccepted }
ltl no_stale_proof_is_accepted { [] !staleProofAccepted }
ltl no_stale_handle_is_accepted { [] !staleHandleAccepted }
ltl handle_confirms_its_own_secret { [] !otherSecretConfirmed }

/* All of them at once. */
ltl rules {
    [] (!staleChallengeAccepted && !staleStampAccepted && !staleProofAccepted && !staleHandleAccepted &&
        !otherSecretConfirmed)
}

#ifdef WITNESS
/* Each of these must be found false. Otherwise the rules say nothing. */
ltl witness_challenge_accepted { [] !challengeAccepted }
ltl witness_stamp_accepted { [] !stampAccepted }
ltl witness_proof_accepted { [] !proofAccepted }
ltl witness_handle_accepted { [] !handleAccepted }
ltl witness_stale_refused { [] !staleRefused }
ltl witness_write_refused { [] !someRefused }
ltl witness_late_write_lands { [] !lateLanded }
#endif
