/* SPDX-License-Identifier: MIT */
/* A shared object for the vet. Refused: a clause of printable characters. Accepted: the file is walked again as the
 * dynamic loader of glibc walks it, by code that shares nothing with the vet: nothing in it may run while it is loaded,
 * no relocation may leave its own writable memory, and the entry is code. */
#include <elf.h>
#include <string.h>

#include "grader/sandbox/elfvet.h"
#include "tests/fuzz/fuzz.h"

enum { DYNAMIC_MAX = 512 };

struct object {
    const uint8_t *data;
    size_t size;
    Elf64_Ehdr header;
};

static Elf64_Phdr segment_of(const struct object *o, size_t i) {
    Elf64_Phdr segment;
    uint64_t at = o->header.e_phoff + i * sizeof segment;
    MUST(at <= o->size && sizeof segment <= o->size - at, "a segment header beyond the file");
    memcpy(&segment, o->data + at, sizeof segment);
    return segment;
}

/* The PT_LOAD that holds these bytes in memory; the type is PT_NULL when there is none. */
static Elf64_Phdr load_of(const struct object *o, uint64_t address, uint64_t count) {
    for (size_t i = 0; i < o->header.e_phnum; i++) {
        Elf64_Phdr segment = segment_of(o, i);
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr <= segment.p_memsz &&
            count <= segment.p_memsz - (address - segment.p_vaddr))
            return segment;
    }
    return (Elf64_Phdr){.p_type = PT_NULL};
}

static void read_at(const struct object *o, uint64_t address, void *out, size_t count) {
    Elf64_Phdr load = load_of(o, address, count);
    MUST(load.p_type == PT_LOAD, "the loader would read 0x%llx, which is not loaded", (unsigned long long)address);
    uint64_t inside = address - load.p_vaddr;
    MUST(inside <= load.p_filesz && count <= load.p_filesz - inside, "the loader would read zeros at 0x%llx",
         (unsigned long long)address);
    MUST(load.p_offset + inside + count <= o->size, "the loader would read beyond the file");
    memcpy(out, o->data + load.p_offset + inside, count);
}

static size_t read_dynamic(const struct object *o, Elf64_Dyn *entry, Elf64_Phdr *place) {
    for (size_t i = 0; i < o->header.e_phnum; i++) {
        *place = segment_of(o, i);
        for (size_t n = 0; place->p_type == PT_DYNAMIC && n < DYNAMIC_MAX; n++) {
            read_at(o, place->p_vaddr + n * sizeof *entry, &entry[n], sizeof *entry);
            if (entry[n].d_tag == DT_NULL)
                return n;
        }
    }
    MUST(false, "no end of the dynamic section");
}

/* The loader keeps the last entry of each tag. */
static uint64_t last_value(const Elf64_Dyn *entry, size_t count, Elf64_Sxword tag) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        if (entry[i].d_tag == tag)
            value = entry[i].d_un.d_val;
    return value;
}

static void must_run_nothing(const Elf64_Dyn *entry, size_t count) {
    static const Elf64_Sxword refused[] = {DT_INIT,      DT_FINI,        DT_INIT_ARRAY, DT_FINI_ARRAY, DT_PREINIT_ARRAY,
                                           DT_TEXTREL,   DT_RPATH,       DT_RUNPATH,    DT_AUDIT,      DT_DEPAUDIT,
                                           DT_AUXILIARY, DT_FILTER,      DT_REL,        DT_RELR,       DT_DEBUG,
                                           DT_VERDEF,    DT_GNU_CONFLICT};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof refused / sizeof *refused; k++)
            MUST(entry[i].d_tag != refused[k], "the tag 0x%llx was accepted", (unsigned long long)refused[k]);
}

static void symbol_must_be_plain(const struct object *o, uint64_t symbols, uint64_t index) {
    Elf64_Sym symbol;
    read_at(o, symbols + index * sizeof symbol, &symbol, sizeof symbol);
    MUST(ELF64_ST_TYPE(symbol.st_info) != STT_GNU_IFUNC, "an ifunc was accepted");
}

static void relocations_must_stay_inside(const struct object *o, const Elf64_Dyn *entry, size_t count,
                                         const Elf64_Phdr *dynamic, Elf64_Sxword table, Elf64_Sxword bytes) {
    uint64_t at = last_value(entry, count, table), end = at + last_value(entry, count, bytes);
    for (; at < end; at += sizeof(Elf64_Rela)) {
        Elf64_Rela relocation;
        read_at(o, at, &relocation, sizeof relocation);
        if (ELF64_R_TYPE(relocation.r_info) == R_X86_64_NONE)
            continue;
        Elf64_Phdr load = load_of(o, relocation.r_offset, 8);
        MUST(ELF64_R_TYPE(relocation.r_info) != R_X86_64_IRELATIVE, "an IRELATIVE was accepted");
        MUST(load.p_type == PT_LOAD && (load.p_flags & PF_W) != 0, "a relocation writes to 0x%llx",
             (unsigned long long)relocation.r_offset);
        MUST(relocation.r_offset + 8 <= dynamic->p_vaddr || relocation.r_offset >= dynamic->p_vaddr + dynamic->p_memsz,
             "a relocation writes into .dynamic");
        symbol_must_be_plain(o, last_value(entry, count, DT_SYMTAB), ELF64_R_SYM(relocation.r_info));
    }
}

static void accepted_must_be_harmless(const uint8_t *data, size_t size) {
    struct object o = {.data = data, .size = size};
    Elf64_Dyn entry[DYNAMIC_MAX];
    Elf64_Phdr dynamic;
    MUST(size >= sizeof o.header, "%zu bytes were accepted", size);
    memcpy(&o.header, data, sizeof o.header);
    for (size_t i = 0; i < o.header.e_phnum; i++) {
        Elf64_Phdr segment = segment_of(&o, i);
        MUST(segment.p_type != PT_INTERP && segment.p_type != PT_PHDR, "an interpreter was accepted");
        MUST(segment.p_type != PT_LOAD || (segment.p_flags & (PF_W | PF_X)) != (PF_W | PF_X),
             "writable code was accepted");
    }
    size_t count = read_dynamic(&o, entry, &dynamic);
    must_run_nothing(entry, count);
    relocations_must_stay_inside(&o, entry, count, &dynamic, DT_RELA, DT_RELASZ);
    relocations_must_stay_inside(&o, entry, count, &dynamic, DT_JMPREL, DT_PLTRELSZ);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const libraries[] = {"libc.so.6", "libm.so.6", "libgomp.so.1", "ld-linux-x86-64.so.2", NULL};
    static const char *const entries[] = {"f", NULL};
    const struct elfvet_rules rules = {.needed = libraries, .image_bytes = UINT64_C(64) << 20, .entry = entries};
    char reason[100] = "", small[8] = "";
    int status = elfvet_check(data, size, &rules, reason, sizeof reason);
    MUST(elfvet_check(data, size, &rules, small, sizeof small) == status, "the answer depends on the room for it");
    char call[ELFVET_CALL];
    struct elfvet_rules bare = rules;
    bare.static_bytes = 16 << 10, bare.no_allocation = true, bare.call = call;
    const int strictly = elfvet_check(data, size, &bare, small, sizeof small);
    MUST(strictly == -1 || status == 0, "a limit more lets more in");
    MUST(memchr(call, '\0', sizeof call) != NULL && (strictly == -1 || call[0] == '\0'), "a call that nobody makes");
    if (status == 0) {
        accepted_must_be_harmless(data, size);
        return 0;
    }
    MUST(status == -1 && reason[0] != '\0', "refused without a reason");
    for (const char *c = reason; *c != '\0'; c++)
        MUST(*c >= ' ' && *c <= '~', "the reason holds 0x%02x", (unsigned char)*c);
    return 0;
}
