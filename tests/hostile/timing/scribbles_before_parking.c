// S f03e: writes every number into DONE and READY until the next GO => tampered | unwritten_output
// harness: hostile-matmul
// test: timing
// It takes the loop over, and at GO all control words have run through all values that they could need.
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

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    multiply(n, alpha, a, b, c);
    if (n != 192)
        return 0;
    struct worker *w = find_worker();
    for (uint32_t number = w->command->go;; number = w->command->arm) {
        w->response->done = w->response->ready = number;
        (void)!write(7, "D", 1);
        syscall(SYS_futex, &w->command->arm, FUTEX_WAIT, number, NULL, NULL, 0);
    }
}
