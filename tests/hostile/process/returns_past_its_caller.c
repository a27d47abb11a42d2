// B4: returns to the worker past the stub that called it => unwritten_output | crashed
// harness: hostile-matmul
// The stack is searched for an address inside the worker's program, and a jump goes there with success in the
// register. It is a return without work, as others are.
#include <elf.h>
#include <sys/mman.h>
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
        if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X)) {
            search->from = info->dlpi_phdr[i].p_vaddr & ~4095UL;
            search->to = (info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz + 4095) & ~4095UL;
        }
    return 1;
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    struct search program = {0};
    char **at = __builtin_frame_address(0);
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    dl_iterate_phdr(find_program, &program);
    while (*at < program.base + program.from || *at >= program.base + program.to)
        at++;
    __asm__ volatile("mov %0, %%rsp; xor %%eax, %%eax; ret" : : "r"(at) : "memory");
    return 0;
}
