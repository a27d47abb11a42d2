/* SPDX-License-Identifier: MIT */
/* Whose turn it is on this machine. Gradings of any number of graders and users may compile and check side by side, but
 * a measurement has the machine for itself: it waits for all of them and they wait for it.
 *
 * Two files that are locked with flock: `gate` is passed through, `floor` is held, shared by work and alone by a
 * measurement. A measurement keeps the gate shut while it waits for the floor, so a stream of work cannot starve it. A
 * killed process gives its turn back.
 *
 * They lie in /run/lock, else in /tmp; in the folder that HARNESS_LOCKS names, when that is set. Who holds the floor
 * for minutes (a grading that was stopped with Ctrl-Z) is waited for no longer. */
#ifndef GRADER_TURN_H
#define GRADER_TURN_H

#include "grader/error.h"

enum turn_kind { TURN_WORK, TURN_MEASURE };

struct turn {
    int floor; /* a descriptor; -1 when none is held */
};

#define TURN_INIT ((struct turn){-1})

/* Waits; `cancel` (or NULL) ends the waiting, which then fails. `waiting` (or NULL) is called about ten times a second
 * meanwhile. A turn that is held already is given back first. Where the files cannot be had at all nobody waits for
 * anybody, and it succeeds: a grading is worth more than its quiet. */
int turn_take(struct turn *turn, enum turn_kind kind, const volatile int *cancel, void (*waiting)(void *context),
              void *context, struct error *err);
void turn_release(struct turn *turn);

#endif
