/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One user's record in a store with compare-and-set, and the ways in which the store fails. Each model includes this
 * file.
 *
 * Versions of a record only rise (Accounts.nextVersion). So "the stored version is the one that the caller has read" is
 * the same as "nobody has written since the caller read". That is one bit for each caller, and no number that grows.
 *
 * A write has three outcomes for its caller:
 *   COMMITTED  the record is replaced
 *   REFUSED    certainly nothing has changed, because somebody else has written since
 *   UNKNOWN    a StoreException: the answer was lost, or the store crashed, or the caller waited for too long
 * After UNKNOWN the write is on its way. The process Network performs it later, or never. It can arrive after the
 * caller has begun its next call.
 *
 * Before it includes this file, a model defines
 *   CALLERS            how many callers there are
 *   Record             what is in the record
 *   copy(to, from)     copies a record
 *   clear(record)      makes a record of zeros, so that what is not needed makes no further states
 *   noteCommit(next)   remembers, for the properties, what a committed write has done
 *   MAY_FAIL           whether a write may fail now
 *   SPEND_FAILURE      counts a failure, where failures are counted
 *   FORGET_REFUSED     clears the writes that will be refused, where callers decide again after a refusal
 */

mtype = { COMMITTED, REFUSED, UNKNOWN };

Record stored;

/* Bit i is set if nobody has written since caller i read. */
byte fresh;
#define IS_FRESH(who)   ((fresh >> (who)) & 1)
#define MARK_FRESH(who) fresh = fresh | (1 << (who))

/* A write that is on its way, after its caller has got a StoreException. */
Record late;
bool lateWaits;

inline perform(next) {
    noteCommit(next);
    copy(stored, next);
    fresh = 0;
    /* All other writes will be refused from now on. To forget them here saves states. */
    FORGET_REFUSED;
    clear(late);
    lateWaits = false
}

/* TwoFactorStore.replace and insert, and what Accounts.commit makes of them. */
inline commit(who, next, outcome) {
    atomic {
        if
        :: IS_FRESH(who) -> perform(next); outcome = COMMITTED
        :: !IS_FRESH(who) -> outcome = REFUSED; NOTE(someRefused)
        :: MAY_FAIL && !lateWaits ->
            SPEND_FAILURE;
            if
            :: IS_FRESH(who) -> copy(late, next); lateWaits = true
            :: else                                            /* it will be refused */
            fi;
            outcome = UNKNOWN
        fi
    }
}

proctype Network() {
    do
    :: atomic { lateWaits -> perform(late); NOTE(lateLanded) }
    :: atomic { lateWaits -> clear(late); lateWaits = false }  /* it is lost */
    od
}
