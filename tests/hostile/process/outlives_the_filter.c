// B3: puts a jump of its own in the place of the worker's _exit => passed | forbidden_call
// harness: hostile-matmul
// test: system
// The worker reports a forbidden call in a handler that ends in _exit. With a jump out of the handler in its table
// of addresses the candidate goes on living, but no call is made: that is the kernel's doing and not the
// handler's.
#include <elf.h>
#include <setjmp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-matmul.h"

struct dl_phdr_info {
    uintptr_t dlpi_addr;
    const char *dlpi_name;
    const Elf64_Phdr *dlpi_phdr;
    uint16_t dlpi_phnum;
};
int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data);

struct search {
    char *base;
    size_t from, to;
};

/* The first object is the program itself; its table of addresses is read-only until somebody asks. */
static int find_program(struct dl_phdr_info *info, size_t size, void *found) {
    struct search *search = found;
    (void)size;
    search->base = (char *)info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO) {
            search->from = info->dlpi_phdr[i].p_vaddr & ~4095UL;
            search->to = (info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz + 4095) & ~4095UL;
        }
    return 1;
}

static void patch(void *old, void *new) {
    struct search search = {0};
    dl_iterate_phdr(find_program, &search);
    mprotect(search.base + search.from, search.to - search.from, PROT_READ | PROT_WRITE);
    for (void **at = (void **)(search.base + search.from); (char *)at < search.base + search.to; at++)
        if (*at == old)
            *at = new;
}

static sigjmp_buf next;

static void go_on(int code) {
    siglongjmp(next, code);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const int calls[] = {SYS_socket, SYS_getuid, SYS_getppid, SYS_fork, SYS_uname, SYS_getcwd};
    patch((void *)_exit, (void *)go_on);
    for (volatile int i = 0; i < 6; i++)
        if (sigsetjmp(next, 1) == 0 && syscall(calls[i], 1, 1, 0) >= 0)
            printf("GAINED call %d\n", calls[i]);
    for (int64_t i = 0; i < (int64_t)n * n; i++) {
        float sum = 0;
        for (int64_t k = 0; k < n; k++)
            sum += a[i / n * n + k] * b[k * n + i % n];
        c[i] = alpha * sum;
    }
    return 0;
}
