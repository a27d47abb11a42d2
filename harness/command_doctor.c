/* SPDX-License-Identifier: MIT */
/* harness doctor: what this machine offers to grading, what is missing, and how to get it. */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grader/locate.h"
#include "grader/machine.h"
#include "grader/sandbox/sandbox.h"
#include "grader/scratch.h"
#include "grader/toolchain.h"
#include "harness/command.h"
#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"

enum health { HEALTH_GOOD, HEALTH_LESS, HEALTH_BAD };

static const struct {
    const char *word;
    enum screen_style style;
} HEALTH[] = {
    [HEALTH_GOOD] = {"ok", SCREEN_GOOD},
    [HEALTH_LESS] = {"less", SCREEN_WARN},
    [HEALTH_BAD] = {"MISSING", SCREEN_BAD},
};

enum { NAME_COLUMNS = 14, TEXT_COLUMN = 23 };

/* Takes ownership of `text`. */
static void row(const struct screen *screen, const char *name, enum health health, char *text) {
    char *before = heap_format("%-*s", NAME_COLUMNS, name);
    screen_stage(screen, HEALTH[health].style, before, HEALTH[health].word, "", TEXT_COLUMN, text);
    free(before);
    free(text);
}

static void layer(const struct screen *screen, const char *name, bool there, const char *what, const char *remedy,
                  enum health otherwise) {
    row(screen, name, there ? HEALTH_GOOD : otherwise,
        there ? heap_format("%s", what) : heap_format("%s. To get it: %s", what, remedy));
}

static bool check_sandbox(const struct screen *screen, enum sandbox_level at_most) {
    struct sandbox_support support;
    sandbox_probe(at_most, &support);
    bool good = support.level <= SANDBOX_C;
    row(screen, "sandbox", good ? HEALTH_GOOD : HEALTH_BAD,
        heap_format("level %c of A (strongest) to D%s; active: %s", sandbox_level_letter(support.level),
                    good ? "" : ", which is refused unless asked for (--require-sandbox D)", support.active));
    layer(screen, "  seccomp", support.seccomp, "a filter on the system calls of a submission",
          "a kernel with CONFIG_SECCOMP_FILTER, and a container that does not forbid it", HEALTH_BAD);
    layer(screen, "  landlock", support.landlock_abi > 0, "no files, network or signals beyond its own",
          "Linux 5.13 or newer, with landlock in the kernel's lsm= list", HEALTH_LESS);
    layer(screen, "  namespaces", support.namespaces, "an own view of files, processes and network",
          "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1 on Debian, "
          "kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu; in a container --privileged); a chroot has none",
          HEALTH_LESS);
    layer(screen, "  other uid", support.uid_drop, "submissions run as another user", "run as root", HEALTH_LESS);
    layer(screen, "  cgroup", support.cgroup, "memory and processes limited as a group",
          geteuid() == 0 ? "writable memory and pids controllers (in a container --cgroupns=private --privileged)"
                         : "run as root, or in a cgroup that is yours (systemd-run --user --scope -p Delegate=yes)",
          HEALTH_LESS);
    return good;
}

/* Asks the compiler for its version, contained like every other run of it. The caller frees; NULL when it failed. */
static char *compiler_version(const struct toolchain *toolchain, const struct sandbox_support *support,
                              const volatile int *cancel, struct error *err) {
    static const char *const ARGUMENT[] = {"-dumpfullversion"};
    struct toolchain_job job = TOOLCHAIN_JOB_INIT;
    struct scratch scratch = {""};
    char folder[SCRATCH_PATH], *version = NULL;
    enum verdict verdict = VERDICT_PASSED;
    if (scratch_open(&scratch, err) != 0 || scratch_folder(&scratch, "doctor", folder, err) != 0 ||
        toolchain_start(toolchain, support, folder, ARGUMENT, 1, &job, err) != 0 ||
        toolchain_wait(&job, cancel, &verdict, err) != 0)
        goto out;
    size_t size;
    const char *output = toolchain_output(&job, &size);
    size_t length = strnlen(output, size);
    while (length > 0 && output[length - 1] == '\n')
        length--;
    if (verdict == VERDICT_PASSED)
        version = heap_copy(output, length);
    else
        error_set(err, ERROR_HARNESS, "%s does not run inside the sandbox: %.*s", toolchain->compiler, (int)length,
                  output);
out:
    toolchain_release(&job);
    scratch_release(&scratch);
    return version;
}

static bool check_compiler(const struct screen *screen, enum sandbox_level at_most, const volatile int *cancel) {
    struct toolchain toolchain;
    struct sandbox_support support;
    struct error error;
    char *version = NULL;
    sandbox_probe(at_most, &support);
    if (toolchain_find(&toolchain, &error) == 0)
        version = compiler_version(&toolchain, &support, cancel, &error);
    row(screen, "compiler", version != NULL ? HEALTH_GOOD : HEALTH_BAD,
        version != NULL ? heap_format("gcc %s, %s", version, toolchain.compiler) : heap_format("%s", error.text));
    bool good = version != NULL;
    free(version);
    return good;
}

static bool check_parts(const struct screen *screen) {
    struct locate_parts parts;
    struct error error;
    bool good = locate_find(&parts, &error) == 0;
    row(screen, "own parts", good ? HEALTH_GOOD : HEALTH_BAD,
        good ? heap_format("worker and reference library found; challenges in %s", parts.challenges)
             : heap_format("%s", error.text));
    return good;
}

/* Only asked for its name; the workers load it for the references. */
static void check_blas(const struct screen *screen) {
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    char *(*core)(void) = NULL, *(*config)(void) = NULL;
    if (library != NULL) {
        *(void **)&core = dlsym(library, "openblas_get_corename");
        *(void **)&config = dlsym(library, "openblas_get_config");
    }
    if (core != NULL && config != NULL)
        row(screen, "OpenBLAS", HEALTH_GOOD, heap_format("kernels for %s; %s", core(), config()));
    else
        row(screen, "OpenBLAS", HEALTH_BAD,
            heap_format("libopenblas.so.0 cannot be loaded. To get it: apt-get install "
                        "libopenblas-dev"));
}

/* The smallest step that the clock was seen to take. */
static int64_t clock_step_ns(void) {
    enum { LOOKS = 2000 };
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < LOOKS; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        clock_gettime(CLOCK_MONOTONIC, &b);
        int64_t step = (int64_t)(b.tv_sec - a.tv_sec) * 1000000000 + (b.tv_nsec - a.tv_nsec);
        if (step > 0 && step < least)
            least = step;
    }
    return least;
}

static bool check_clock(const struct screen *screen) {
    enum { COARSE_NS = 10000 };
    struct timespec resolution;
    char source[64] = "unknown";
    clock_getres(CLOCK_MONOTONIC, &resolution);
    FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "r");
    if (file != NULL && fscanf(file, "%63s", source) != 1)
        snprintf(source, sizeof source, "unknown");
    if (file != NULL)
        fclose(file);
    int64_t step = clock_step_ns();
    bool fine = step < COARSE_NS;
    row(screen, "clock", fine ? HEALTH_GOOD : HEALTH_BAD,
        heap_format("%s, resolution %ld ns, smallest step seen %" PRId64 " ns%s", source, resolution.tv_nsec, step,
                    fine ? ""
                         : "; that is too coarse to time anything. To get a finer one: boot with clocksource=tsc"));
    return fine;
}

static void check_machine(const struct screen *screen, const volatile int *cancel) {
    struct machine machine = {0};
    struct error error;
    machine_describe(&machine);
    row(screen, "processor", HEALTH_GOOD, heap_format("%s, %s", machine.cpu, machine.vector));
    row(screen, "cores", machine.cores > 1 ? HEALTH_GOOD : HEALTH_LESS,
        heap_format("%u usable%s", machine.cores,
                    machine.cores > 1 ? "" : "; with one core, the harness and the submission disturb each other"));
    row(screen, "kernel", HEALTH_GOOD, heap_format("%s", machine.kernel));
    if (*cancel != 0)
        return;
    if (machine_roof_load(&machine, &error) != 0 || !machine.roof.known) {
        row(screen, "roofs", HEALTH_LESS, heap_format("could not be measured: %s", error.text));
        return;
    }
    struct heap_text into;
    heap_text_open(&into);
    fprintf(into.stream, "one core: %.4g GFLOP/s multiply-add, %.4g GFLOP/s sgemm; copies", machine.roof.fma_gflops,
            machine.roof.sgemm_gflops);
    for (size_t i = 0; i < MACHINE_BANDWIDTHS; i++) {
        char bytes[FORMAT_SIZE];
        fprintf(into.stream, "%s %.3g GB/s in %s", i > 0 ? "," : "", machine.roof.bandwidth_gbps[i],
                format_bytes(bytes, (double)machine.roof.bandwidth_bytes[i]));
    }
    row(screen, "roofs", HEALTH_GOOD, heap_text_take(&into, NULL));
}

static void check_cache(const struct screen *screen) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct stat status;
    char *folder = cache != NULL && cache[0] == '/' ? heap_format("%s/harness", cache)
                   : home != NULL && home[0] == '/' ? heap_format("%s/.cache/harness", home)
                                                    : heap_format("%s", "");
    if (folder[0] == '\0')
        row(screen, "cache", HEALTH_LESS, heap_format("no folder: set HOME or XDG_CACHE_HOME"));
    else if (stat(folder, &status) != 0 && errno == ENOENT)
        row(screen, "cache", HEALTH_LESS, heap_format("%s is not there yet; the first run makes it if it can", folder));
    else if (access(folder, W_OK | X_OK) != 0)
        row(screen, "cache", HEALTH_LESS,
            heap_format("%s cannot be written: %s; the roofs are measured anew each time", folder, strerror(errno)));
    else
        row(screen, "cache", HEALTH_GOOD, heap_format("%s", folder));
    free(folder);
}

int command_doctor(const struct options *options, const volatile int *cancel) {
    struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    bool sandbox = check_sandbox(&screen, options->at_most);
    bool compiler = check_compiler(&screen, options->at_most, cancel);
    bool parts = check_parts(&screen);
    bool clock = check_clock(&screen);
    check_machine(&screen, cancel);
    check_cache(&screen);
    check_blas(&screen);
    bool good = sandbox && compiler && parts && clock;
    screen_line(&screen, "%s", "");
    if (good)
        screen_marked(&screen, SCREEN_GOOD, "", "READY", "   this machine can grade");
    else
        screen_marked(&screen, SCREEN_BAD, "", "NOT READY", "   what is MISSING above has to be put right first");
    return good ? EXIT_ACCEPTED : EXIT_OPERATOR;
}
