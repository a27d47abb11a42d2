/* SPDX-License-Identifier: MIT */
/* harness doctor, second half: what timing needs of this machine. */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "grader/machine.h"
#include "harness/doctor.h"
#include "harness/format.h"
#include "harness/heap.h"

/* Only asked for its name; the workers load it for the references, and never see the caller's environment. */
static bool check_blas(const struct screen *screen) {
    static const char *const OF_THE_CALLER[] = {"OPENBLAS_CORETYPE", "OPENBLAS_VERBOSE", "OPENBLAS_MAIN_FREE"};
    for (size_t i = 0; i < sizeof OF_THE_CALLER / sizeof OF_THE_CALLER[0]; i++)
        unsetenv(OF_THE_CALLER[i]);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    char *(*core)(void) = NULL, *(*config)(void) = NULL;
    if (library != NULL) {
        *(void **)&core = dlsym(library, "openblas_get_corename");
        *(void **)&config = dlsym(library, "openblas_get_config");
    }
    bool good = core != NULL && config != NULL;
    doctor_row(screen, "OpenBLAS", good ? DOCTOR_GOOD : DOCTOR_BAD,
               good ? heap_format("kernels for %s; %s", core(), config())
                    : heap_format("libopenblas.so.0 cannot be loaded. To get it: apt-get install libopenblas-dev"));
    return good;
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
    doctor_row(screen, "clock", fine ? DOCTOR_GOOD : DOCTOR_BAD,
               heap_format(
                   "%s, resolution %ld ns, smallest step seen %" PRId64 " ns%s", source, resolution.tv_nsec, step,
                   fine ? "" : "; that is too coarse to time anything. To get a finer one: boot with clocksource=tsc"));
    return fine;
}

/* The first word of a file of the kernel's; empty when it is not there. */
static void read_word(const char *path, char *word, size_t size) {
    FILE *file = fopen(path, "r");
    word[0] = '\0';
    if (file != NULL && fgets(word, (int)size, file) != NULL)
        word[strcspn(word, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
}

static void check_load(const struct screen *screen, unsigned cores) {
    double load = 0;
    bool known = getloadavg(&load, 1) == 1, busy = known && load > 0.5 * cores;
    if (!known)
        doctor_row(screen, "load", DOCTOR_LESS, heap_format("not told by this machine"));
    else if (busy)
        doctor_row(
            screen, "load", DOCTOR_LESS,
            heap_format("%.2g over the last minute on %u cores: others' work makes timed cases unstable. To get less: "
                        "stop it, or wait for it",
                        load, cores));
    else
        doctor_row(screen, "load", DOCTOR_GOOD, heap_format("%.2g over the last minute", load));
}

/* Settings of the kernel that a measurement feels: what is good, and how to get there. */
static const struct setting {
    const char *name, *path, *good; /* the value holds this text, or begins with it */
    const char *meaning, *worse, *remedy;
} SETTING[] = {
    {"governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance", "the clock stays up",
     "the clock follows the load while it is measured", "cpupower frequency-set -g performance"},
    {"turbo", "/sys/devices/system/cpu/intel_pstate/no_turbo", "1", "off, so the clock stays where it is",
     "on, so the clock sinks while the processor warms up", "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"},
    {"turbo", "/sys/devices/system/cpu/cpufreq/boost", "0", "off, so the clock stays where it is",
     "on, so the clock sinks while the processor warms up", "echo 0 > /sys/devices/system/cpu/cpufreq/boost"},
    {"huge pages", "/sys/kernel/mm/transparent_hugepage/enabled", "[madvise]", "for programs that ask", NULL, NULL},
    {"huge pages", "/sys/kernel/mm/transparent_hugepage/enabled", "[always]", "for everything", NULL, NULL},
    {"huge pages", "/sys/kernel/mm/transparent_hugepage/enabled", "", NULL,
     "off, so large arrays are slower on both sides", "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"},
};

/* True if the row says all there is to say about its setting. */
static bool show_setting(const struct screen *screen, const struct setting *setting) {
    char word[96];
    read_word(setting->path, word, sizeof word);
    if (word[0] != '\0' && setting->meaning != NULL && strstr(word, setting->good) != NULL)
        doctor_row(screen, setting->name, DOCTOR_GOOD, heap_format("%s", setting->meaning));
    else if (word[0] != '\0' && setting->worse != NULL)
        doctor_row(screen, setting->name, DOCTOR_LESS,
                   heap_format("%s. To get it better, as root: %s", setting->worse, setting->remedy));
    else
        return false;
    return true;
}

/* Rows of the same name are tried in turn, until one of them fits. */
static void check_settings(const struct screen *screen) {
    const size_t count = sizeof SETTING / sizeof SETTING[0];
    bool shown = false;
    for (size_t i = 0; i < count; i++) {
        shown = shown || show_setting(screen, &SETTING[i]);
        if (i + 1 < count && strcmp(SETTING[i].name, SETTING[i + 1].name) == 0)
            continue;
        if (!shown)
            doctor_row(screen, SETTING[i].name, DOCTOR_GOOD, heap_format("not told by this machine; nothing to set"));
        shown = false;
    }
}

static void check_machine(const struct screen *screen, const volatile int *cancel) {
    struct machine machine = {0};
    struct error error;
    machine_describe(&machine);
    doctor_row(screen, "processor", DOCTOR_GOOD, heap_format("%s, %s", machine.cpu, machine.vector));
    doctor_row(screen, "cores", machine.cores > 1 ? DOCTOR_GOOD : DOCTOR_LESS,
               heap_format("%u usable%s", machine.cores,
                           machine.cores > 1
                               ? ""
                               : "; harness and submission disturb each other on one core. To get a second one: "
                                 "look at taskset, the container's --cpuset-cpus and --cpus"));
    check_load(screen, machine.cores);
    doctor_row(screen, "kernel", DOCTOR_GOOD, heap_format("%s", machine.kernel));
    if (*cancel != 0)
        return;
    if (machine_roof_load(&machine, &error) != 0 || !machine.roof.known) {
        doctor_row(screen, "roofs", DOCTOR_LESS, heap_format("could not be measured: %s", error.text));
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
    doctor_row(screen, "roofs", DOCTOR_GOOD, heap_text_take(&into, NULL));
}

bool doctor_timing(const struct screen *screen, const volatile int *cancel) {
    bool good = check_clock(screen);
    check_settings(screen);
    check_machine(screen, cancel);
    return check_blas(screen) && good;
}
