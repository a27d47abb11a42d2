/* SPDX-License-Identifier: MIT */
/* Measures the roofs once a machine. The kernels (reference/roof.c) run in a trusted worker and are timed like any
 * other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/build_cache.h"
#include "grader/cores.h"
#include "grader/layout.h"
#include "grader/locate.h"
#include "grader/machine.h"
#include "grader/run.h"
#include "grader/scratch.h"

enum { ROOF_FMA, ROOF_COPY, ROOF_SGEMM, ROOF_KERNELS };
enum { FMA_ROUNDS = 400000, FMA_PER_ROUND = 12 * 16, SGEMM_N = 768, REPEATS = 7, CALL_MS = 5000 };

static const char *const kernel_name[ROOF_KERNELS] = {"roof_fma", "roof_copy", "roof_sgemm"};
static const size_t working_set[MACHINE_BANDWIDTHS] = {256 << 10, 2 << 20, 16 << 20, 128 << 20};

/* A copy touches its working set once for reading and once for writing: half of it each. */
static int64_t copy_floats(size_t set) {
    return (int64_t)(set / 2 / sizeof(float));
}

struct gauge_stand { /* a worker with the roof kernels and room for the largest of them */
    struct scratch scratch;
    struct sandbox_support support;
    struct memory inputs, outputs;
    struct cores cores; /* a spinning grader on the worker's core would measure time slices */
    struct run *run;
    uint64_t serial;
};

static const struct spec_limits limits = {.memory_bytes = 1 << 30, .stack_bytes = 8 << 20};

static int open_stand(struct gauge_stand *stand, struct error *err) {
    struct locate_parts parts;
    char worker[SCRATCH_PATH], kernels[SCRATCH_PATH];
    if (locate_find(&parts, err) != 0 || scratch_open(&stand->scratch, err) != 0)
        return -1;
    snprintf(worker, sizeof worker, "%.*s/worker", SCRATCH_PATH - 16, stand->scratch.path);
    snprintf(kernels, sizeof kernels, "%.*s/roof.so", SCRATCH_PATH - 16, stand->scratch.path);
    size_t bytes = working_set[MACHINE_BANDWIDTHS - 1] / 2 + (1 << 20);
    if (scratch_copy(parts.worker, worker, 64 << 20, 0755, err) != 0 ||
        scratch_copy(parts.roof, kernels, 64 << 20, 0755, err) != 0 ||
        memory_open(&stand->inputs, "roof inputs", bytes, true, err) != 0 ||
        memory_open(&stand->outputs, "roof outputs", bytes, false, err) != 0)
        return -1;
    sandbox_probe(SANDBOX_A, &stand->support);
    cores_take(&stand->cores, 1);
    struct run_setup setup = {.worker = worker,
                              .stub = kernels,
                              .solution = kernels,
                              .function = kernel_name,
                              .function_count = ROOF_KERNELS,
                              .arena = {&stand->inputs, &stand->outputs},
                              .pointer_capacity = LAYOUT_PLACES_MAX,
                              .support = &stand->support,
                              .limits = &limits,
                              .trusted = true,
                              .threads = 1,
                              .cpu = stand->cores.worker};
    struct run_outcome outcome;
    if (run_open(&setup, &stand->run, &outcome, err) != 0)
        return -1;
    return outcome.verdict == VERDICT_PASSED ? 0
                                             : error_set(err, ERROR_HARNESS, "the roof kernels: %s", outcome.detail);
}

static void close_stand(struct gauge_stand *stand) {
    run_close(stand->run);
    cores_release(&stand->cores);
    memory_release(&stand->inputs);
    memory_release(&stand->outputs);
    scratch_release(&stand->scratch);
}

static struct layout lay_out(int64_t floats) {
    size_t bytes = (size_t)floats * sizeof(float), page = memory_page();
    struct place tensor = {.pointer = true,
                           .type = DTYPE_F32,
                           .count = floats,
                           .bytes = bytes,
                           .begin = page,
                           .end = page + memory_round(bytes),
                           .offset = page,
                           .stride = bytes};
    struct layout layout = {.slots = 1, .place_count = 3, .argument_count = 3};
    layout.place[1] = layout.place[2] = tensor;
    layout.place[2].writable = true;
    layout.input_bytes = layout.output_bytes = tensor.end + page;
    return layout;
}

/* Best of some repeats: a roof is what the machine can do, not what it does on average. */
static int best_ns(struct gauge_stand *stand, size_t kernel, int64_t n, int64_t floats, double *best,
                   struct error *err) {
    struct layout layout = lay_out(floats);
    double value[SPEC_ARGUMENTS_MAX] = {(double)n};
    *best = 0;
    stand->serial++;
    for (int i = 0; i < REPEATS; i++) {
        struct run_call call = {.function_index = kernel,
                                .layout = &layout,
                                .layout_serial = stand->serial,
                                .value = value,
                                .calls = 1,
                                .timed = true,
                                .deadline_ms = CALL_MS};
        struct run_outcome outcome;
        if (run_go(stand->run, &call, &outcome, err) != 0)
            return -1;
        if (outcome.verdict != VERDICT_PASSED)
            return error_set(err, ERROR_HARNESS, "the roof kernel %s failed: %s", kernel_name[kernel], outcome.detail);
        if (run_settle(stand->run, &outcome, err) != 0)
            return -1;
        double ns = (double)outcome.side.wall_ns;
        *best = i == 0 || ns < *best ? ns : *best;
    }
    return 0;
}

static int measure(struct machine_roof *roof, struct error *err) {
    struct gauge_stand stand = {.scratch = {""}, .inputs = MEMORY_INIT, .outputs = MEMORY_INIT};
    double ns = 0;
    const double n = SGEMM_N;
    int status = open_stand(&stand, err);
    if (status == 0 && (status = best_ns(&stand, ROOF_FMA, FMA_ROUNDS, 1024, &ns, err)) == 0)
        roof->fma_gflops = 2.0 * FMA_ROUNDS * FMA_PER_ROUND / ns;
    if (status == 0 && (status = best_ns(&stand, ROOF_SGEMM, SGEMM_N, SGEMM_N * SGEMM_N, &ns, err)) == 0)
        roof->sgemm_gflops = 2.0 * n * n * n / ns;
    for (size_t i = 0; i < MACHINE_BANDWIDTHS && status == 0; i++) {
        int64_t floats = copy_floats(working_set[i]);
        status = best_ns(&stand, ROOF_COPY, floats, floats, &ns, err);
        roof->bandwidth_bytes[i] = working_set[i];
        roof->bandwidth_gbps[i] = (double)working_set[i] / ns;
    }
    /* Some sgemm beats the chains of roof_fma where the clock rises between the two. */
    if (roof->sgemm_gflops > roof->fma_gflops)
        roof->fma_gflops = roof->sgemm_gflops;
    close_stand(&stand);
    return status;
}

static bool cache_path(const struct machine *machine, char path[BUILD_CACHE_PATH + 64]) {
    char root[BUILD_CACHE_PATH], key[BUILD_CACHE_KEY];
    struct build_cache_hash hash;
    if (!build_cache_root(root))
        return false;
    build_cache_hash_init(&hash);
    build_cache_hash_machine(&hash);
    build_cache_hash_bytes(&hash, &machine->cores, sizeof machine->cores);
    build_cache_hash_bytes(&hash, machine->kernel, strlen(machine->kernel));
    build_cache_hash_key(&hash, key);
    snprintf(path, BUILD_CACHE_PATH + 64, "%s/roof-%s", root, key);
    return true;
}

static bool read_roof(const char *path, struct machine_roof *roof) {
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool good = fscanf(file, "roof 1 fma %lf sgemm %lf", &roof->fma_gflops, &roof->sgemm_gflops) == 2;
    for (size_t i = 0; i < MACHINE_BANDWIDTHS; i++)
        good = good && fscanf(file, " copy %zu %lf", &roof->bandwidth_bytes[i], &roof->bandwidth_gbps[i]) == 2 &&
               roof->bandwidth_gbps[i] > 0;
    fclose(file);
    return good && roof->fma_gflops > 0;
}

static void write_roof(const char *path, const struct machine_roof *roof) {
    char partial[BUILD_CACHE_PATH + 80];
    snprintf(partial, sizeof partial, "%s.new", path);
    FILE *file = fopen(partial, "we");
    if (file == NULL)
        return;
    fprintf(file, "roof 1 fma %.6g sgemm %.6g\n", roof->fma_gflops, roof->sgemm_gflops);
    for (size_t i = 0; i < MACHINE_BANDWIDTHS; i++)
        fprintf(file, "copy %zu %.6g\n", roof->bandwidth_bytes[i], roof->bandwidth_gbps[i]);
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed || rename(partial, path) != 0)
        remove(partial);
}

int machine_roof_load(struct machine *machine, struct error *err) {
    char path[BUILD_CACHE_PATH + 64];
    bool cached = cache_path(machine, path);
    if (!cached || !read_roof(path, &machine->roof)) {
        if (measure(&machine->roof, err) != 0)
            return -1;
        if (cached)
            write_roof(path, &machine->roof);
    }
    machine->roof.known = true;
    return 0;
}

static double higher(double a, double b) {
    return a > b ? a : b;
}

int machine_roof_raise(struct machine *machine, struct error *err) {
    char path[BUILD_CACHE_PATH + 64];
    struct machine_roof now = {0}, *roof = &machine->roof;
    if (measure(&now, err) != 0)
        return -1;
    roof->fma_gflops = higher(roof->fma_gflops, now.fma_gflops);
    roof->sgemm_gflops = higher(roof->sgemm_gflops, now.sgemm_gflops);
    for (size_t i = 0; i < MACHINE_BANDWIDTHS; i++)
        roof->bandwidth_gbps[i] = higher(roof->bandwidth_gbps[i], now.bandwidth_gbps[i]);
    if (cache_path(machine, path))
        write_roof(path, roof);
    return 0;
}
