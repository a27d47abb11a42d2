/* SPDX-License-Identifier: MIT */
/* What has to be in order before anything is graded: what dead graders left, the sandbox, the caller's limits, our own
 * parts, a folder, a compiler. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/build_cache.h"
#include "grader/grading.h"

int grading_open_machine(enum sandbox_level require, enum sandbox_level at_most, struct sandbox_support *support,
                         struct error *err) {
    if (sodium_init() < 0)
        return error_set(err, ERROR_HARNESS, "libsodium cannot be initialised");
    sandbox_harden_self();
    scratch_clean_stale();
    build_cache_clean_stale();
    sandbox_clean_stale();
    sandbox_probe(at_most, support);
    if (support->level <= require)
        return 0;
    return error_set(err, ERROR_HARNESS,
                     "this machine offers sandbox level %c, and level %c is required (missing: %s%s%s); "
                     "`harness doctor` says how to get more",
                     sandbox_level_letter(support->level), sandbox_level_letter(require), support->missing,
                     support->no_seccomp[0] != '\0' ? "; " : "", support->no_seccomp);
}

/* May the uid that compiles a submission read this file? Root compiles as another user, whom the modes of the file and
 * of every folder above it have to keep out. */
static bool compiler_may_read(const struct grading *g, const char *path) {
    char part[LOCATE_PATH + 32];
    struct stat info;
    if (!g->support.uid_drop)
        return access(path, R_OK) == 0;
    if (stat(path, &info) != 0 || (info.st_mode & S_IROTH) == 0)
        return false;
    snprintf(part, sizeof part, "%s", path);
    for (char *slash; (slash = strrchr(part, '/')) != NULL && slash != part;) {
        *slash = '\0';
        if (stat(part, &info) == 0 && (info.st_mode & S_IXOTH) == 0)
            return false;
    }
    return true;
}

static int check_closed(const struct grading *g, const char *path, struct error *err) {
    char *real = realpath(path, NULL);
    bool open = real != NULL && compiler_may_read(g, real);
    free(real);
    if (!open)
        return 0;
    return error_set(err, ERROR_HARNESS,
                     "this machine offers sandbox level C only, where a submission can #include %s and see the hidden "
                     "cases: grade where Landlock or namespaces exist (`harness doctor`), %s, or accept it "
                     "with --require-sandbox C",
                     path,
                     g->support.uid_drop ? "take the file from other users (chmod o-r)"
                                         : "as root with that file closed to others");
}

/* Below level B nothing but the modes of files keeps `#include` and `.incbin` away from hidden cases and their data. */
static int check_hidden(const struct grading *g, struct error *err) {
    const struct spec *spec = g->request->spec;
    char path[LOCATE_PATH + 32];
    if (g->support.level < SANDBOX_C || !g->request->require_by_default)
        return 0;
    snprintf(path, sizeof path, "%s/hidden.json", spec->directory);
    int result = check_closed(g, path, err);
    for (size_t i = 0; result == 0 && i < spec->dataset_count; i++)
        if (strncmp(spec->dataset[i]->name, DATASET_HIDDEN, strlen(DATASET_HIDDEN)) == 0)
            result = check_closed(g, spec->dataset[i]->path, err);
    return result;
}

/* A child cannot have more than the caller may have, and what it then lacked would look like its own fault. */
static int check_limits(const struct grading *g, struct error *err) {
    const uint64_t compiler = (uint64_t)2 << 30, stack = g->request->spec->limits.stack_bytes;
    const struct {
        __rlimit_resource_t resource;
        uint64_t needed_bytes;
        const char *name, *option;
    } limit[] = {
        {RLIMIT_AS, compiler, "address space", "-v"},
        {RLIMIT_DATA, compiler, "memory", "-d"},
        {RLIMIT_STACK, stack, "stack", "-s"},
    };
    for (size_t i = 0; i < sizeof limit / sizeof *limit; i++) {
        struct rlimit now;
        if (getrlimit(limit[i].resource, &now) != 0 || now.rlim_max >= limit[i].needed_bytes)
            continue;
        return error_set(err, ERROR_HARNESS,
                         "the caller's limit of %llu KiB on %s is less than the %llu KiB that grading %s needs; raise "
                         "it (ulimit %s)",
                         (unsigned long long)now.rlim_max >> 10, limit[i].name,
                         (unsigned long long)limit[i].needed_bytes >> 10, g->request->spec->id, limit[i].option);
    }
    return 0;
}

int grading_open_site(struct grading *g, struct error *err) {
    const struct spec *spec = g->request->spec;
    if (grading_open_machine(g->request->require, g->request->at_most, &g->support, err) != 0 ||
        check_hidden(g, err) != 0 || check_limits(g, err) != 0 || locate_find(&g->parts, err) != 0 ||
        scratch_open(&g->scratch, err) != 0)
        return -1;
    g->site = (struct build_site){
        .spec = spec, .parts = &g->parts, .support = &g->support, .scratch = &g->scratch, .cancel = g->request->cancel};
    for (size_t e = 0; e < spec->entry_count; e++)
        g->entry[e] = spec->entry[e].name;
    randombytes_buf(&g->key, sizeof g->key);
    g->threads = g->request->threads > 0 ? g->request->threads : spec->threads;
    struct grade *grade = g->grade;
    machine_describe(&grade->machine);
    grade->level = g->support.level;
    memcpy(grade->sandbox_active, g->support.active, sizeof grade->sandbox_active);
    memcpy(grade->sandbox_missing, g->support.missing, sizeof grade->sandbox_missing);
    return toolchain_find(&g->site.toolchain, err);
}
