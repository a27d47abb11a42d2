/* SPDX-License-Identifier: MIT */
/* The arrays of a problem. Their pages are those that a grading run has: shared memory, 4 KiB each, touched before. */
#include <assert.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/bench/peers.h"

int peers_memory_open(struct peers_problem *problem, size_t bytes) {
    *problem = (struct peers_problem){.bytes = bytes, .fd = memfd_create("peers", 0)};
    if (problem->fd < 0 || ftruncate(problem->fd, (off_t)bytes) != 0)
        return -1;
    problem->base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, problem->fd, 0);
    return problem->base == MAP_FAILED ? -1 : 0;
}

void peers_memory_close(struct peers_problem *problem) {
    munmap(problem->base, problem->bytes);
    close(problem->fd);
}

static void *add(struct peers_problem *problem, const char *name, const char *type, enum peers_kind kind,
                 size_t count) {
    const size_t bytes = count * (strcmp(type, "i64") == 0 ? 8 : 4);
    assert(problem->arrays < PEERS_ARRAYS && problem->used + bytes <= problem->bytes);
    struct peers_array *array = &problem->array[problem->arrays++];
    *array = (struct peers_array){name, type, kind, count, problem->used, bytes};
    problem->used = (problem->used + bytes + 4095) / 4096 * 4096;
    memset(problem->base + array->offset, 0, bytes);
    return problem->base + array->offset;
}

/* A sum of twelve uniform numbers is normal enough for a benchmark. */
static void fill(float *to, size_t count, double mean, double deviation, uint64_t seed) {
    uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (size_t i = 0; i < count; i++) {
        double sum = -6;
        for (int k = 0; k < 3; k++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            const uint64_t mixed = state ^ state >> 29;
            for (int part = 0; part < 4; part++)
                sum += (double)(mixed >> (16 * part) & 0xffff) / 65536;
        }
        to[i] = (float)(mean + deviation * sum);
    }
}

float *peers_floats(struct peers_problem *problem, const char *name, size_t count, double mean, double deviation) {
    float *to = add(problem, name, "f32", PEERS_INPUT, count);
    fill(to, count, mean, deviation, problem->arrays);
    return to;
}

void *peers_integers(struct peers_problem *problem, const char *name, const char *type, size_t count) {
    return add(problem, name, type, PEERS_INPUT, count);
}

float *peers_output(struct peers_problem *problem, const char *name, size_t count) {
    return add(problem, name, "f32", PEERS_OUTPUT, count);
}

float *peers_state(struct peers_problem *problem, const char *name, size_t count, double mean, double deviation) {
    float *to = add(problem, name, "f32", PEERS_STATE, count);
    fill(to, count, mean, deviation, problem->arrays);
    return to;
}

void *peers_at(const struct peers_problem *problem, size_t i) {
    return problem->base + problem->array[i].offset;
}
