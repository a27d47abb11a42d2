/* SPDX-License-Identifier: MIT */
/* See trap.h. The address is a claim of the worker's and may be anything. */
#include "grader/trap.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool read_at(int fd, void *out, size_t size, uint64_t offset) {
    return offset <= INT64_MAX && pread(fd, out, size, (off_t)offset) == (ssize_t)size;
}

static bool holds_trap(int fd, const Elf64_Phdr *segment, uint64_t address) {
    static const unsigned char ud2[] = {0x0f, 0x0b};
    unsigned char seen[sizeof ud2];
    const uint64_t inside = address - segment->p_vaddr;
    return segment->p_type == PT_LOAD && (segment->p_flags & PF_X) != 0 && address >= segment->p_vaddr &&
           inside < segment->p_filesz && read_at(fd, seen, sizeof seen, segment->p_offset + inside) &&
           memcmp(seen, ud2, sizeof ud2) == 0;
}

bool trap_is_at(const char *path, uint64_t address) {
    Elf64_Ehdr header;
    bool found = false;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (read_at(fd, &header, sizeof header, 0) && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0)
        for (unsigned i = 0; i < header.e_phnum && !found; i++) {
            Elf64_Phdr segment;
            found = read_at(fd, &segment, sizeof segment, header.e_phoff + (uint64_t)i * sizeof segment) &&
                    holds_trap(fd, &segment, address);
        }
    close(fd);
    return found;
}
