/* SPDX-License-Identifier: MIT */
/* The dynamic section: a list of what the loader shall do. The tags below are all that it may hold; the loader takes
 * the last of a tag that comes twice and we could check another, so only DT_NEEDED may. */
#include <string.h>

#include "grader/sandbox/elfvet_image.h"

enum { ENTRIES_MAX = 256 };

enum tag_use { TAG_IGNORED, TAG_ONCE, TAG_REFUSED };

static const struct tag {
    Elf64_Sxword tag;
    enum tag_use use;
    const char *why; /* for a refused one */
} tags[] = {
    {DT_NEEDED, TAG_IGNORED, NULL}, /* looked at by check_needed */
    {DT_SONAME, TAG_ONCE, NULL},
    {DT_HASH, TAG_ONCE, NULL},
    {DT_GNU_HASH, TAG_ONCE, NULL},
    {DT_STRTAB, TAG_ONCE, NULL},
    {DT_STRSZ, TAG_ONCE, NULL},
    {DT_SYMTAB, TAG_ONCE, NULL},
    {DT_SYMENT, TAG_ONCE, NULL},
    {DT_RELA, TAG_ONCE, NULL},
    {DT_RELASZ, TAG_ONCE, NULL},
    {DT_RELAENT, TAG_ONCE, NULL},
    {DT_RELACOUNT, TAG_ONCE, NULL},
    {DT_JMPREL, TAG_ONCE, NULL},
    {DT_PLTRELSZ, TAG_ONCE, NULL},
    {DT_PLTREL, TAG_ONCE, NULL},
    {DT_PLTGOT, TAG_ONCE, NULL},
    {DT_VERSYM, TAG_ONCE, NULL},
    {DT_VERNEED, TAG_ONCE, NULL},
    {DT_VERNEEDNUM, TAG_ONCE, NULL},
    {DT_BIND_NOW, TAG_ONCE, NULL},
    {DT_SYMBOLIC, TAG_ONCE, NULL},
    {DT_FLAGS, TAG_ONCE, NULL},
    {DT_FLAGS_1, TAG_ONCE, NULL},
    {DT_INIT, TAG_REFUSED, "has code that runs when it is loaded (_init)"},
    {DT_INIT_ARRAY, TAG_REFUSED, "has a constructor (.init_array)"},
    {DT_INIT_ARRAYSZ, TAG_REFUSED, "has a constructor (.init_array)"},
    {DT_PREINIT_ARRAY, TAG_REFUSED, "has a constructor (.preinit_array)"},
    {DT_PREINIT_ARRAYSZ, TAG_REFUSED, "has a constructor (.preinit_array)"},
    {DT_FINI, TAG_REFUSED, "has code that runs when it is unloaded (_fini)"},
    {DT_FINI_ARRAY, TAG_REFUSED, "has a destructor (.fini_array)"},
    {DT_FINI_ARRAYSZ, TAG_REFUSED, "has a destructor (.fini_array)"},
    {DT_TEXTREL, TAG_REFUSED, "has relocations in its code (not compiled with -fPIC)"},
    {DT_RPATH, TAG_REFUSED, "names folders for libraries (RPATH)"},
    {DT_RUNPATH, TAG_REFUSED, "names folders for libraries (RUNPATH)"},
    {DT_AUDIT, TAG_REFUSED, "names an audit library"},
    {DT_DEPAUDIT, TAG_REFUSED, "names an audit library"},
    {DT_FILTER, TAG_REFUSED, "is a filter for another library"},
    {DT_AUXILIARY, TAG_REFUSED, "is a filter for another library"},
    {DT_VERDEF, TAG_REFUSED, "defines symbol versions"},
    {DT_VERDEFNUM, TAG_REFUSED, "defines symbol versions"},
};

static const struct tag *find_tag(Elf64_Sxword tag) {
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tags[i].tag == tag)
            return &tags[i];
    return NULL;
}

/* Reads the list up to its end mark. */
static int read_entries(struct elfvet_image *image, Elf64_Dyn *entry, size_t *count) {
    if (image->dynamic_bytes == 0)
        return elfvet_refuse(image, "has no dynamic section");
    if (image->dynamic % sizeof(uint64_t) != 0)
        return elfvet_refuse(image, "has a broken dynamic section");
    for (*count = 0; *count < ENTRIES_MAX; ++*count) {
        uint64_t at = *count * sizeof *entry;
        if (at + sizeof *entry > image->dynamic_bytes ||
            !elfvet_fetch(image, image->dynamic + at, &entry[*count], sizeof *entry))
            return elfvet_refuse(image, "has a dynamic section without an end");
        if (entry[*count].d_tag == DT_NULL)
            return 0;
    }
    return elfvet_refuse(image, "has too long a dynamic section");
}

static int check_tags(struct elfvet_image *image, const Elf64_Dyn *entry, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct tag *tag = find_tag(entry[i].d_tag);
        if (tag == NULL)
            return elfvet_refuse(image, "has an unknown dynamic entry 0x%llx", (unsigned long long)entry[i].d_tag);
        if (tag->use == TAG_REFUSED)
            return elfvet_refuse(image, "%s", tag->why);
        for (size_t j = 0; j < i && tag->use == TAG_ONCE; j++)
            if (entry[j].d_tag == entry[i].d_tag)
                return elfvet_refuse(image, "has the dynamic entry 0x%llx twice", (unsigned long long)tag->tag);
    }
    return 0;
}

static bool lookup(const Elf64_Dyn *entry, size_t count, Elf64_Sxword tag, uint64_t *value) {
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (entry[i].d_tag != tag)
            continue;
        *value = entry[i].d_un.d_val;
        return true;
    }
    return false;
}

static int check_values(struct elfvet_image *image, const Elf64_Dyn *entry, size_t count) {
    static const struct {
        Elf64_Sxword tag;
        uint64_t allowed;
        bool bits; /* any of these bits, or this value */
    } fixed[] = {
        {DT_SYMENT, sizeof(Elf64_Sym), false}, {DT_RELAENT, sizeof(Elf64_Rela), false},
        {DT_PLTREL, DT_RELA, false},           {DT_FLAGS, DF_BIND_NOW | DF_STATIC_TLS | DF_SYMBOLIC, true},
        {DT_FLAGS_1, DF_1_NOW, true},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        uint64_t value;
        if (!lookup(entry, count, fixed[i].tag, &value))
            continue;
        if (fixed[i].tag == DT_FLAGS && (value & DF_TEXTREL) != 0)
            return elfvet_refuse(image, "has relocations in its code (not compiled with -fPIC)");
        if (fixed[i].bits ? (value & ~fixed[i].allowed) != 0 : value != fixed[i].allowed)
            return elfvet_refuse(image, "has a dynamic entry 0x%llx with the value 0x%llx",
                                 (unsigned long long)fixed[i].tag, (unsigned long long)value);
    }
    return 0;
}

/* Where the loader finds one of these it takes the other for granted, and would follow a null pointer. */
static int check_companions(struct elfvet_image *image, const Elf64_Dyn *entry, size_t count) {
    static const Elf64_Sxword pair[][2] = {
        {DT_STRTAB, DT_STRSZ},   {DT_SYMTAB, DT_SYMENT},      {DT_RELA, DT_RELASZ},     {DT_RELA, DT_RELAENT},
        {DT_RELASZ, DT_RELA},    {DT_RELACOUNT, DT_RELA},     {DT_JMPREL, DT_PLTRELSZ}, {DT_JMPREL, DT_PLTREL},
        {DT_JMPREL, DT_PLTGOT},  {DT_PLTRELSZ, DT_JMPREL},    {DT_PLTREL, DT_JMPREL},   {DT_VERSYM, DT_VERNEED},
        {DT_VERNEED, DT_VERSYM}, {DT_VERNEED, DT_VERNEEDNUM},
    };
    uint64_t unused;
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        if (lookup(entry, count, pair[i][0], &unused) && !lookup(entry, count, pair[i][1], &unused))
            return elfvet_refuse(image, "has the dynamic entry 0x%llx without 0x%llx", (unsigned long long)pair[i][0],
                                 (unsigned long long)pair[i][1]);
    return 0;
}

static void fill_tables(const Elf64_Dyn *entry, size_t count, struct elfvet_tables *tables) {
    uint64_t unused;
    tables->has_strings = lookup(entry, count, DT_STRTAB, &tables->strings);
    lookup(entry, count, DT_STRSZ, &tables->strings_bytes);
    tables->has_symbols = lookup(entry, count, DT_SYMTAB, &tables->symbols);
    tables->has_gnu_hash = lookup(entry, count, DT_GNU_HASH, &tables->gnu_hash);
    tables->has_hash = lookup(entry, count, DT_HASH, &tables->hash);
    tables->has_rela = lookup(entry, count, DT_RELA, &tables->rela) | lookup(entry, count, DT_RELASZ, &unused) |
                       lookup(entry, count, DT_RELACOUNT, &tables->relative);
    lookup(entry, count, DT_RELASZ, &tables->rela_bytes);
    tables->has_jump = lookup(entry, count, DT_JMPREL, &tables->jump) | lookup(entry, count, DT_PLTRELSZ, &unused);
    lookup(entry, count, DT_PLTRELSZ, &tables->jump_bytes);
    tables->has_versions = lookup(entry, count, DT_VERSYM, &tables->versions);
    tables->has_needs = lookup(entry, count, DT_VERNEED, &tables->needs);
    lookup(entry, count, DT_VERNEEDNUM, &tables->needs_count);
}

/* Relocations are applied one after the other. A table in writable memory could be rewritten by the first of them,
 * after we looked and before the loader does. */
static int check_place_of_tables(struct elfvet_image *image, const struct elfvet_tables *tables) {
    const struct {
        bool there;
        uint64_t address, bytes;
        const char *name;
    } table[] = {
        {tables->has_strings, tables->strings, tables->strings_bytes, "string table"},
        {tables->has_symbols, tables->symbols, sizeof(Elf64_Sym), "symbol table"},
        {tables->has_gnu_hash, tables->gnu_hash, 16, "hash table"},
        {tables->has_hash, tables->hash, 8, "hash table"},
        {tables->has_rela, tables->rela, tables->rela_bytes, "relocation table"},
        {tables->has_jump, tables->jump, tables->jump_bytes, "relocation table"},
        {tables->has_versions, tables->versions, sizeof(Elf64_Half), "version table"},
        {tables->has_needs, tables->needs, sizeof(Elf64_Verneed), "version table"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!table[i].there)
            continue;
        const struct elfvet_load *load = elfvet_in_file(image, table[i].address, table[i].bytes);
        if (load == NULL || load->writable)
            return elfvet_refuse(image, "has its %s outside the read-only part", table[i].name);
    }
    return 0;
}

const char *elfvet_string(const struct elfvet_image *image, const struct elfvet_tables *tables, uint64_t offset) {
    const struct elfvet_load *load = elfvet_in_file(image, tables->strings, tables->strings_bytes);
    if (load == NULL || offset >= tables->strings_bytes)
        return NULL;
    const unsigned char *table = image->bytes + load->offset + (tables->strings - load->address);
    /* A table that ends in NUL ends every string in it; a search for each of many names in it could take minutes. */
    return table[tables->strings_bytes - 1] == 0 ? (const char *)table + offset : NULL;
}

bool elfvet_is_allowed(const struct elfvet_image *image, const char *library) {
    for (const char *const *allowed = image->rules->needed; *allowed != NULL; allowed++)
        if (strcmp(*allowed, library) == 0)
            return true;
    return false;
}

static int check_needed(struct elfvet_image *image, struct elfvet_tables *tables, const Elf64_Dyn *entry,
                        size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (entry[i].d_tag != DT_NEEDED && entry[i].d_tag != DT_SONAME)
            continue;
        const char *name = elfvet_string(image, tables, entry[i].d_un.d_val);
        if (name == NULL)
            return elfvet_refuse(image, "has a library name outside its string table");
        if (entry[i].d_tag == DT_NEEDED && !elfvet_is_allowed(image, name))
            return elfvet_refuse(image, "needs the library %.60s, which is not allowed", name);
        if (entry[i].d_tag == DT_NEEDED && tables->needed_count == ELFVET_NEEDED_MAX)
            return elfvet_refuse(image, "needs too many libraries");
        if (entry[i].d_tag == DT_NEEDED)
            tables->needed[tables->needed_count++] = name;
    }
    return 0;
}

int elfvet_check_dynamic(struct elfvet_image *image) {
    Elf64_Dyn entry[ENTRIES_MAX];
    size_t count = 0;
    struct elfvet_tables tables = {0};
    if (read_entries(image, entry, &count) != 0 || check_tags(image, entry, count) != 0 ||
        check_values(image, entry, count) != 0 || check_companions(image, entry, count) != 0)
        return -1;
    fill_tables(entry, count, &tables);
    if (!tables.has_strings || !tables.has_symbols)
        return elfvet_refuse(image, "has no symbols");
    if (check_place_of_tables(image, &tables) != 0 || check_needed(image, &tables, entry, count) != 0)
        return -1;
    return elfvet_check_symbols(image, &tables);
}
