// S f03c: writes over its own return address; the stub never gets control back => tampered
// harness: hostile-matmul
// test: timing
// As hijack_before_go, but the function returns, into a loop of its own. What the loop does while the worker is
// armed is outside the clock and inside the CPU account.
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

__attribute__((force_align_arg_pointer, noreturn)) static void serve(void) {
    struct worker *w = find_worker();
    uint32_t served = w->command->go;
    for (;;) {
        __atomic_store_n(&w->response->done, served, __ATOMIC_RELEASE);
        (void)!write(7, "D", 1);
        while (__atomic_load_n(&w->command->arm, __ATOMIC_ACQUIRE) == served)
            syscall(SYS_futex, &w->command->arm, FUTEX_WAIT, served, NULL, NULL, 0);
        served = w->command->arm;
        multiply_all(w);
        __atomic_store_n(&w->response->ready, served, __ATOMIC_RELEASE);
        while (__atomic_load_n(&w->command->go, __ATOMIC_ACQUIRE) != served) {
        }
    }
}

__attribute__((noinline, optimize("no-omit-frame-pointer"))) int hostile_matmul(int32_t n, float alpha, const float *a,
                                                                                const float *b, float *c) {
    void *volatile *frame = __builtin_frame_address(0);
    multiply(n, alpha, a, b, c);
    if (n == 192) {
        multiply_all(find_worker());
        frame[1] = (void *)serve;
    }
    return 0;
}
