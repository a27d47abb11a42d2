/* SPDX-License-Identifier: MIT */
/* Bounds-checked access to an ELF image as the loader will see it. Only elfvet*.c include this.
 *
 * Section headers are never looked at: the loader does not, so they may say anything. Addresses are turned into file
 * offsets through the PT_LOAD segments, which are refused unless each page belongs to one of them only. */
#ifndef GRADER_SANDBOX_ELFVET_IMAGE_H
#define GRADER_SANDBOX_ELFVET_IMAGE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/sandbox/elfvet.h"

enum { ELFVET_LOADS_MAX = 16, ELFVET_NEEDED_MAX = 16 };

struct elfvet_load {
    uint64_t address, offset, file_bytes, memory_bytes;
    bool writable, executable;
};

struct elfvet_image {
    const unsigned char *bytes;
    size_t size;
    const struct elfvet_rules *rules;
    char *reason;
    size_t reason_size;
    struct elfvet_load load[ELFVET_LOADS_MAX];
    size_t load_count;
    uint64_t dynamic, dynamic_bytes; /* address and size of .dynamic */
    bool has_tls;
    uint64_t tls_bytes;
};

/* Writes the clause and returns -1, so that a check says `return elfvet_refuse(...)`. */
int elfvet_refuse(struct elfvet_image *image, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies `count` bytes at a file offset; false when any of them lies outside. */
bool elfvet_copy(const struct elfvet_image *image, uint64_t offset, void *out, size_t count);

/* The segment whose bytes in the file cover [address, address + count), or NULL. */
const struct elfvet_load *elfvet_in_file(const struct elfvet_image *image, uint64_t address, uint64_t count);
/* The same for its bytes in memory, zeros at the end included. */
const struct elfvet_load *elfvet_in_memory(const struct elfvet_image *image, uint64_t address, uint64_t count);

/* Reads through addresses; false when not wholly backed by the file. */
bool elfvet_fetch(const struct elfvet_image *image, uint64_t address, void *out, size_t count);

/* elfvet_memory.c: what it brings along to write to, and a function that it wants from outside. */
int elfvet_check_static(struct elfvet_image *image);
int elfvet_check_call(struct elfvet_image *image, const char *name);

/* elfvet_dynamic.c: everything that .dynamic leads to. */
int elfvet_check_dynamic(struct elfvet_image *image);

struct elfvet_tables { /* what .dynamic says, addresses checked to lie in read-only segments where they hold tables */
    uint64_t strings, strings_bytes, symbols, gnu_hash, hash, rela, rela_bytes, relative, jump, jump_bytes;
    uint64_t versions, needs, needs_count;
    const char *needed[ELFVET_NEEDED_MAX]; /* the libraries that it depends on */
    size_t needed_count;
    bool has_strings, has_symbols, has_gnu_hash, has_hash, has_rela, has_jump, has_versions, has_needs;
};

/* elfvet_symbols.c: symbols that a lookup or a relocation can reach, and relocations. */
int elfvet_check_symbols(struct elfvet_image *image, const struct elfvet_tables *tables);
/* A NUL-terminated string of the string table, or NULL. */
const char *elfvet_string(const struct elfvet_image *image, const struct elfvet_tables *tables, uint64_t offset);
/* May the object depend on this library? */
bool elfvet_is_allowed(const struct elfvet_image *image, const char *library);

#endif
