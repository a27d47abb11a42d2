/* SPDX-License-Identifier: MIT */
/* Symbols, their versions and relocations.
 *
 * A symbol of type IFUNC is a call into the candidate's code at load time, whether it is reached by a relocation or by
 * the lookup of an entry. No table says how many symbols there are, so the count is what any hash table or relocation
 * can reach. A relocation is a write to an address of the file's choosing: one that leaves the object's own writable
 * memory could patch the loader that is executing it, and one into .dynamic could bring back what was refused there. */
#include <string.h>

#include "grader/sandbox/elfvet_image.h"

enum { VERSION_STEPS_MAX = 1024, VERSION_MASK = 0x7fff };

/* True if these bytes are in the file and no relocation can change them. */
static bool fetch_constant(const struct elfvet_image *image, uint64_t address, void *out, size_t count) {
    const struct elfvet_load *load = elfvet_in_file(image, address, count);
    return load != NULL && !load->writable && elfvet_fetch(image, address, out, count);
}

static void reach(uint64_t *count, uint64_t symbol) {
    if (*count < symbol + 1)
        *count = symbol + 1;
}

/* Follows every chain to its end mark. In an honest table no symbol is in two chains, which bounds the walk. */
static int reach_gnu_hash(struct elfvet_image *image, const struct elfvet_tables *tables, uint64_t *count) {
    struct {
        uint32_t buckets, first, bloom_words, bloom_shift;
    } head;
    uint64_t at = tables->gnu_hash, steps = 0;
    if (!fetch_constant(image, at, &head, sizeof head) || head.buckets == 0 || head.bloom_words == 0 ||
        (head.bloom_words & (head.bloom_words - 1)) != 0 || head.bloom_shift > 63)
        return elfvet_refuse(image, "has a broken hash table");
    const uint64_t bucket = at + sizeof head + UINT64_C(8) * head.bloom_words;
    const uint64_t chain = bucket + UINT64_C(4) * head.buckets;
    const struct elfvet_load *load = elfvet_in_file(image, at, chain - at);
    if (load == NULL || load->writable)
        return elfvet_refuse(image, "has a broken hash table");
    reach(count, head.first > 0 ? head.first - 1 : 0);
    for (uint32_t b = 0; b < head.buckets; b++) {
        uint32_t symbol = 0, hash = 0;
        if (!fetch_constant(image, bucket + UINT64_C(4) * b, &symbol, sizeof symbol))
            return elfvet_refuse(image, "has a broken hash table");
        for (; symbol != 0 && (hash & 1) == 0; symbol++) {
            if (symbol < head.first || ++steps > image->size / sizeof(Elf64_Sym) ||
                !fetch_constant(image, chain + UINT64_C(4) * (symbol - head.first), &hash, sizeof hash))
                return elfvet_refuse(image, "has a broken hash table");
            reach(count, symbol);
        }
    }
    return 0;
}

/* Here too every chain must end: a lookup would follow a ring of symbols for ever. */
static int reach_hash(struct elfvet_image *image, const struct elfvet_tables *tables, uint64_t *count) {
    uint32_t head[2], symbol;
    if (!fetch_constant(image, tables->hash, head, sizeof head) || head[0] == 0 || head[1] == 0)
        return elfvet_refuse(image, "has a broken hash table");
    const uint64_t entries = (uint64_t)head[0] + head[1];
    if (entries > image->size / sizeof symbol)
        return elfvet_refuse(image, "has a broken hash table");
    for (uint64_t i = 0; i < entries; i++)
        if (!fetch_constant(image, tables->hash + sizeof head + i * sizeof symbol, &symbol, sizeof symbol) ||
            symbol >= head[1])
            return elfvet_refuse(image, "has a broken hash table");
    const uint64_t chain = tables->hash + sizeof head + UINT64_C(4) * head[0];
    uint64_t steps = 0;
    for (uint64_t b = 0; b < head[0]; b++) {
        fetch_constant(image, tables->hash + sizeof head + b * sizeof symbol, &symbol, sizeof symbol);
        for (; symbol != STN_UNDEF; fetch_constant(image, chain + UINT64_C(4) * symbol, &symbol, sizeof symbol))
            if (++steps > head[1])
                return elfvet_refuse(image, "has a broken hash table");
    }
    reach(count, head[1] - 1);
    return 0;
}

/* How many bytes a relocation writes; 0 for one that no position independent C needs. */
static uint64_t relocation_bytes(uint64_t type) {
    static const unsigned char bytes[] = {
        [R_X86_64_64] = 8,       [R_X86_64_GLOB_DAT] = 8, [R_X86_64_JUMP_SLOT] = 8, [R_X86_64_RELATIVE] = 8,
        [R_X86_64_DTPMOD64] = 8, [R_X86_64_DTPOFF64] = 8, [R_X86_64_TPOFF64] = 8,   [R_X86_64_TLSDESC] = 16,
    };
    return type < sizeof bytes ? bytes[type] : 0;
}

/* Thread-local data of other objects is theirs alone, and one that has none has no alignment to divide by. */
static bool is_of_no_tls(const struct elfvet_image *image, const Elf64_Rela *relocation) {
    const uint64_t type = ELF64_R_TYPE(relocation->r_info);
    const bool tls =
        type == R_X86_64_DTPMOD64 || type == R_X86_64_DTPOFF64 || type == R_X86_64_TPOFF64 || type == R_X86_64_TLSDESC;
    return tls && (!image->has_tls || ELF64_R_SYM(relocation->r_info) != 0);
}

static int check_relocation(struct elfvet_image *image, const Elf64_Rela *relocation, uint64_t *count) {
    const uint64_t type = ELF64_R_TYPE(relocation->r_info), target = relocation->r_offset;
    reach(count, ELF64_R_SYM(relocation->r_info)); /* even of one that does nothing, the loader reads the version */
    if (type == R_X86_64_NONE)
        return 0;
    if (type == R_X86_64_IRELATIVE)
        return elfvet_refuse(image, "has a function that chooses itself when it is loaded (ifunc)");
    const uint64_t bytes = relocation_bytes(type);
    if (bytes == 0)
        return elfvet_refuse(image, "has a relocation of type %llu (not compiled with -fPIC?)",
                             (unsigned long long)type);
    if (is_of_no_tls(image, relocation))
        return elfvet_refuse(image, "has a relocation for thread-local data that is not its own");
    const struct elfvet_load *load = elfvet_in_memory(image, target, bytes);
    if (load == NULL)
        return elfvet_refuse(image, "has a relocation that writes outside of it");
    if (!load->writable)
        return elfvet_refuse(image, "has relocations in its code (not compiled with -fPIC)");
    if (target + bytes > image->dynamic && target < image->dynamic + image->dynamic_bytes)
        return elfvet_refuse(image, "has a relocation that rewrites its dynamic section");
    return 0;
}

/* The first `relative` of them are applied as R_X86_64_RELATIVE, whatever type they name. */
static int check_relocations(struct elfvet_image *image, uint64_t table, uint64_t bytes, uint64_t relative,
                             uint64_t *count) {
    if (bytes % sizeof(Elf64_Rela) != 0 || relative > bytes / sizeof(Elf64_Rela))
        return elfvet_refuse(image, "has a broken relocation table");
    for (uint64_t at = 0; at < bytes; at += sizeof(Elf64_Rela)) {
        Elf64_Rela relocation;
        if (!fetch_constant(image, table + at, &relocation, sizeof relocation))
            return elfvet_refuse(image, "has a broken relocation table");
        if (check_relocation(image, &relocation, count) != 0)
            return -1;
        if (at / sizeof relocation < relative && ELF64_R_TYPE(relocation.r_info) != R_X86_64_RELATIVE)
            return elfvet_refuse(image, "has a wrong count of relative relocations");
    }
    return 0;
}

static bool is_needed(const struct elfvet_tables *tables, const char *library) {
    for (size_t i = 0; i < tables->needed_count; i++)
        if (strcmp(tables->needed[i], library) == 0)
            return true;
    return false;
}

/* The loader follows the offsets until one is zero and ignores the count that .dynamic gives; so do we. */
static int check_needs(struct elfvet_image *image, const struct elfvet_tables *tables, unsigned *highest) {
    uint64_t at = tables->needs;
    for (int steps = 0; tables->has_needs;) {
        Elf64_Verneed need;
        const char *file = NULL;
        if (++steps > VERSION_STEPS_MAX || !fetch_constant(image, at, &need, sizeof need) || need.vn_version != 1 ||
            (file = elfvet_string(image, tables, need.vn_file)) == NULL)
            return elfvet_refuse(image, "has a broken version table");
        if (!elfvet_is_allowed(image, file))
            return elfvet_refuse(image, "needs symbols of the library %.60s, which is not allowed", file);
        if (!is_needed(tables, file))
            return elfvet_refuse(image, "needs symbols of the library %.60s, which it does not depend on", file);
        uint64_t aux_at = at + need.vn_aux;
        for (Elf64_Vernaux aux = {.vna_next = 1}; aux.vna_next != 0; aux_at += aux.vna_next) {
            if (++steps > VERSION_STEPS_MAX || !fetch_constant(image, aux_at, &aux, sizeof aux) ||
                elfvet_string(image, tables, aux.vna_name) == NULL)
                return elfvet_refuse(image, "has a broken version table");
            if ((aux.vna_other & VERSION_MASK) > *highest)
                *highest = aux.vna_other & VERSION_MASK;
        }
        if (need.vn_next == 0)
            return 0;
        at += need.vn_next;
    }
    return 0;
}

static int check_symbol(struct elfvet_image *image, const struct elfvet_tables *tables, const Elf64_Sym *symbol) {
    const unsigned type = ELF64_ST_TYPE(symbol->st_info), bind = ELF64_ST_BIND(symbol->st_info);
    if (type == STT_GNU_IFUNC)
        return elfvet_refuse(image, "has a function that chooses itself when it is loaded (ifunc)");
    if (type > STT_TLS || bind > STB_WEAK)
        return elfvet_refuse(image, "has a symbol of an unknown kind");
    if (elfvet_string(image, tables, symbol->st_name) == NULL)
        return elfvet_refuse(image, "has a symbol whose name is outside its string table");
    return 0;
}

static int check_all(struct elfvet_image *image, const struct elfvet_tables *tables, uint64_t count, unsigned highest) {
    for (uint64_t i = 0; i < count; i++) {
        Elf64_Sym symbol;
        Elf64_Half version;
        if (!fetch_constant(image, tables->symbols + i * sizeof symbol, &symbol, sizeof symbol))
            return elfvet_refuse(image, "has a broken symbol table");
        if (check_symbol(image, tables, &symbol) != 0)
            return -1;
        if (i > 0 && symbol.st_shndx == SHN_UNDEF &&
            elfvet_check_call(image, elfvet_string(image, tables, symbol.st_name)) != 0)
            return -1;
        if (tables->has_versions &&
            (!fetch_constant(image, tables->versions + i * sizeof version, &version, sizeof version) ||
             (version & VERSION_MASK) > highest))
            return elfvet_refuse(image, "has a broken version table");
    }
    return 0;
}

/* An entry must be plain code of this object that a lookup from outside finds. */
static int check_entry(struct elfvet_image *image, const struct elfvet_tables *tables, uint64_t count,
                       const char *entry) {
    for (uint64_t i = 1; i < count; i++) {
        Elf64_Sym symbol;
        if (!fetch_constant(image, tables->symbols + i * sizeof symbol, &symbol, sizeof symbol))
            return elfvet_refuse(image, "has a broken symbol table");
        const char *name = elfvet_string(image, tables, symbol.st_name);
        if (name == NULL || strcmp(name, entry) != 0 || symbol.st_shndx == SHN_UNDEF)
            continue;
        const struct elfvet_load *load = elfvet_in_file(image, symbol.st_value, 1);
        const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
        if (ELF64_ST_BIND(symbol.st_info) == STB_LOCAL || (visibility != STV_DEFAULT && visibility != STV_PROTECTED))
            return elfvet_refuse(image, "does not export the function %s", entry);
        if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx >= SHN_LORESERVE || load == NULL ||
            !load->executable)
            return elfvet_refuse(image, "defines %s, but not as a function", entry);
        return 0;
    }
    return elfvet_refuse(image, "does not define the function %s", entry);
}

/* A name that libraries look for without defining it is a call into this object while they are loaded: the start code
 * of every library calls __gmon_start__ and _ITM_registerTMCloneTable if anybody has them. */
static int check_exports(struct elfvet_image *image, const struct elfvet_tables *tables, uint64_t count) {
    for (uint64_t i = 1; i < count; i++) {
        Elf64_Sym symbol;
        if (!fetch_constant(image, tables->symbols + i * sizeof symbol, &symbol, sizeof symbol))
            return elfvet_refuse(image, "has a broken symbol table");
        if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL)
            continue;
        const char *name = elfvet_string(image, tables, symbol.st_name), *const *entry = image->rules->entry;
        while (*entry != NULL && (name == NULL || strcmp(*entry, name) != 0))
            entry++;
        if (*entry == NULL)
            return elfvet_refuse(image, "exports %.60s, which is no function of the challenge",
                                 name != NULL ? name : "?");
    }
    return 0;
}

int elfvet_check_symbols(struct elfvet_image *image, const struct elfvet_tables *tables) {
    uint64_t count = 1;
    unsigned highest = 1;
    if (!tables->has_gnu_hash && !tables->has_hash)
        return elfvet_refuse(image, "has no hash table");
    if (tables->has_gnu_hash && reach_gnu_hash(image, tables, &count) != 0)
        return -1;
    if (tables->has_hash && reach_hash(image, tables, &count) != 0)
        return -1;
    if (tables->has_rela && check_relocations(image, tables->rela, tables->rela_bytes, tables->relative, &count) != 0)
        return -1;
    if (tables->has_jump && check_relocations(image, tables->jump, tables->jump_bytes, 0, &count) != 0)
        return -1;
    if (check_needs(image, tables, &highest) != 0 || check_all(image, tables, count, highest) != 0)
        return -1;
    for (const char *const *entry = image->rules->entry; *entry != NULL; entry++)
        if (check_entry(image, tables, count, *entry) != 0)
            return -1;
    return check_exports(image, tables, count);
}
