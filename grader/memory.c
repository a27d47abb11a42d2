/* SPDX-License-Identifier: MIT */
#include "grader/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

size_t memory_page(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

size_t memory_round(size_t bytes) {
    size_t page = memory_page();
    return (bytes + page - 1) / page * page;
}

/* Swaps the read-write descriptor for one that was opened read-only on the same file. */
static int reopen_readonly(struct memory *memory) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory->fd);
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    if (reader < 0)
        return -1;
    close(memory->fd);
    memory->fd = reader;
    return 0;
}

int memory_open(struct memory *memory, const char *name, size_t bytes, bool readonly, struct error *err) {
    *memory = (struct memory)MEMORY_INIT;
    memory->bytes = memory_round(bytes > 0 ? bytes : 1);
    memory->fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory->fd < 0)
        return error_errno(err, "cannot create shared memory for the %s with memfd_create", name);
    if (ftruncate(memory->fd, (off_t)memory->bytes) != 0)
        goto fail;
    void *base = mmap(NULL, memory->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, memory->fd, 0);
    if (base == MAP_FAILED)
        goto fail;
    memory->base = base;
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | (readonly ? F_SEAL_FUTURE_WRITE : 0) | F_SEAL_SEAL;
    if (fcntl(memory->fd, F_ADD_SEALS, seals) != 0)
        goto fail;
    if (readonly && reopen_readonly(memory) != 0) {
        error_errno(err, "cannot reopen the shared memory for the %s below /proc/self/fd (is /proc mounted?)", name);
        memory_release(memory);
        return -1;
    }
    return 0;
fail:
    error_errno(err, "cannot set up %zu MiB of shared memory for the %s", memory->bytes >> 20, name);
    memory_release(memory);
    return -1;
}

void memory_release(struct memory *memory) {
    if (memory->base != NULL)
        munmap(memory->base, memory->bytes);
    if (memory->fd >= 0)
        close(memory->fd);
    *memory = (struct memory)MEMORY_INIT;
}
