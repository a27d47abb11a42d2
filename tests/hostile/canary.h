/* SPDX-License-Identifier: MIT */
/* What a hostile program is tempted with: a folder with a secret that it may not read, a file and a folder that it may
 * not change although their modes allow it, and a living process of the uid that it runs as. */
#ifndef TESTS_HOSTILE_CANARY_H
#define TESTS_HOSTILE_CANARY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { CANARY_PATH = 256, CANARY_FILES = 4 };

struct canary {
    char folder[CANARY_PATH];
    char secret[40]; /* what nobody may learn, without the word in front of it that the file also holds */
    char touch[48];
    struct stat before[CANARY_FILES];
};

/* Makes `folder` with its contents; returns false with errno. */
bool canary_make(const char *folder, struct canary *canary);
/* True if nothing was touched; else `why` says what. */
bool canary_whole(const struct canary *canary, char *why, size_t size);

enum { VICTIM_WORDS = 512 };

struct victim {
    pid_t pid;
    unsigned *memory; /* shared with it: what it sees is what we see */
    unsigned key;
    struct rlimit files;
    int nice;
};

/* As root it runs as the uid that submissions get, otherwise as the caller. */
bool victim_start(struct victim *victim);
bool victim_whole(struct victim *victim, char *why, size_t size);
void victim_stop(struct victim *victim);

#endif
