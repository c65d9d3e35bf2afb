/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With -DWITNESS a model also notes what has happened, so that the checks can show that it happens. The rules are
 * checked without these notes, because the notes multiply the states.
 */
#ifdef WITNESS
#define NOTE(event) event = true
bool lateLanded;                 /* a write has arrived after its caller had gone */
bool someRefused;                /* a write was refused */
#else
#define NOTE(event) skip
#endif
