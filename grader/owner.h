/* SPDX-License-Identifier: MIT */
/* Names that say which process a folder belongs to, so that a later start can remove what a killed one left behind.
 *
 * A pid alone says little: it is given away again, it means another process in another container, and a folder may lie
 * on a disk that several machines share. So a tag holds the machine's boot and the pid namespace too, and the start
 * time of the process: together they name one process for ever. */
#ifndef GRADER_OWNER_H
#define GRADER_OWNER_H

enum { OWNER_TAG = 56 };

enum owner {
    OWNER_NONE,  /* this is no tag */
    OWNER_LIVES, /* or may live */
    OWNER_DEAD,
    OWNER_ELSEWHERE /* of another boot, machine or container: from here it cannot be seen */
};

/* The calling process: "0f3a...-1234-567890". */
void owner_tag(char tag[OWNER_TAG]);

/* Whose tag the text begins with; a dash has to follow it. */
enum owner owner_look(const char *text);

#endif
