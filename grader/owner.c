/* SPDX-License-Identifier: MIT */
#include "grader/owner.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t read_text(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "re");
    size_t got = file != NULL ? fread(text, 1, size - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    text[got] = '\0';
    return got;
}

/* In clock ticks since boot; 0 if it cannot be seen, which does not mean that it is dead: a mount of /proc with hidepid
 * hides every grader, because a grader hides itself from others with its uid. */
static uint64_t start_time(int pid, bool *ended) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    read_text(path, text, sizeof text);
    char *field = strrchr(text, ')'); /* the name before it may hold anything */
    *ended = field != NULL && (strncmp(field, ") Z", 3) == 0 || strncmp(field, ") X", 3) == 0);
    for (int i = 2; i < 22 && field != NULL; i++)
        field = strchr(field + 1, ' ');
    return field != NULL ? strtoull(field, NULL, 10) : 0;
}

/* This boot of this machine, seen from this pid namespace; 0 when there is no /proc to tell. */
static uint64_t here(void) {
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    char boot[64];
    struct stat namespace;
    size_t length = read_text("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    if (length == 0 || stat("/proc/self/ns/pid", &namespace) != 0)
        return 0;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)boot[i]) * prime;
    return (hash ^ (uint64_t) namespace.st_ino) * prime;
}

void owner_tag(char tag[OWNER_TAG]) {
    bool ended;
    snprintf(tag, OWNER_TAG, "%016" PRIx64 "-%d-%" PRIu64, here(), (int)getpid(), start_time((int)getpid(), &ended));
}

enum owner owner_look(const char *text) {
    uint64_t place = 0, started = 0;
    int pid = 0, used = 0;
    bool ended;
    if (sscanf(text, "%16" SCNx64 "-%d-%" SCNu64 "-%n", &place, &pid, &started, &used) != 3 || used == 0 || pid <= 0)
        return OWNER_NONE;
    if (place == 0 || place != here())
        return OWNER_ELSEWHERE;
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return OWNER_DEAD;
    uint64_t now = start_time(pid, &ended);
    if (ended) /* nobody may take it away for long, above all where the first process of a container does not care */
        return OWNER_DEAD;
    return now == 0 || now == started ? OWNER_LIVES : OWNER_DEAD;
}
