/* SPDX-License-Identifier: MIT */
/* Are the baselines worth beating? For every timed operation of the packs: the reference, oneDNN and PyTorch, one
 * thread each, on one core, in turns.
 *
 *   ninja bench_peers        the table; about two minutes
 *   bench_peers --quick      one short round of everything: does it still work, and do the answers agree
 *
 * A round runs all three for about BURST_MS each, in an order that is turned around every time, each after a call that
 * is not counted. The times are CPU time of the process, median over the rounds; a ratio is the median of the ratios
 * within the rounds. The answers of a peer must agree with the reference's, or the row does not count. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/peers.h"

enum { REFERENCE, DNNL, TORCH, SIDES, ROUNDS_MAX = 31, CALLS_MAX = 20000 };

/* One line for each operation and shape; dimensions as peers_operations.c has them. A row is left out with a word of
 * why where no library has anything to offer. */
static const struct row {
    const char *title, *operation, *shape;
    size_t dim[PEERS_DIMS];
    const char *note;
} rows[] = {
    {"attention, causal", "attention", "1x12x1024x64", {1, 12, 1024, 64}, NULL},
    {"attention, causal", "attention", "1x4x512x64", {1, 4, 512, 64}, NULL},
    {"attention, causal", "attention", "1x1x2048x128", {1, 1, 2048, 128}, NULL},
    {"attention, causal", "attention", "8x8x64x64", {8, 8, 64, 64}, NULL},
    {"flash attention", "flash_attention", "8x1024x64", {8, 1024, 1024, 64}, NULL},
    {"flash attention", "flash_attention", "1x4096x128", {1, 4096, 4096, 128}, NULL},
    {"flash attention, decode", "flash_attention", "8x8192x64", {8, 1, 8192, 64}, NULL},
    {"rows less their mean", "center_rows", "256x1024", {256, 1024}, NULL},
    {"layer norm forward", "layernorm_fwd", "8192x768", {8192, 768}, NULL},
    {"layer norm forward", "layernorm_fwd", "8x4096", {8, 4096}, NULL},
    {"layer norm backward", "layernorm_bwd", "8192x768", {8192, 768}, NULL},
    {"layer norm backward", "layernorm_bwd", "512x8192", {512, 8192}, NULL},
    {"cross-entropy, both ways", "softmax_xent", "64x50257", {64, 50257}, NULL},
    {"cross-entropy, both ways", "softmax_xent", "4096x256", {4096, 256}, NULL},
    {"cross-entropy, both ways", "softmax_xent", "1x50257", {1, 50257}, NULL},
    {"RMS norm forward", "rms_norm_fwd", "256x1024", {256, 1024}, NULL},
    {"RMS norm backward", "rms_norm_bwd", "256x1024", {256, 1024}, NULL},
    {"clip and AdamW", "adamw", "32771, 9 groups", {32771, 9}, NULL},
    {"clip and AdamW", "adamw", "2097169, 24 groups", {2097169, 24}, NULL},
    {"gated layer, gradient", "gatednorm_bwd", "256x128x512", {256, 128, 512}, NULL},
    {"gated layer, gradient", "gatednorm_bwd", "389x190x771", {389, 190, 771}, NULL},
    {"selective scan", "selective_scan", "1x1024x512x16", {1, 1024, 512, 16, 0}, "PyTorch has no fused one: a loop"},
    {"selective scan, softplus", "selective_scan", "4x256x192x16", {4, 256, 192, 16, 1}, "PyTorch: a loop"},
    {"experts", "moe_dispatch", "2048x256, 16 of 512", {2048, 256, 16, 2, 512}, "PyTorch: a loop over the experts"},
    {"experts", "moe_dispatch", "8x512, 32 of 256", {8, 512, 32, 2, 256}, "PyTorch: a loop over the experts"},
    {"transformer block", "block_forward", "4x256x256x1024", {4, 256, 256, 8, 1024}, NULL},
    {"transformer block, back", "block_backward", "4x256x256x1024", {4, 256, 256, 8, 1024}, NULL},
    {"autodiff tape", NULL, "200001 nodes", {0}, "no library runs a tape that it is given"},
};

struct plan_of_run {
    size_t rounds;
    double burst_ms;
    const char *only; /* a part of a title or an operation's name */
};

/* The three sides of one row. */
struct bout {
    struct peers_problem *problem;
    const struct peers_operation *operation;
    struct peers_plan *dnnl;   /* NULL: not in this row */
    struct peers_torch *torch; /* the same */
    size_t calls[SIDES];
    double sample[SIDES][ROUNDS_MAX]; /* ms a call */
    double difference[SIDES];         /* the largest of the outputs' relative Frobenius differences */
};

static double cpu_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static bool takes_part(const struct bout *bout, int side) {
    return side == REFERENCE || (side == DNNL ? bout->dnnl != NULL : bout->torch != NULL);
}

/* CPU time of so many calls in ms. */
static double run_side(struct bout *bout, int side, size_t calls) {
    if (side == TORCH) {
        const int64_t spent = peers_torch_time(bout->torch, calls);
        if (spent < 0) {
            fprintf(stderr, "bench_peers: PyTorch ended in %s\n", bout->operation->name);
            exit(2);
        }
        return (double)spent * 1e-6;
    }
    const double start = cpu_ms();
    for (size_t i = 0; i < calls; i++)
        if (side == DNNL)
            peers_plan_run(bout->dnnl);
        else if (bout->operation->reference(bout->problem) != 0)
            exit(2);
    return cpu_ms() - start;
}

static double relative_difference(const float *got, const float *expected, size_t count) {
    double error = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        const double step = (double)got[i] - (double)expected[i];
        error += step * step;
        size += (double)expected[i] * (double)expected[i];
    }
    return sqrt(error / (size > 0 ? size : 1));
}

/* One answer of a side, from a fresh start, over outputs that hold NaN. */
static void answer(struct bout *bout, int side, const char *start) {
    const struct peers_problem *problem = bout->problem;
    for (size_t i = 0; i < problem->arrays; i++)
        if (problem->array[i].kind == PEERS_OUTPUT)
            memset(peers_at(problem, i), 0xff, problem->array[i].bytes);
        else if (problem->array[i].kind == PEERS_STATE)
            memcpy(peers_at(problem, i), start + problem->array[i].offset, problem->array[i].bytes);
    if (side == TORCH && !peers_torch_answer(bout->torch)) {
        fprintf(stderr, "bench_peers: PyTorch does not answer in %s\n", bout->operation->name);
        exit(2);
    }
    if (side != TORCH)
        run_side(bout, side, 1);
}

static void compare_answers(struct bout *bout) {
    const struct peers_problem *problem = bout->problem;
    char *start = malloc(problem->used), *expected = malloc(problem->used);
    if (start == NULL || expected == NULL)
        exit(2);
    memcpy(start, problem->base, problem->used);
    for (int side = 0; side < SIDES; side++) {
        if (!takes_part(bout, side))
            continue;
        answer(bout, side, start);
        if (side == REFERENCE)
            memcpy(expected, problem->base, problem->used);
        for (size_t i = 0; i < problem->arrays; i++) {
            const struct peers_array *array = &problem->array[i];
            if (array->kind == PEERS_INPUT)
                continue;
            const double difference =
                relative_difference(peers_at(problem, i), (const float *)(expected + array->offset), array->count);
            if (!(difference <= bout->difference[side])) /* a NaN is kept */
                bout->difference[side] = difference;
        }
    }
    memcpy(problem->base, start, problem->used);
    free(start);
    free(expected);
}

/* How many calls take about the time of a burst. */
static void calibrate(struct bout *bout, double burst_ms) {
    for (int side = 0; side < SIDES; side++) {
        if (!takes_part(bout, side))
            continue;
        run_side(bout, side, 1);
        const double once = run_side(bout, side, 1), calls = ceil(burst_ms / (once > 1e-4 ? once : 1e-4));
        bout->calls[side] = calls < 1 ? 1 : calls < CALLS_MAX ? (size_t)calls : CALLS_MAX;
    }
}

static void play(struct bout *bout, size_t rounds) {
    for (size_t round = 0; round < rounds; round++)
        for (int turn = 0; turn < SIDES; turn++) {
            const int side = round % 2 == 0 ? turn : SIDES - 1 - turn;
            if (!takes_part(bout, side))
                continue;
            run_side(bout, side, 1);
            bout->sample[side][round] = run_side(bout, side, bout->calls[side]) / (double)bout->calls[side];
        }
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *value, size_t count) {
    double sorted[ROUNDS_MAX];
    memcpy(sorted, value, count * sizeof *value);
    qsort(sorted, count, sizeof *sorted, ascending);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

static void print_time(const struct bout *bout, int side, size_t rounds) {
    if (takes_part(bout, side))
        printf(" %10.4f", median(bout->sample[side], rounds));
    else
        printf(" %10s", "-");
}

/* Returns false when a peer's answer is another one. */
static bool print_row(const struct row *row, const struct bout *bout, size_t rounds) {
    const double agrees = 1e-4;
    double best = INFINITY, ratio[ROUNDS_MAX];
    bool same = true;
    printf("%-25s %-18s", row->title, row->shape);
    for (int side = 0; side < SIDES; side++)
        print_time(bout, side, rounds);
    for (int side = DNNL; side < SIDES; side++) {
        if (!takes_part(bout, side))
            continue;
        for (size_t i = 0; i < rounds; i++)
            ratio[i] = bout->sample[side][i] / bout->sample[REFERENCE][i];
        best = fmin(best, median(ratio, rounds));
        same = same && bout->difference[side] <= agrees;
    }
    if (isfinite(best))
        printf(" %7.2f", best);
    else
        printf(" %7s", "-");
    printf("%s%s\n", row->note == NULL ? "" : "  ", row->note == NULL ? "" : row->note);
    for (int side = DNNL; side < SIDES; side++)
        if (takes_part(bout, side) && !(bout->difference[side] <= agrees))
            printf("    %s answers otherwise: relative difference %.2g\n", side == DNNL ? "oneDNN" : "PyTorch",
                   bout->difference[side]);
    fflush(stdout);
    return same;
}

static bool run_row(const struct row *row, const struct plan_of_run *plan, struct peers_problem *problem,
                    struct peers_torch *torch) {
    if (row->operation == NULL) {
        printf("%-25s %-18s %10s %10s %10s %7s  %s\n", row->title, row->shape, "-", "-", "-", "-", row->note);
        return true;
    }
    struct bout bout = {.problem = problem, .operation = peers_operation_named(row->operation)};
    if (bout.operation == NULL) {
        fprintf(stderr, "bench_peers: peers_operations.c has no %s\n", row->operation);
        exit(2);
    }
    problem->arrays = problem->used = 0;
    memcpy(problem->dim, row->dim, sizeof row->dim);
    bout.operation->lay_out(problem);
    bout.dnnl = peers_plan_open(row->operation, problem);
    bout.torch = torch->pid > 0 && peers_torch_begin(torch, row->operation, problem) ? torch : NULL;
    compare_answers(&bout);
    calibrate(&bout, plan->burst_ms);
    play(&bout, plan->rounds);
    peers_plan_close(bout.dnnl);
    return print_row(row, &bout, plan->rounds);
}

/* The libraries read these when they are loaded, so they have to be there before this program begins. The allocator
 * keeps what it has: fresh pages for each result would cost PyTorch several times the operation. */
static void settle_environment(char *argv[]) {
    static const char *const setting[][2] = {
        {"PEERS_SETTLED", "1"},
        {"OMP_NUM_THREADS", "1"},
        {"OPENBLAS_NUM_THREADS", "1"},
        {"MALLOC_MMAP_THRESHOLD_", "8589934592"},
        {"MALLOC_TRIM_THRESHOLD_", "8589934592"},
        {"MALLOC_TOP_PAD_", "268435456"},
    };
    if (getenv("PEERS_SETTLED") != NULL)
        return;
    clearenv();
    for (size_t i = 0; i < sizeof setting / sizeof *setting; i++)
        setenv(setting[i][0], setting[i][1], 1);
    /* Debian's build does not take these by itself. */
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        setenv("ATEN_CPU_CAPABILITY", "avx512", 1);
    execv("/proc/self/exe", argv);
    fprintf(stderr, "bench_peers: cannot start again with its own environment: %s\n", strerror(errno));
    exit(2);
}

/* The last core that we may use: the first one has the interrupts. */
static void pin(void) {
    cpu_set_t may, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof may, &may) != 0)
        return;
    for (size_t cpu = CPU_SETSIZE; cpu-- > 0;)
        if (CPU_ISSET(cpu, &may)) {
            CPU_SET(cpu, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
}

static struct plan_of_run read_options(int argc, char *argv[]) {
    static const struct option known[] = {
        {"quick", no_argument, NULL, 'q'}, {"only", required_argument, NULL, 'o'}, {0}};
    struct plan_of_run plan = {.rounds = 15, .burst_ms = 15};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        if (option == 'q') {
            plan.rounds = 1;
            plan.burst_ms = 0;
        } else if (option == 'o') {
            plan.only = optarg;
        } else {
            fprintf(stderr, "usage: bench_peers [--quick] [--only TEXT]\n");
            exit(2);
        }
    return plan;
}

int main(int argc, char *argv[]) {
    const struct plan_of_run plan = read_options(argc, argv);
    struct peers_problem problem;
    struct peers_torch torch;
    bool same = true;
    settle_environment(argv);
    pin();
    if (peers_memory_open(&problem, (size_t)256 << 20) != 0) {
        fprintf(stderr, "bench_peers: no memory for the arrays: %s\n", strerror(errno));
        return 2;
    }
    const bool has_torch = peers_torch_open(&torch, PEERS_SCRIPT, problem.fd) == 0;
    printf("%s; %s\n", peers_dnnl_version() ? peers_dnnl_version() : "oneDNN is not here (apt-get install libdnnl-dev)",
           has_torch ? torch.version : "PyTorch is not here (apt-get install python3-torch)");
    printf("%-25s %-18s %10s %10s %10s %7s\n", "CPU ms a call, one core", "", "reference", "oneDNN", "PyTorch",
           "ratio");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (plan.only == NULL || strstr(rows[i].title, plan.only) != NULL)
            same = run_row(&rows[i], &plan, &problem, &torch) && same;
    printf("ratio: the better peer's time over the reference's, above 1 where the reference is faster\n");
    peers_torch_close(&torch);
    peers_memory_close(&problem);
    return same ? 0 : 1;
}
