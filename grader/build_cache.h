/* SPDX-License-Identifier: MIT */
/* A folder of compiled packs, each under the hash of what it was made from. Losing it costs seconds, never a result. */
#ifndef GRADER_BUILD_CACHE_H
#define GRADER_BUILD_CACHE_H

#include <stdbool.h>
#include <stddef.h>

enum { BUILD_CACHE_KEY = 33, BUILD_CACHE_PATH = 600 };

struct build_cache_hash { /* collects what goes into the key */
    unsigned char state[512] __attribute__((aligned(64)));
};

void build_cache_hash_init(struct build_cache_hash *hash);
void build_cache_hash_bytes(struct build_cache_hash *hash, const void *bytes, size_t size);
bool build_cache_hash_file(struct build_cache_hash *hash, const char *path); /* false if it cannot be read */
void build_cache_hash_machine(struct build_cache_hash *hash);                /* -march=native depends on it */
void build_cache_hash_key(struct build_cache_hash *hash, char key[BUILD_CACHE_KEY]);

/* $XDG_CACHE_HOME/harness or ~/.cache/harness; false when there is none that is ours and writable (then nothing is
 * kept). The path is filled in either way, or empty when no variable names one. */
bool build_cache_root(char path[BUILD_CACHE_PATH]);
/* The folder of this key; true if it is there with exactly these files as they were stored. One that a crash of the
 * machine or a full disk has spoilt is removed. */
bool build_cache_find(const char *key, const char *const *name, size_t count, char path[BUILD_CACHE_PATH]);
/* Copies the files of `folder` into the cache in one atomic step; failing to is not an error. */
void build_cache_store(const char *key, const char *folder, const char *const *name, size_t count);
/* Removes what killed graders had begun to store. */
void build_cache_clean_stale(void);

#endif
