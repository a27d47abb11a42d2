/* SPDX-License-Identifier: MIT */
/* harness doctor: what this machine offers to grading, what is missing, and how to get it. */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "grader/build_cache.h"
#include "grader/locate.h"
#include "grader/sandbox/sandbox.h"
#include "grader/scratch.h"
#include "grader/toolchain.h"
#include "harness/command.h"
#include "harness/doctor.h"
#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"

static const struct {
    const char *word;
    enum screen_style style;
} HEALTH[] = {
    [DOCTOR_GOOD] = {"ok", SCREEN_GOOD},
    [DOCTOR_LESS] = {"less", SCREEN_WARN},
    [DOCTOR_BAD] = {"MISSING", SCREEN_BAD},
};

enum { NAME_COLUMNS = 14, TEXT_COLUMN = 23 };

void doctor_row(const struct screen *screen, const char *name, enum doctor_health health, char *text) {
    char *before = heap_format("%-*s", NAME_COLUMNS, name);
    screen_stage(screen, HEALTH[health].style, before, HEALTH[health].word, "", TEXT_COLUMN, text);
    free(before);
    free(text);
}

struct layer {
    const char *name;
    bool there;
    enum doctor_health otherwise;
    const char *what, *tried, *remedy;
};

static void show_layer(const struct screen *screen, const struct layer *layer) {
    bool told = !layer->there && layer->tried != NULL && layer->tried[0] != '\0';
    if (layer->there)
        doctor_row(screen, layer->name, DOCTOR_GOOD, heap_format("%s", layer->what));
    else
        doctor_row(screen, layer->name, layer->otherwise,
                   heap_format("%s%s%s. To get it: %s", layer->what, told ? ". Tried: " : "", told ? layer->tried : "",
                               layer->remedy));
}

/* What the level means for whoever grades. */
static const struct {
    enum doctor_health health;
    const char *words;
} LEVEL[] = {
    [SANDBOX_A] = {DOCTOR_GOOD, ""},
    [SANDBOX_B] = {DOCTOR_GOOD, ""},
    [SANDBOX_C] = {DOCTOR_LESS,
                   "; a submission can #include what the user of its compiler may read, so challenges with open hidden "
                   "cases are refused unless asked for (--require-sandbox C)"},
    [SANDBOX_D] = {DOCTOR_BAD, ", which is refused unless asked for (--require-sandbox D)"},
};

static bool check_sandbox(const struct screen *screen, const struct sandbox_support *support) {
    const char *group = geteuid() == 0
                            ? "writable memory and pids controllers (in a container --cgroupns=private --privileged)"
                            : "run as root, or in a cgroup that is yours (systemd-run --user --scope -p Delegate=yes)";
    const struct layer layer[] = {
        {"  seccomp", support->seccomp, DOCTOR_BAD, "a filter on the system calls of a submission", support->no_seccomp,
         "a kernel with CONFIG_SECCOMP_FILTER, and a container that does not forbid it"},
        {"  landlock", support->landlock_abi > 0, DOCTOR_LESS, "no files, network or signals beyond its own", NULL,
         "Linux 5.13 or newer, with landlock in the kernel's lsm= list (boot with lsm=landlock,...)"},
        {"  namespaces", support->namespaces, DOCTOR_LESS, "an own view of files, processes and network",
         support->no_namespaces,
         "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 on Debian, "
         "kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu; in a container --privileged); a chroot has none"},
        {"  other uid", support->uid_drop, DOCTOR_LESS, "submissions run as another user", NULL, "run as root"},
        {"  cgroup", support->cgroup, DOCTOR_LESS, "memory and processes limited as a group", NULL, group},
    };
    doctor_row(screen, "sandbox", LEVEL[support->level].health,
               heap_format("level %c of A (strongest) to D%s; active: %s", sandbox_level_letter(support->level),
                           LEVEL[support->level].words, support->active));
    for (size_t i = 0; i < sizeof layer / sizeof layer[0]; i++)
        show_layer(screen, &layer[i]);
    return LEVEL[support->level].health != DOCTOR_BAD;
}

/* Room for a compilation: less, and even a small submission does not compile. */
static char *describe_scratch(const char *root, enum doctor_health *health) {
    const unsigned long long little = 64 << 20;
    const char *asked = getenv("TMPDIR");
    struct statvfs disk;
    char bytes[FORMAT_SIZE];
    unsigned long long left =
        statvfs(root, &disk) == 0 ? (unsigned long long)disk.f_bavail * disk.f_frsize : (unsigned long long)-1;
    *health = DOCTOR_LESS;
    if (left < little)
        return heap_format("%s has only %s free. To get more: name another folder with TMPDIR", root,
                           format_bytes(bytes, (double)left));
    if (asked != NULL && asked[0] != '\0' && strcmp(asked, root) != 0)
        return heap_format("%s, because TMPDIR is relative or too long. To use another one: give TMPDIR the full path "
                           "of a folder",
                           root);
    *health = DOCTOR_GOOD;
    return heap_format("%s, writable", root);
}

static bool check_compiler(const struct screen *screen, const struct sandbox_support *support,
                           const volatile int *cancel) {
    struct toolchain toolchain;
    struct scratch scratch = {""};
    struct error error;
    char folder[SCRATCH_PATH];
    enum doctor_health health = DOCTOR_BAD;
    bool writable = scratch_open(&scratch, &error) == 0 && scratch_folder(&scratch, "doctor", folder, &error) == 0;
    char *text = writable ? describe_scratch(scratch_root(), &health) : heap_format("%s", error.text);
    doctor_row(screen, "scratch", health, text);
    bool good = writable && toolchain_find(&toolchain, &error) == 0 &&
                toolchain_ask_version(&toolchain, support, folder, cancel, &error) == 0;
    if (good)
        doctor_row(screen, "compiler", DOCTOR_GOOD, heap_format("%s, %s", toolchain.version, toolchain.compiler));
    else if (writable)
        doctor_row(screen, "compiler", DOCTOR_BAD, heap_format("%s", error.text));
    else
        doctor_row(screen, "compiler", DOCTOR_BAD, heap_format("not tried without a scratch folder"));
    scratch_release(&scratch);
    return good;
}

static bool check_parts(const struct screen *screen) {
    struct locate_parts parts;
    struct error error;
    bool good = locate_find(&parts, &error) == 0;
    doctor_row(screen, "own parts", good ? DOCTOR_GOOD : DOCTOR_BAD,
               good ? heap_format("worker and reference library found; challenges in %s", parts.challenges)
                    : heap_format("%s", error.text));
    return good;
}

static void check_cache(const struct screen *screen) {
    char folder[BUILD_CACHE_PATH];
    static const char lost[] = "every run compiles the reference and measures the roofs anew. To get it: ";
    if (build_cache_root(folder))
        doctor_row(screen, "cache", DOCTOR_GOOD, heap_format("%s", folder));
    else if (folder[0] == '\0')
        doctor_row(screen, "cache", DOCTOR_LESS, heap_format("no folder: %sset HOME or XDG_CACHE_HOME", lost));
    else
        doctor_row(screen, "cache", DOCTOR_LESS,
                   heap_format("%s cannot be made, or is not yours alone to write: %sput that right, or name another "
                               "folder with XDG_CACHE_HOME",
                               folder, lost));
}

int command_doctor(const struct options *options, const volatile int *cancel) {
    struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    struct sandbox_support support;
    sandbox_probe(options->at_most, &support);
    scratch_clean_stale();
    build_cache_clean_stale();
    sandbox_clean_stale();
    bool sandbox = check_sandbox(&screen, &support);
    bool compiler = check_compiler(&screen, &support, cancel);
    bool parts = check_parts(&screen);
    check_cache(&screen);
    bool timing = doctor_timing(&screen, cancel);
    screen_line(&screen, "%s", "");
    if (sandbox && compiler && parts && timing) {
        screen_marked(&screen, SCREEN_GOOD, "", "READY", "   this machine can grade");
        return EXIT_ACCEPTED;
    }
    screen_marked(&screen, SCREEN_BAD, "", "NOT READY", "   what is MISSING above has to be put right first");
    return EXIT_OPERATOR;
}
