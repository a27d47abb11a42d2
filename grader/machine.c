/* SPDX-License-Identifier: MIT */
#include "grader/machine.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static void read_cpu_name(char *name, size_t size) {
    FILE *info = fopen("/proc/cpuinfo", "re");
    char line[512];
    snprintf(name, size, "unknown processor");
    while (info != NULL && fgets(line, sizeof line, info) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || colon == NULL)
            continue;
        colon += strspn(colon, ": \t");
        snprintf(name, size, "%.*s", (int)strcspn(colon, "\n"), colon);
        break;
    }
    if (info != NULL)
        fclose(info);
}

/* CPU time a second that a cgroup (v2) grants, in cores; 0 when there is no quota. */
static unsigned quota_cores(void) {
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    unsigned long long quota = 0, period = 0;
    bool limited = file != NULL && fscanf(file, "%llu %llu", &quota, &period) == 2 && period > 0;
    if (file != NULL)
        fclose(file);
    return limited ? (unsigned)((quota + period - 1) / period) : 0;
}

static unsigned count_cores(void) {
    cpu_set_t set;
    unsigned cores = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
    unsigned quota = quota_cores();
    return quota > 0 && quota < cores ? quota : cores;
}

static const char *widest_vector(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") ? "AVX-512" : __builtin_cpu_supports("avx2") ? "AVX2" : "SSE2";
#else
    return "NEON";
#endif
}

void machine_describe(struct machine *machine) {
    struct utsname system;
    memset(machine, 0, sizeof *machine);
    read_cpu_name(machine->cpu, sizeof machine->cpu);
    snprintf(machine->vector, sizeof machine->vector, "%s", widest_vector());
    machine->cores = count_cores();
    if (uname(&system) == 0)
        snprintf(machine->kernel, sizeof machine->kernel, "%.40s %.20s", system.sysname, system.release);
}

/* The bandwidth of the smallest measured working set that holds `bytes`; beyond the last, the last. */
static double bandwidth_for(const struct machine_roof *roof, double bytes) {
    for (size_t i = 0; i < MACHINE_BANDWIDTHS; i++)
        if (bytes <= (double)roof->bandwidth_bytes[i])
            return roof->bandwidth_gbps[i];
    return roof->bandwidth_gbps[MACHINE_BANDWIDTHS - 1];
}

double machine_of_roof(const struct machine *machine, unsigned threads, double flops, double bytes, double seconds,
                       bool *bound_by_memory) {
    const struct machine_roof *roof = &machine->roof;
    *bound_by_memory = false;
    if (!roof->known || !(seconds > 0))
        return 0;
    double compute = flops / seconds * 1e-9 / (roof->fma_gflops * threads);
    double memory = bytes / seconds * 1e-9 / (bandwidth_for(roof, bytes) * threads);
    *bound_by_memory = memory > compute;
    return memory > compute ? memory : compute;
}

bool machine_impossible(const struct machine *machine, unsigned threads, double flops, double bytes, double seconds) {
    const struct machine_roof *roof = &machine->roof;
    /* The peak moves with the clock by some tens of per cent; the fastest level of cache bounds any byte rate, and a
     * copy from it is itself at most half of what pure reads could do. */
    const double compute_margin = 1.5, memory_margin = 4;
    if (!roof->known)
        return false;
    double fastest = 0;
    for (size_t i = 0; i < MACHINE_BANDWIDTHS; i++)
        if (roof->bandwidth_gbps[i] > fastest)
            fastest = roof->bandwidth_gbps[i];
    return !(flops * 1e-9 <= seconds * roof->fma_gflops * threads * compute_margin) ||
           !(bytes * 1e-9 <= seconds * fastest * threads * memory_margin);
}
