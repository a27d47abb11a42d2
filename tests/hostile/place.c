/* SPDX-License-Identifier: MIT */
#include "tests/hostile/place.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct kind {
    const char *name;
    bool root, container;
} kinds[PLACE_KINDS] = {[PLACE_ROOT] = {"root", true, false},
                        [PLACE_ROOT_CONTAINER] = {"root-container", true, true},
                        [PLACE_USER] = {"user", false, false},
                        [PLACE_USER_CONTAINER] = {"user-container", false, true}};

static const struct place table[PLACES] = {
    {.name = "root-A", .column = "rA", .kind = PLACE_ROOT, .at_most = SANDBOX_A, .timed = true},
    {.name = "root-B", .column = "rB", .kind = PLACE_ROOT, .at_most = SANDBOX_B},
    {.name = "root-C", .column = "rC", .kind = PLACE_ROOT, .at_most = SANDBOX_C},
    {.name = "root-D", .column = "rD", .kind = PLACE_ROOT, .at_most = SANDBOX_D},
    {.name = "root-container", .column = "rK", .kind = PLACE_ROOT_CONTAINER, .at_most = SANDBOX_A},
    {.name = "user-A", .column = "uA", .kind = PLACE_USER, .at_most = SANDBOX_A},
    {.name = "user-B", .column = "uB", .kind = PLACE_USER, .at_most = SANDBOX_B},
    {.name = "user-C", .column = "uC", .kind = PLACE_USER, .at_most = SANDBOX_C},
    {.name = "user-D", .column = "uD", .kind = PLACE_USER, .at_most = SANDBOX_D},
    {.name = "user-container", .column = "uK", .kind = PLACE_USER_CONTAINER, .at_most = SANDBOX_A, .timed = true},
};

bool place_exists(const char *name) {
    for (int i = 0; i < PLACES; i++)
        if (strcmp(table[i].name, name) == 0)
            return true;
    return false;
}

const char *place_kind_name(enum place_kind kind) {
    return kinds[kind].name;
}

bool place_kind_is_root(enum place_kind kind) {
    return kinds[kind].root;
}

/* The profile first: an ordinary user could put it on only without ever gaining rights again, which real containers do
 * not demand. */
bool place_enter(enum place_kind kind) {
    if (kinds[kind].container && !container_enter())
        return false;
    if (kinds[kind].root || geteuid() != 0)
        return true;
    return setgroups(0, NULL) == 0 && setresgid(SANDBOX_NOBODY, SANDBOX_NOBODY, SANDBOX_NOBODY) == 0 &&
           setresuid(SANDBOX_NOBODY, SANDBOX_NOBODY, SANDBOX_NOBODY) == 0;
}

/* Probes in a process of that kind; the table lies in memory that both share. */
static void probe_kind(enum place_kind kind, struct place *place) {
    pid_t pid = fork();
    if (pid == 0) {
        if (!place_enter(kind))
            _exit(1);
        sandbox_harden_self();
        for (int i = 0; i < PLACES; i++)
            if (place[i].kind == kind)
                sandbox_probe(place[i].at_most, &place[i].support);
        _exit(0);
    }
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    for (int i = 0; i < PLACES; i++)
        if (place[i].kind == kind && status != 0)
            snprintf(place[i].why, sizeof place[i].why, "a process of this kind cannot be made here");
}

static void decide(struct place *place) {
    const bool container = kinds[place->kind].container;
    if (place->why[0] != '\0')
        return;
    if (container && place->support.namespaces)
        snprintf(place->why, sizeof place->why, "the look-alike of a container lets namespaces through");
    else if (!container && place->support.level != place->at_most)
        snprintf(place->why, sizeof place->why, "this machine offers level %c at best (missing: %.160s)",
                 sandbox_level_letter(place->support.level), place->support.missing);
    else
        place->offered = true;
}

/* Speed is measured at the two ends: where the level is highest, and shut in as in a container; `--place` measures it
 * anywhere. Where namespaces are refused anyway, a container adds nothing to the best of the other places, unless a
 * layer that is hidden there is active in it (root's control groups). */
static void look_around(struct place place[PLACES]) {
    for (int i = 0; i < PLACES; i++) {
        if (place[i].at_most != SANDBOX_A || kinds[place[i].kind].container || place[i].offered)
            continue;
        int best = i;
        while (!kinds[place[best].kind].container && !place[best].offered)
            best++;
        if (kinds[place[best].kind].container)
            continue;
        place[best].timed = true;
        int inside = best;
        while (!kinds[place[inside].kind].container)
            inside++;
        if (place[inside].offered && strcmp(place[inside].support.active, place[best].support.active) == 0) {
            place[inside].offered = false;
            snprintf(place[inside].why, sizeof place[inside].why, "there are no namespaces here, so %s is the same",
                     place[best].name);
        }
    }
}

int places_probe(struct place place[PLACES], struct error *err) {
    struct place *shared = mmap(NULL, sizeof table, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return error_errno(err, "cannot map memory to probe this machine");
    memcpy(shared, table, sizeof table);
    for (int kind = 0; kind < PLACE_KINDS; kind++) {
        if (!kinds[kind].root || geteuid() == 0) {
            probe_kind((enum place_kind)kind, shared);
            continue;
        }
        for (int i = 0; i < PLACES; i++)
            if ((int)shared[i].kind == kind)
                snprintf(shared[i].why, sizeof shared[i].why, "the test was not started by root");
    }
    for (int i = 0; i < PLACES; i++)
        decide(&shared[i]);
    look_around(shared);
    memcpy(place, shared, sizeof table);
    munmap(shared, sizeof table);
    return 0;
}
