/* SPDX-License-Identifier: MIT */
/* See confine.h. */
#include "grader/confine.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "grader/sandbox/landlock.h"
#include "grader/sandbox/seccomp.h"

/* Lowering a limit needs no privilege and cannot fail. */
static void lower(__rlimit_resource_t which, uint64_t value) {
    struct rlimit limit;
    if (getrlimit(which, &limit) != 0)
        return;
    if (limit.rlim_max > value)
        limit.rlim_max = value;
    if (limit.rlim_cur > value)
        limit.rlim_cur = value;
    setrlimit(which, &limit);
}

void confine_self(const char *folder, const struct confine_limits *limits) {
    const struct sandbox_path path = {folder, SANDBOX_WRITE};
    lower(RLIMIT_AS, limits->address_bytes);
    lower(RLIMIT_FSIZE, limits->file_bytes);
    lower(RLIMIT_CPU, limits->cpu_s);
    lower(RLIMIT_NPROC, 0);
    lower(RLIMIT_CORE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const int abi = landlock_abi();
    if (abi > 0)
        (void)landlock_restrict(abi, &path, 1);
    (void)seccomp_compiler();
}
