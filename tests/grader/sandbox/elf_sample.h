/* SPDX-License-Identifier: MIT */
/* Shared objects for the tests of the vet: compiled on the spot, and changed by hand where no compiler would do it. */
#ifndef TESTS_GRADER_SANDBOX_ELF_SAMPLE_H
#define TESTS_GRADER_SANDBOX_ELF_SAMPLE_H

#include <check.h>
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/sandbox/elfvet.h"

struct elf_sample {
    unsigned char *bytes;
    size_t size;
};

/* Compiles C source with `flags`; an empty sample if the compiler refuses. */
static inline struct elf_sample elf_compile(const char *source, const char *flags) {
    char folder[] = "/tmp/elf-sample-XXXXXX", path[64], command[1024];
    struct elf_sample sample = {NULL, 0};
    if (mkdtemp(folder) == NULL)
        return sample;
    snprintf(path, sizeof path, "%s/a.c", folder);
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        fputs(source, file);
        fclose(file);
    }
    snprintf(command, sizeof command, "cd %s && gcc -std=gnu17 -O1 -fPIC -shared -w %s a.c -o a.so %s 2>log || cat log",
             folder, strstr(flags, "-startfiles") != NULL ? "" : "-nostartfiles",
             strstr(flags, "-startfiles") != NULL ? "" : flags);
    snprintf(path, sizeof path, "%s/a.so", folder);
    if (system(command) == 0 && (file = fopen(path, "rb")) != NULL) {
        sample.bytes = malloc((size_t)1 << 20);
        sample.size = fread(sample.bytes, 1, (size_t)1 << 20, file);
        fclose(file);
    }
    snprintf(command, sizeof command, "rm -r %s", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s is left behind\n", folder);
    return sample;
}

/* A copy of exactly this size, so that a sanitizer sees the first byte read beyond it. */
static inline struct elf_sample elf_cut(const struct elf_sample *sample, size_t size) {
    struct elf_sample copy = {malloc(size > 0 ? size : 1), size};
    memcpy(copy.bytes, sample->bytes, size);
    return copy;
}

static inline Elf64_Phdr *elf_segment(const struct elf_sample *sample, unsigned type) {
    Elf64_Ehdr *header = (Elf64_Ehdr *)sample->bytes;
    Elf64_Phdr *segment = (Elf64_Phdr *)(sample->bytes + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++)
        if (segment[i].p_type == type)
            return &segment[i];
    return NULL;
}

static inline Elf64_Dyn *elf_tag(const struct elf_sample *sample, Elf64_Sxword tag) {
    Elf64_Dyn *entry = (Elf64_Dyn *)(sample->bytes + elf_segment(sample, PT_DYNAMIC)->p_offset);
    while (entry->d_tag != tag && entry->d_tag != DT_NULL)
        entry++;
    return entry->d_tag == tag ? entry : NULL;
}

/* Tables lie in the first segment, where offset and address are the same. */
static inline void *elf_table(const struct elf_sample *sample, Elf64_Sxword tag) {
    const Elf64_Dyn *entry = elf_tag(sample, tag);
    return entry != NULL ? sample->bytes + entry->d_un.d_ptr : NULL;
}

static inline Elf64_Sym *elf_symbol(const struct elf_sample *sample, const char *name) {
    Elf64_Sym *symbol = elf_table(sample, DT_SYMTAB);
    const char *strings = elf_table(sample, DT_STRTAB);
    for (int i = 1; i < 64; i++)
        if (strcmp(strings + symbol[i].st_name, name) == 0)
            return &symbol[i];
    return NULL;
}

/* The rules that all the tests share. */
static inline int elf_vet(const struct elf_sample *sample, char *reason, size_t size) {
    static const char *const libraries[] = {"libc.so.6", "libm.so.6", "libgomp.so.1", "ld-linux-x86-64.so.2", NULL};
    static const char *const entries[] = {"f", NULL};
    const struct elfvet_rules rules = {.needed = libraries, .image_bytes = UINT64_C(64) << 20, .entry = entries};
    reason[0] = '\0';
    return elfvet_check(sample->bytes, sample->size, &rules, reason, size);
}

/* An honest object to spoil: it has imports, relocations of both tables, data and versions. */
static inline struct elf_sample elf_honest(void) {
    struct elf_sample sample = elf_compile("#include <stdlib.h>\n#include <math.h>\nextern char **environ;\n"
                                           "static int n, *volatile p = &n; static char ***volatile q = &environ;\n"
                                           "int f(double x){free(malloc((size_t)exp(x))); return *p + (*q == 0);}",
                                           "-lm -Wl,--hash-style=both");
    ck_assert_ptr_nonnull(sample.bytes);
    return sample;
}

#endif
