/* SPDX-License-Identifier: MIT */
/* What this machine offers, found out by doing it: containers and security modules let one call through and refuse the
 * next, so a user namespace that can be created proves nothing until a root was built in it. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/sandbox/cgroup.h"
#include "grader/sandbox/landlock.h"
#include "grader/sandbox/spawn.h"

/* How the error of a step begins; what follows it says which one. */
#define PROBE_FAILED "in the sandbox: "

/* Runs all the steps of a spawn that `support` asks for, up to exec. */
static bool try_steps(enum sandbox_kind kind, const struct sandbox_support *support, char *why, size_t size) {
    static const struct sandbox_path path[] = {{"/usr", SANDBOX_EXECUTE}, {"/dev/null", SANDBOX_WRITE}};
    const struct sandbox_policy policy = {
        .kind = kind, .support = support, .path = path, .path_count = sizeof path / sizeof *path, .directory = "/"};
    struct sandbox_child child;
    struct error error;
    if (spawn_start(&policy, NULL, NULL, NULL, 0, -1, &child, &error) != 0) {
        const char *part = strstr(error.text, PROBE_FAILED);
        snprintf(why, size, "%.*s", (int)size - 1, part != NULL ? part + strlen(PROBE_FAILED) : error.text);
        return false;
    }
    while (!sandbox_dead(&child))
        usleep(200);
    sandbox_reap(&child);
    return WIFEXITED(child.status) && WEXITSTATUS(child.status) == 0;
}

static enum sandbox_level best_level(const struct sandbox_support *support) {
    if (!support->seccomp)
        return SANDBOX_D;
    if (support->namespaces)
        return support->landlock_abi > 0 ? SANDBOX_A : SANDBOX_B;
    return support->landlock_abi > 0 ? SANDBOX_B : SANDBOX_C;
}

static void add_word(char *text, size_t size, const char *separator, const char *word) {
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used > 0 ? separator : "", word);
}

static void describe(struct sandbox_support *support, int cgroup, enum sandbox_level at_most) {
    char landlock[24], version[24], uid[24];
    snprintf(landlock, sizeof landlock, "landlock-%d", support->landlock_abi);
    snprintf(version, sizeof version, "cgroup-v%d", cgroup);
    snprintf(uid, sizeof uid, "uid=%d", (int)SANDBOX_NOBODY);
    const bool root = geteuid() == 0;
    const struct {
        bool active;
        const char *name, *missing;
    } layer[] = {
        {true, "rlimits", ""},
        {support->seccomp, "seccomp", at_most >= SANDBOX_D ? "seccomp (hidden)" : "seccomp"},
        {support->landlock_abi > 0, landlock, at_most >= SANDBOX_C ? "landlock (hidden)" : "landlock"},
        {support->namespaces, "namespaces", at_most >= SANDBOX_B ? "namespaces (hidden)" : "namespaces"},
        /* An ordinary user's children run as that user: nothing is missing then. */
        {support->uid_drop || !root, support->uid_drop ? uid : "", "uid (root cannot become nobody)"},
        {support->cgroup, version,
         at_most >= SANDBOX_B ? "cgroup (hidden)"
         : root               ? "cgroup"
                              : "cgroup (not root)"},
    };
    for (size_t i = 0; i < sizeof layer / sizeof *layer; i++) {
        if (layer[i].active && layer[i].name[0] != '\0')
            add_word(support->active, sizeof support->active, " ", layer[i].name);
        else if (!layer[i].active)
            add_word(support->missing, sizeof support->missing, ", ", layer[i].missing);
    }
}

void sandbox_probe(enum sandbox_level at_most, struct sandbox_support *support) {
    *support = (struct sandbox_support){0};
    struct sandbox_support attempt = {.uid_drop = geteuid() == 0};
    char why[200];
    support->uid_drop = attempt.uid_drop && try_steps(SANDBOX_CANDIDATE, &attempt, why, sizeof why);
    attempt.uid_drop = support->uid_drop;
    if (at_most <= SANDBOX_B)
        support->landlock_abi = landlock_abi();
    if (at_most <= SANDBOX_C) {
        attempt.seccomp = true;
        support->seccomp = try_steps(SANDBOX_COMPILER, &attempt, support->no_seccomp, sizeof support->no_seccomp);
    }
    int cgroup = at_most == SANDBOX_A ? cgroup_version() : 0;
    support->cgroup = cgroup > 0;
    /* Without another uid, root's child would be root in its namespace, with every capability there. */
    if (at_most == SANDBOX_A && (geteuid() != 0 || support->uid_drop)) {
        attempt.namespaces = true;
        attempt.landlock_abi = support->landlock_abi;
        support->namespaces =
            try_steps(SANDBOX_CANDIDATE, &attempt, support->no_namespaces, sizeof support->no_namespaces);
    }
    support->level = best_level(support);
    describe(support, cgroup, at_most);
}
