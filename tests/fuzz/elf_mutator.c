/* SPDX-License-Identifier: MIT */
/* Mutates a shared object by its fields: one field of a segment, a dynamic entry, a symbol, a relocation, a hash or a
 * version table becomes a value that is interesting there. Now and then the bytes are mutated as they are. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

struct field {
    size_t at, bytes;
};

static uint64_t get(const uint8_t *data, size_t size, size_t at, size_t bytes) {
    uint64_t value = 0;
    if (at <= size && bytes <= size - at)
        memcpy(&value, data + at, bytes);
    return value;
}

/* The offset in the file of the PT_DYNAMIC segment, and the value of one of its tags; 0 if there is none. */
static size_t find_dynamic(const uint8_t *data, size_t size) {
    size_t table = get(data, size, offsetof(Elf64_Ehdr, e_phoff), 8);
    for (size_t i = 0; i < 16; i++) {
        size_t at = table + i * sizeof(Elf64_Phdr);
        if (at < size && get(data, size, at, 4) == PT_DYNAMIC)
            return get(data, size, at + offsetof(Elf64_Phdr, p_offset), 8);
    }
    return 0;
}

static size_t find_tag(const uint8_t *data, size_t size, Elf64_Sxword tag) {
    size_t at = find_dynamic(data, size);
    for (size_t i = 0; i < 40 && at != 0 && at < size; i++, at += sizeof(Elf64_Dyn))
        if ((Elf64_Sxword)get(data, size, at, 8) == tag)
            return get(data, size, at + 8, 8);
    return 0;
}

/* A random field of entry `index` of a table; the tables lie in the first segment, where address and offset agree. */
static struct field choose(const uint8_t *data, size_t size) {
    static const struct {
        Elf64_Sxword tag;
        size_t entry, entries, field;
    } table[] = {
        {DT_SYMTAB, sizeof(Elf64_Sym), 12, 8},
        {DT_SYMTAB, sizeof(Elf64_Sym), 12, 1},
        {DT_RELA, sizeof(Elf64_Rela), 8, 8},
        {DT_RELA, sizeof(Elf64_Rela), 8, 4},
        {DT_JMPREL, sizeof(Elf64_Rela), 4, 8},
        {DT_JMPREL, sizeof(Elf64_Rela), 4, 4},
        {DT_GNU_HASH, 4, 14, 4},
        {DT_HASH, 4, 14, 4},
        {DT_VERNEED, 16, 6, 4},
        {DT_VERNEED, 16, 6, 2},
        {DT_VERSYM, 2, 12, 2},
        {DT_STRTAB, 1, 120, 1},
    };
    size_t kind = (size_t)rand() % (sizeof table / sizeof *table + 6);
    if (kind < 2)
        return (struct field){(size_t)rand() % 64, kind == 0 ? 1 : 2};
    if (kind < 4)
        return (struct field){get(data, size, offsetof(Elf64_Ehdr, e_phoff), 8) + (size_t)(rand() % 10) * 56 +
                                  (kind == 2 ? (size_t)(rand() % 7) * 8 : (size_t)(rand() % 2) * 4),
                              kind == 2 ? 8 : 4};
    if (kind < 6)
        return (struct field){find_dynamic(data, size) + (size_t)(rand() % 30) * 16 + (kind == 4 ? 8 : 0), 8};
    kind -= 6;
    size_t start = find_tag(data, size, table[kind].tag), at = (size_t)rand() % table[kind].entries * table[kind].entry;
    return (struct field){start + at + (size_t)rand() % (table[kind].entry / table[kind].field) * table[kind].field,
                          table[kind].field};
}

static uint64_t interesting(uint64_t old, size_t size) {
    static const uint64_t value[] = {0,
                                     1,
                                     2,
                                     3,
                                     4,
                                     5,
                                     6,
                                     7,
                                     8,
                                     16,
                                     24,
                                     25,
                                     37,
                                     4096,
                                     4095,
                                     1u << 20,
                                     UINT32_MAX,
                                     INT32_MAX,
                                     UINT64_MAX,
                                     UINT64_MAX / 2,
                                     DT_INIT,
                                     DT_INIT_ARRAY,
                                     DT_INIT_ARRAYSZ,
                                     DT_RELA,
                                     DT_RELASZ,
                                     DT_SYMTAB,
                                     DT_HASH,
                                     DT_GNU_HASH,
                                     DT_VERSYM,
                                     DT_VERNEED,
                                     DT_RELR,
                                     DT_REL,
                                     PT_LOAD,
                                     PT_TLS,
                                     PT_DYNAMIC,
                                     PT_GNU_STACK,
                                     PT_GNU_RELRO,
                                     0x10,
                                     0x12,
                                     0x1a,
                                     0x22};
    switch (rand() % 5) {
    case 0:
        return old + (uint64_t)(rand() % 33) - 16;
    case 1:
        return (uint64_t)rand() % (size + 1);
    case 2:
        return old ^ UINT64_C(1) << rand() % 64;
    default:
        return value[(size_t)rand() % (sizeof value / sizeof *value)];
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    srand(seed);
    if (size < sizeof(Elf64_Ehdr) || rand() % 8 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    for (int changes = 1 + rand() % 2; changes > 0; changes--) {
        struct field field = choose(data, size);
        if (field.at > size || field.bytes > size - field.at)
            continue;
        uint64_t value = interesting(get(data, size, field.at, field.bytes), size);
        memcpy(data + field.at, &value, field.bytes);
    }
    return size;
}
