/* SPDX-License-Identifier: MIT */
#include "grader/build_cache.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/owner.h"
#include "grader/scratch.h"

enum { FILE_LIMIT = 64 << 20, DIGEST_BYTES = 16 };

#define CACHE_FOLDER   "harness"
#define PARTIAL_PREFIX "new-"
#define SUM_NAME       "sum.txt"

static crypto_generichash_state *state_of(struct build_cache_hash *hash) {
    _Static_assert(sizeof(crypto_generichash_state) <= sizeof hash->state, "the hash state fits");
    return (crypto_generichash_state *)hash->state;
}

void build_cache_hash_init(struct build_cache_hash *hash) {
    crypto_generichash_init(state_of(hash), NULL, 0, DIGEST_BYTES);
}

/* The length goes in first, so that two pieces cannot be told apart wrongly. */
void build_cache_hash_bytes(struct build_cache_hash *hash, const void *bytes, size_t size) {
    unsigned long long length = size;
    crypto_generichash_update(state_of(hash), (const unsigned char *)&length, sizeof length);
    crypto_generichash_update(state_of(hash), bytes, size);
}

bool build_cache_hash_file(struct build_cache_hash *hash, const char *path) {
    char *bytes = NULL;
    size_t size = 0;
    if (scratch_read(path, FILE_LIMIT, &bytes, &size, NULL) != 0)
        return false;
    build_cache_hash_bytes(hash, bytes, size);
    free(bytes);
    return true;
}

void build_cache_hash_machine(struct build_cache_hash *hash) {
    FILE *info = fopen("/proc/cpuinfo", "re");
    char line[8192];
    int wanted = 2;
    while (info != NULL && wanted > 0 && fgets(line, sizeof line, info) != NULL) {
        if (strncmp(line, "model name", 10) != 0 && strncmp(line, "flags", 5) != 0)
            continue;
        build_cache_hash_bytes(hash, line, strlen(line));
        wanted--;
    }
    if (info != NULL)
        fclose(info);
}

void build_cache_hash_key(struct build_cache_hash *hash, char key[BUILD_CACHE_KEY]) {
    unsigned char digest[DIGEST_BYTES];
    crypto_generichash_final(state_of(hash), digest, sizeof digest);
    sodium_bin2hex(key, BUILD_CACHE_KEY, digest, sizeof digest);
}

static bool make_folder(const char *path) {
    return mkdir(path, 0755) == 0 || errno == EEXIST;
}

/* A cache that somebody else can write to is no cache of ours: what lies in it would run with our rights. */
static bool is_ours(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & (S_IWGRP | S_IWOTH)) == 0 && access(path, R_OK | W_OK | X_OK) == 0;
}

bool build_cache_root(char path[BUILD_CACHE_PATH]) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    const int most = BUILD_CACHE_PATH / 2; /* the rest is for names inside */
    int length = most;
    path[0] = '\0';
    if (cache != NULL && cache[0] == '/')
        length = snprintf(path, BUILD_CACHE_PATH, "%s", cache);
    else if (home != NULL && home[0] == '/')
        length = snprintf(path, BUILD_CACHE_PATH, "%s/.cache", home);
    if (length >= most) {
        path[0] = '\0';
        return false;
    }
    bool made = make_folder(path);
    strcat(path, "/" CACHE_FOLDER);
    return made && make_folder(path) && is_ours(path);
}

/* Over all the files of an entry, names and contents. */
static bool sum_files(const char *folder, const char *const *name, size_t count, char sum[BUILD_CACHE_KEY]) {
    struct build_cache_hash hash;
    bool whole = true;
    build_cache_hash_init(&hash);
    for (size_t i = 0; i < count && whole; i++) {
        char path[BUILD_CACHE_PATH + 64];
        snprintf(path, sizeof path, "%s/%s", folder, name[i]);
        build_cache_hash_bytes(&hash, name[i], strlen(name[i]));
        whole = build_cache_hash_file(&hash, path);
    }
    build_cache_hash_key(&hash, sum);
    return whole;
}

static bool is_whole(const char *folder, const char *const *name, size_t count) {
    char path[BUILD_CACHE_PATH + 64], sum[BUILD_CACHE_KEY], *kept = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/" SUM_NAME, folder);
    bool whole = sum_files(folder, name, count, sum) && scratch_read(path, sizeof sum, &kept, &size, NULL) == 0 &&
                 strcmp(kept, sum) == 0;
    free(kept);
    return whole;
}

bool build_cache_find(const char *key, const char *const *name, size_t count, char path[BUILD_CACHE_PATH]) {
    if (!build_cache_root(path))
        return false;
    strcat(path, "/");
    strcat(path, key);
    if (access(path, R_OK | X_OK) != 0)
        return false;
    if (is_whole(path, name, count))
        return true;
    scratch_remove_tree(path);
    return false;
}

static bool fill(const char *folder, const char *partial, const char *const *name, size_t count) {
    char to[BUILD_CACHE_PATH + 160], sum[BUILD_CACHE_KEY];
    for (size_t i = 0; i < count; i++) {
        char from[2 * SCRATCH_PATH];
        snprintf(from, sizeof from, "%s/%s", folder, name[i]);
        snprintf(to, sizeof to, "%s/%s", partial, name[i]);
        if (scratch_copy(from, to, FILE_LIMIT, 0644, NULL) != 0)
            return false;
    }
    snprintf(to, sizeof to, "%s/" SUM_NAME, partial);
    return sum_files(folder, name, count, sum) && scratch_write(to, sum, strlen(sum), NULL) == 0 &&
           chmod(partial, 0755) == 0;
}

void build_cache_store(const char *key, const char *folder, const char *const *name, size_t count) {
    char root[BUILD_CACHE_PATH], final[BUILD_CACHE_PATH + 64], partial[BUILD_CACHE_PATH + 96], tag[OWNER_TAG];
    if (!build_cache_root(root))
        return;
    owner_tag(tag);
    snprintf(final, sizeof final, "%s/%s", root, key);
    snprintf(partial, sizeof partial, "%s/" PARTIAL_PREFIX "%s-XXXXXX", root, tag);
    if (access(final, F_OK) == 0 || mkdtemp(partial) == NULL)
        return;
    /* The name appears only when all is there; a second grader that was faster makes the rename fail, which is fine. */
    if (!fill(folder, partial, name, count) || rename(partial, final) != 0)
        scratch_remove_tree(partial);
}

void build_cache_clean_stale(void) {
    char root[BUILD_CACHE_PATH];
    if (build_cache_root(root))
        scratch_clean(root, PARTIAL_PREFIX);
}
