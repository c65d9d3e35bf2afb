/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop alone: a waiting write always ends.
 *
 * CALLERS nodes change one record, again and again, at the same time. The store may refuse a write for no reason, as
 * often as it likes, and may fail. Nobody is favored: every node that can take its next step takes it at some time.
 */

#include "note.pml"

#ifndef CALLERS
#define CALLERS 3
#endif
#define TRIES   3                /* Accounts.TRIES */

typedef Record {
    bit content                  /* its content does not matter here */
}

inline copy(to, from) {
    to.content = from.content
}

inline clear(one) {
    one.content = 0
}

bit won;                         /* changes with each write that is committed */

inline noteCommit(next) {
    won = !won
}

/* For the second rule the store is a good one. */
#ifdef GOOD_STORE
#define MAY_FAIL false
#else
#define MAY_FAIL true
#endif
#if defined(GOOD_STORE) && !defined(STORE_REFUSES_EVERYTHING)
#define MAY_REFUSE false
#else
#define MAY_REFUSE true
#endif
#define SPEND_FAILURE skip
#define FORGET_REFUSED skip

#include "store.pml"

byte waiting;                    /* bit i: caller i waits for its write */
#define WAITS(who) ((waiting >> (who)) & 1)
#ifdef WITNESS
bool gaveUp;
bool storeFailed;
#endif

proctype Caller(byte me) {
    Record next;
    byte tries;
    mtype outcome;

    do
    :: atomic {
        waiting = waiting | (1 << me);
        tries = 0
    };
    do
    :: atomic { MARK_FRESH(me) };                               /* find, open, decide */
    atomic {
        if
#ifndef STORE_REFUSES_EVERYTHING
        :: commit(me, next, outcome)
#endif
        :: MAY_REFUSE -> outcome = REFUSED
        fi;
        if
        :: outcome == COMMITTED -> break
        :: outcome == UNKNOWN -> NOTE(storeFailed); break       /* a StoreException */
        :: outcome == REFUSED ->
#ifdef NO_LIMIT_OF_TRIES
            tries = 0
#else
            tries++
#endif
            ;
            if
            :: tries == TRIES -> NOTE(gaveUp); break            /* a StoreException: the store refuses everything */
            :: else
            fi
        fi
    }
    od;
    atomic {
        waiting = waiting & ~(1 << me);
        tries = 0;
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

/* The rules. The callers are alike, so that the first one stands for all. */
ltl waiting_write_ends { [] (WAITS(0) -> <> !WAITS(0)) }
#ifdef GOOD_STORE
ltl some_write_always_wins { []<> won && []<> !won }
#endif

#ifdef WITNESS
/* Each of these must be found false. Otherwise the rules say nothing. */
ltl witness_write_waits { [] !WAITS(0) }
ltl witness_write_refused { [] !someRefused }
ltl witness_caller_gives_up { [] !gaveUp }
ltl witness_store_fails { [] !storeFailed }
ltl witness_late_write_lands { [] !lateLanded }
#endif
