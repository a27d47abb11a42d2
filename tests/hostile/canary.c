/* SPDX-License-Identifier: MIT */
#include "tests/hostile/canary.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const struct canary_file {
    const char *name;
    mode_t mode;
    bool folder;
} files[CANARY_FILES] = {{".", 0755, true}, {"secret", 0600, false}, {"touch", 0666, false}, {"yard", 0777, true}};

static void path_of(const struct canary *canary, const char *name, char *path, size_t size) {
    snprintf(path, size, "%.*s/%s", CANARY_PATH, canary->folder, name);
}

static void draw_words(char *text, size_t size) {
    unsigned char bytes[16];
    while (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        continue;
    for (size_t i = 0; 2 * i + 2 < size && i < sizeof bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static bool write_file(const char *path, const char *word, const char *text) {
    FILE *file = fopen(path, "wxe");
    if (file == NULL)
        return false;
    bool written = fprintf(file, "%s%s\n", word, text) > 0;
    return fclose(file) == 0 && written;
}

bool canary_make(const char *folder, struct canary *canary) {
    *canary = (struct canary){0};
    snprintf(canary->folder, sizeof canary->folder, "%s", folder);
    draw_words(canary->secret, sizeof canary->secret);
    draw_words(canary->touch, sizeof canary->touch);
    char path[CANARY_PATH + 64];
    if (mkdir(canary->folder, 0755) != 0)
        return false;
    for (size_t i = 1; i < CANARY_FILES; i++) {
        path_of(canary, files[i].name, path, sizeof path);
        const bool secret = strcmp(files[i].name, "secret") == 0;
        const bool made = files[i].folder
                              ? mkdir(path, 0700) == 0
                              : write_file(path, secret ? "CANARY-" : "", secret ? canary->secret : canary->touch);
        if (!made || chmod(path, files[i].mode) != 0)
            return false;
    }
    for (size_t i = 0; i < CANARY_FILES; i++) {
        path_of(canary, files[i].name, path, sizeof path);
        if (lstat(path, &canary->before[i]) != 0)
            return false;
    }
    return true;
}

static size_t count_names(const char *folder) {
    size_t count = 0;
    DIR *stream = opendir(folder);
    while (stream != NULL && readdir(stream) != NULL)
        count++;
    if (stream != NULL)
        closedir(stream);
    return count;
}

static bool holds(const char *path, const char *word, const char *text) {
    char want[128], got[128] = "";
    snprintf(want, sizeof want, "%s%s\n", word, text);
    FILE *file = fopen(path, "re");
    size_t count = file != NULL ? fread(got, 1, sizeof got - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    got[count] = '\0';
    return strcmp(got, want) == 0;
}

/* A change of the inode's own time catches what was changed and put back, and new names for it. */
static bool same(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_nlink == b->st_nlink && a->st_uid == b->st_uid &&
           a->st_size == b->st_size && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool canary_whole(const struct canary *canary, char *why, size_t size) {
    char path[CANARY_PATH + 64];
    for (size_t i = 0; i < CANARY_FILES; i++) {
        struct stat now;
        path_of(canary, files[i].name, path, sizeof path);
        if (lstat(path, &now) != 0 || !same(&now, &canary->before[i])) {
            snprintf(why, size, "the canary's %s was touched",
                     strcmp(files[i].name, ".") == 0 ? "folder" : files[i].name);
            return false;
        }
    }
    path_of(canary, "secret", path, sizeof path);
    const bool secret = holds(path, "CANARY-", canary->secret);
    path_of(canary, "touch", path, sizeof path);
    const bool touch = holds(path, "", canary->touch);
    path_of(canary, "yard", path, sizeof path);
    if (secret && touch && count_names(path) == 2 && count_names(canary->folder) == CANARY_FILES + 1)
        return true;
    snprintf(why, size, "the contents of the canary folder changed");
    return false;
}
