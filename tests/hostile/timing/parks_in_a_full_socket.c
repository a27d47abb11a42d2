// N: fills the message queue and sleeps in write() instead of on ARM => passed | tampered
// harness: hostile-matmul
// test: timing
// A thread in a full socket looks parked. When the grader empties the queue, the thread wakes up before GO with the
// inputs in sight; it gets microseconds of a head start, and they are in its CPU account.
#include "hostile-matmul.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The harness's own pages. */
struct command {
    uint64_t magic;
    uint32_t head[5];
    char path[14][256];
    uint32_t function_count;
    char function[64][64];
    uint64_t bytes[2];
    _Alignas(64) volatile uint32_t arm;
    uint32_t quit;
    _Alignas(64) volatile uint32_t go;
    _Alignas(64) uint32_t layout;
    uint32_t populate, function_index, calls;
    double value[40];
    uint32_t run_count, argument_count;
    uint64_t run[80][3], pointer[][2];
};
struct response {
    _Alignas(64) volatile uint32_t done;
    int32_t status;
    _Alignas(64) volatile uint32_t ready;
    _Alignas(64) uint32_t state;
};
struct worker {
    struct command *command;
    struct response *response;
    char *inputs, *outputs;
};

static int readable(uint64_t page) {
    struct timespec none = {0};
    return page != 0 && page % 4096 == 0 &&
           (syscall(SYS_futex, page, FUTEX_WAIT, 0x5ca1ab1e, &none, NULL, 0) == 0 || errno != EFAULT);
}

/* main's frame holds the worker: four pages side by side, and the first begins with a known number. */
static struct worker *find_worker(void) {
    uint64_t *word = __builtin_frame_address(0);
    while (!(readable(word[0]) && *(uint64_t *)word[0] == 0x68726e7377726b31 && readable(word[1]) && word[2] != 0 &&
             word[3] != 0 && (word[2] | word[3]) % 4096 == 0))
        word++;
    return (struct worker *)word;
}

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++)
            c[i * n + j] = 0;
        for (int32_t k = 0; k < n; k++)
            for (int32_t j = 0; j < n; j++)
                c[i * n + j] += alpha * a[i * n + k] * b[k * n + j];
    }
}

/* Every call of the GO: arguments 2, 3 and 4 are a, b and c. */
static void multiply_all(const struct worker *w) {
    const struct command *command = w->command;
    for (uint32_t i = 0; i < command->calls; i++) {
        const uint64_t(*p)[2] = command->pointer + i * command->argument_count;
        multiply((int32_t)command->value[0], (float)command->value[1], (float *)(w->inputs + p[2][1]),
                 (float *)(w->inputs + p[3][1]), (float *)(w->outputs + p[4][1]));
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n != 192)
        return 0;
    struct worker *w = find_worker();
    for (uint32_t served = w->command->go;;) {
        multiply_all(w);
        __atomic_store_n(&w->response->done, served, __ATOMIC_RELEASE);
        for (int i = 0; i < 64 && w->command->arm == served; i++)
            (void)!write(7, "D", 1);
        while (w->command->arm == served)
            syscall(SYS_futex, &w->command->arm, FUTEX_WAIT, served, NULL, NULL, 0);
        served = w->command->arm;
        __atomic_store_n(&w->response->ready, served, __ATOMIC_RELEASE);
    }
}
