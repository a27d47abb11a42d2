/* SPDX-License-Identifier: MIT */
/* Files that no compiler would write: an honest one with one value changed, and the reason that each must be given. */
#include "grader/sandbox/elfvet.h"

#include <check.h>
#include <stdint.h>

#include "tests/grader/sandbox/elf_sample.h"

static void interpret(struct elf_sample *s) {
    elf_segment(s, PT_NOTE)->p_type = PT_INTERP;
}
static void run_stack(struct elf_sample *s) {
    elf_segment(s, PT_GNU_STACK)->p_flags |= PF_X;
}
static void lose_stack(struct elf_sample *s) {
    elf_segment(s, PT_GNU_STACK)->p_type = PT_NOTE;
}
static void write_code(struct elf_sample *s) {
    elf_segment(s, PT_LOAD)[1].p_flags |= PF_W;
}
static void overlap(struct elf_sample *s) {
    elf_segment(s, PT_LOAD)[1].p_vaddr = 0;
    elf_segment(s, PT_LOAD)[1].p_offset = 0;
}
static void beyond_file(struct elf_sample *s) {
    elf_segment(s, PT_LOAD)[0].p_filesz = s->size + 1;
    elf_segment(s, PT_LOAD)[0].p_memsz = s->size + 1;
}
static void wrap(struct elf_sample *s) {
    elf_segment(s, PT_LOAD)[0].p_offset = UINT64_MAX - 4095;
}
static void move_dynamic(struct elf_sample *s) {
    elf_segment(s, PT_DYNAMIC)->p_vaddr = 0;
}
static void protect_others(struct elf_sample *s) {
    elf_segment(s, PT_GNU_RELRO)->p_memsz = UINT64_MAX / 2;
}
static void add_init(struct elf_sample *s) {
    elf_tag(s, DT_HASH)->d_tag = DT_INIT;
}
static void two_symbol_tables(struct elf_sample *s) {
    elf_tag(s, DT_HASH)->d_tag = DT_SYMTAB;
}
static void unknown_tag(struct elf_sample *s) {
    elf_tag(s, DT_HASH)->d_tag = 0x6ffffef4;
}
static void packed_relocations(struct elf_sample *s) {
    elf_tag(s, DT_HASH)->d_tag = 36;
}
static void long_strings(struct elf_sample *s) {
    elf_tag(s, DT_STRSZ)->d_un.d_val = UINT64_MAX;
}
static void wild_name(struct elf_sample *s) {
    elf_tag(s, DT_NEEDED)->d_un.d_val = 0x7fffffff;
}
static void other_library(struct elf_sample *s) {
    ((char *)elf_table(s, DT_STRTAB))[elf_tag(s, DT_NEEDED)->d_un.d_val] ^= 1;
}
static void other_version(struct elf_sample *s) {
    ((Elf64_Verneed *)elf_table(s, DT_VERNEED))->vn_file = elf_symbol(s, "f")->st_name;
}
static void wild_version(struct elf_sample *s) {
    ((Elf64_Half *)elf_table(s, DT_VERSYM))[1] = 0x7ff0;
}
static void wild_hash(struct elf_sample *s) {
    ((uint32_t *)elf_table(s, DT_GNU_HASH))[0] = UINT32_MAX;
}
static void far_bucket(struct elf_sample *s) {
    uint32_t *h = elf_table(s, DT_GNU_HASH);
    h[4 + 2 * h[2]] = 0x7fffffff;
}
static void far_old_bucket(struct elf_sample *s) {
    ((uint32_t *)elf_table(s, DT_HASH))[2] = 0x7fffffff;
}
static void ring_of_symbols(struct elf_sample *s) {
    uint32_t *h = elf_table(s, DT_HASH), symbol = h[2] != 0 ? h[2] : h[3];
    h[2 + h[0] + symbol] = symbol;
}
static void choose_late(struct elf_sample *s) {
    elf_symbol(s, "f")->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC);
}
static void choose_data_late(struct elf_sample *s) {
    elf_symbol(s, "environ")->st_info = ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC);
}
static void unique(struct elf_sample *s) {
    elf_symbol(s, "environ")->st_info = ELF64_ST_INFO(STB_GNU_UNIQUE, STT_OBJECT);
}
static void call_at_load(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_RELA))->r_info = R_X86_64_IRELATIVE;
}
static void copy_in(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_RELA))->r_info = R_X86_64_COPY;
}
static void write_loader(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_RELA))->r_offset = 0x200000;
}
static void write_before(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_JMPREL))->r_offset = UINT64_MAX - 7;
}
static void write_header(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_RELA))->r_offset = 0;
}
static void write_dynamic(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_JMPREL))->r_offset = elf_segment(s, PT_DYNAMIC)->p_vaddr + 4;
}
static void wild_symbol(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_JMPREL))->r_info |= UINT64_C(0xffffff) << 32;
}
static void relative_by_count(struct elf_sample *s) {
    *(Elf64_Rela *)elf_table(s, DT_RELA) = (Elf64_Rela){.r_offset = 0x200000, .r_info = R_X86_64_NONE};
}
static void many_relative(struct elf_sample *s) {
    elf_tag(s, DT_RELACOUNT)->d_un.d_val = UINT64_MAX;
}
static void define_import(struct elf_sample *s) {
    elf_symbol(s, "malloc")->st_shndx = 1;
}
static void hide_segment(struct elf_sample *s) {
    elf_segment(s, PT_LOAD)[0].p_flags = 0;
}
static void size_without_table(struct elf_sample *s) {
    elf_tag(s, DT_RELAENT)->d_tag = DT_BIND_NOW;
}
static void versions_of_nothing(struct elf_sample *s) {
    elf_tag(s, DT_VERSYM)->d_tag = DT_BIND_NOW;
}
static void versions_of_strangers(struct elf_sample *s) {
    elf_tag(s, DT_NEEDED)->d_tag = DT_BIND_NOW;
}
static void foreign_thread_data(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_JMPREL))->r_info ^= R_X86_64_JUMP_SLOT ^ R_X86_64_TPOFF64;
}
static void wild_symbol_of_nothing(struct elf_sample *s) {
    ((Elf64_Rela *)elf_table(s, DT_JMPREL))->r_info = UINT64_C(0xffffff) << 32 | R_X86_64_NONE;
}
static void table_in_data(struct elf_sample *s) {
    elf_tag(s, DT_RELA)->d_un.d_ptr = elf_segment(s, PT_DYNAMIC)->p_vaddr;
}
static void symbols_in_data(struct elf_sample *s) {
    elf_tag(s, DT_SYMTAB)->d_un.d_ptr = elf_segment(s, PT_DYNAMIC)->p_vaddr;
}
static void bits_32(struct elf_sample *s) {
    s->bytes[EI_CLASS] = ELFCLASS32;
}
static void other_machine(struct elf_sample *s) {
    ((Elf64_Ehdr *)s->bytes)->e_machine = EM_AARCH64;
}
static void executable(struct elf_sample *s) {
    ((Elf64_Ehdr *)s->bytes)->e_type = ET_EXEC;
}
static void far_segments(struct elf_sample *s) {
    ((Elf64_Ehdr *)s->bytes)->e_phoff = UINT64_MAX - 8;
}

static const struct spoiled {
    void (*spoil)(struct elf_sample *sample);
    const char *reason;
} spoilt[] = {
    {interpret, "interpreter"},
    {run_stack, "executable stack"},
    {lose_stack, "does not say"},
    {write_code, "writable and executable"},
    {overlap, "overlap"},
    {beyond_file, "beyond the end"},
    {wrap, "beyond the end"},
    {move_dynamic, "outside what is loaded"},
    {protect_others, "outside what is loaded"},
    {add_init, "_init"},
    {two_symbol_tables, "twice"},
    {unknown_tag, "unknown dynamic entry"},
    {packed_relocations, "unknown dynamic entry"},
    {long_strings, "string table"},
    {wild_name, "library name"},
    {other_library, "not allowed"},
    {other_version, "symbols of the library f,"},
    {wild_version, "version table"},
    {wild_hash, "hash table"},
    {far_bucket, "hash table"},
    {far_old_bucket, "hash table"},
    {ring_of_symbols, "hash table"},
    {choose_late, "ifunc"},
    {choose_data_late, "ifunc"},
    {unique, "unknown kind"},
    {call_at_load, "ifunc"},
    {copy_in, "relocation of type 5"},
    {write_loader, "writes outside"},
    {write_before, "writes outside"},
    {write_header, "relocations in its code"},
    {write_dynamic, "rewrites its dynamic section"},
    {wild_symbol, "symbol"},
    {relative_by_count, "count of relative relocations"},
    {many_relative, "relocation table"},
    {define_import, "exports malloc"},
    {hide_segment, "cannot be read"},
    {size_without_table, "0x7 without 0x9"},
    {versions_of_nothing, "0x6ffffffe without 0x6ffffff0"},
    {versions_of_strangers, "does not depend on"},
    {foreign_thread_data, "thread-local"},
    {wild_symbol_of_nothing, "symbol"},
    {table_in_data, "relocation table"},
    {symbols_in_data, "symbol table"},
    {bits_32, "64-bit"},
    {other_machine, "64-bit"},
    {executable, "not a shared object"},
    {far_segments, "table of segments"},
};

START_TEST(spoilt_files_are_refused) {
    char reason[200];
    struct elf_sample sample = elf_honest();
    ck_assert_msg(elf_vet(&sample, reason, sizeof reason) == 0, "the honest file: %s", reason);
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        struct elf_sample copy = elf_cut(&sample, sample.size);
        spoilt[i].spoil(&copy);
        int verdict = elf_vet(&copy, reason, sizeof reason);
        ck_assert_msg(verdict == -1 && strstr(reason, spoilt[i].reason) != NULL, "change %zu (%s): verdict %d, '%s'", i,
                      spoilt[i].reason, verdict, reason);
        free(copy.bytes);
    }
    free(sample.bytes);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("elfvet_spoilt");
    TCase *cases = tcase_create("files");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, spoilt_files_are_refused);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
