/* SPDX-License-Identifier: MIT */
/* What a compiler can be made to produce, and noise. */
#include "grader/sandbox/elfvet.h"

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/grader/sandbox/elf_sample.h"

static const struct source {
    const char *name, *text, *flags;
    const char *reason; /* part of the clause; NULL if it must be accepted */
} sources[] = {
    {"plain", "int f(void){return 1;}", "", NULL},
    {"data and imports", "#include <stdlib.h>\nstatic int *p; int f(void){p = malloc(4); return p == 0;}", "", NULL},
    {"pointers to itself", "static int a; static int *p[] = {&a, &a}; int f(int i){return *p[i];}", "", NULL},
    {"mathematics", "#include <math.h>\nfloat f(float x){return expf(x) + sinf(x);}", "-lm", NULL},
    {"OpenMP", "int f(int n){int s=0;\n#pragma omp parallel for reduction(+:s)\nfor(int i=0;i<n;i++)s+=i;return s;}",
     "-fopenmp", NULL},
    {"threads",
     "#include <pthread.h>\nstatic void *g(void *a){return a;} int f(void){pthread_t t; "
     "return pthread_create(&t,0,g,0);}",
     "-pthread", NULL},
    {"thread-local data", "static __thread int n = 3; int f(void){return n++;}", "", NULL},
    {"old hash table", "int f(void){return 1;}", "-Wl,--hash-style=sysv", NULL},
    {"both hash tables", "int f(void){return 1;}", "-Wl,--hash-style=both", NULL},
    {"bind now", "int puts(const char*); int f(void){return puts(\"\");}", "-Wl,-z,now,-z,relro -lc", NULL},
    {"static array", "static char a[16<<20]; int f(int i){return a[i]++;}", "", NULL},
    {"constructor", "static int n; __attribute__((constructor)) void g(void){n++;} int f(void){return n;}", "",
     "constructor"},
    {"constructor by hand",
     "static void g(void){} __attribute__((section(\".init_array\"),used)) void *p=g; "
     "int f(void){return 1;}",
     "", "constructor"},
    {"destructor", "__attribute__((destructor)) void g(void){} int f(void){return 1;}", "", "destructor"},
    {"_init", "void _init(void){} int f(void){return 1;}", "", "_init"},
    {"_fini", "void _fini(void){} int f(void){return 1;}", "", "_fini"},
    {"ordinary start files", "int f(void){return 1;}", "-startfiles", "_init"},
    {"ifunc",
     "static int g(void){return 1;} static void *r(void){return g;} "
     "int f(void) __attribute__((ifunc(\"r\")));",
     "", "ifunc"},
    {"hidden ifunc",
     "static int g(void){return 1;} static void *r(void){return g;} "
     "static int h(void) __attribute__((ifunc(\"r\"))); int f(void){return h();}",
     "", "ifunc"},
    {"another library", "int f(void){return 1;}", "-Wl,--no-as-needed -lresolv", "libresolv.so"},
    {"DT_NEEDED by assembler",
     "__asm__(\".section .dynamic,\\\"aw\\\",@progbits\\n.quad 1,1\\n.text\");"
     "int f(void){return 1;}",
     "", "not allowed"},
    {"interpreter by assembler",
     "__asm__(\".section .interp,\\\"a\\\",@progbits\\n.asciz \\\"/bin/sh\\\"\\n.text\");"
     "int f(void){return 1;}",
     "", "interpreter"},
    {"relocation by assembler",
     "__asm__(\".section .rela.dyn,\\\"a\\\",@progbits\\n.quad 0x200000,8,0\\n.text\");"
     "static int n; static int *volatile p=&n; int f(void){return *p;}",
     "", "relocation"},
    {"executable stack", "int f(void){return 1;}", "-z execstack", "executable stack"},
    {"executable stack by assembler",
     "__asm__(\".section .note.GNU-stack,\\\"x\\\",@progbits\\n.text\");"
     "int f(void){return 1;}",
     "", "executable stack"},
    {"writable code", "int f(void){return 1;}", "-nostdlib -Wl,--omagic", "writable and executable"},
    {"one segment for all", "static int n; static int *p=&n; int f(void){return *p;}", "-nostdlib -Wl,-N",
     "writable and executable"},
    {"relocations in code", "static int n; __asm__(\".text\\n.quad f\"); int f(void){return n;}", "-Wl,-z,notext",
     "relocations in its code"},
    {"huge static array", "static char a[1ul<<40]; int f(long i){return a[i]++;}", "-mcmodel=large", "too large"},
    {"large static array", "static char a[100<<20]; int f(int i){return a[i]++;}", "", "KiB in memory"},
    {"RUNPATH", "int f(void){return 1;}", "-Wl,-rpath,/tmp", "RUNPATH"},
    {"RPATH", "int f(void){return 1;}", "-Wl,--disable-new-dtags,-rpath,/tmp", "RPATH"},
    {"audit library", "int f(void){return 1;}", "-Wl,--audit,/tmp/a.so", "audit"},
    {"filter", "int f(void){return 1;}", "-Wl,-F,libc.so.6", "filter"},
    {"initialised first", "int f(void){return 1;}", "-Wl,-z,initfirst", "dynamic entry"},
    {"global", "int f(void){return 1;}", "-Wl,-z,global", "dynamic entry"},
    {"hook of other libraries", "void __gmon_start__(void){} int f(void){return 1;}", "", "exports __gmon_start__"},
    {"weak hook of other libraries",
     "__attribute__((weak)) void _ITM_registerTMCloneTable(void){} int f(void){return 1;}", "", "exports _ITM_"},
    {"second function", "int g(void){return 1;} int f(void){return g();}", "", "exports g"},
    {"second function hidden",
     "__attribute__((visibility(\"hidden\"))) int g(void){return 1;} int f(void){return g();}", "", NULL},
    {"exported data", "int g = 1; int f(void){return g;}", "", "exports g"},
    {"entry missing", "int g(void){return 1;}", "", "does not define the function f"},
    {"entry hidden", "__attribute__((visibility(\"hidden\"))) int f(void){return 1;}", "", "does not define"},
    {"entry only called", "int f(void); int g(void){return f();}", "", "does not define"},
    {"entry is data", "int f = 1;", "", "not as a function"},
    {"entry in data", "int g = 1; __asm__(\".globl f\\n.type f,@function\\n.set f,g\");", "", "not as a function"},
};

START_TEST(compiled_files_are_judged) {
    const struct source *source = &sources[_i];
    char reason[200];
    struct elf_sample sample = elf_compile(source->text, source->flags);
    if (sample.bytes == NULL) {
        ck_assert_msg(source->reason != NULL, "%s: does not compile", source->name);
        printf("SKIP %s: this compiler refuses it by itself\n", source->name);
        return;
    }
    int verdict = elf_vet(&sample, reason, sizeof reason);
    if (source->reason == NULL)
        ck_assert_msg(verdict == 0, "%s: refused because it %s", source->name, reason);
    else
        ck_assert_msg(verdict == -1 && strstr(reason, source->reason) != NULL, "%s: verdict %d, reason '%s'",
                      source->name, verdict, reason);
    free(sample.bytes);
}
END_TEST

/* What lies behind the last segment is no part of the image; the file may lack it. */
START_TEST(cut_files_are_refused) {
    char reason[200];
    struct elf_sample sample = elf_honest();
    const Elf64_Phdr *load = elf_segment(&sample, PT_LOAD);
    size_t end = 0;
    for (int i = 0; load[i].p_type == PT_LOAD; i++)
        end = load[i].p_offset + load[i].p_filesz;
    for (size_t size = 0; size < sample.size; size += 64) {
        struct elf_sample copy = elf_cut(&sample, size);
        int verdict = elf_vet(&copy, reason, sizeof reason);
        ck_assert_msg(verdict == (size < end ? -1 : 0), "%zu of %zu bytes: verdict %d, '%s'", size, sample.size,
                      verdict, reason);
        free(copy.bytes);
    }
    free(sample.bytes);
}
END_TEST

/* Mostly about the sanitizers: no value anywhere may lead the vet out of the file. A clause comes with each refusal. */
START_TEST(random_changes_never_lead_outside) {
    char reason[200];
    struct elf_sample sample = elf_honest(), copy = elf_cut(&sample, sample.size);
    uint64_t state = 88172645463325252u;
    int refused = 0;
    for (int i = 0; i < 20000; i++) {
        memcpy(copy.bytes, sample.bytes, sample.size);
        for (int k = 0; k <= i % 4; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            /* Half of the changes go to the headers and tables of the first pages. */
            size_t at = (size_t)(state >> 20) % (k % 2 == 0 ? 2048 : sample.size);
            copy.bytes[at] = (unsigned char)(state >> 56);
        }
        int verdict = elf_vet(&copy, reason, sizeof reason);
        ck_assert(verdict == 0 || (verdict == -1 && reason[0] != '\0'));
        refused += verdict != 0;
    }
    ck_assert_int_gt(refused, 1000);
    free(copy.bytes);
    free(sample.bytes);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("elfvet");
    TCase *cases = tcase_create("files");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, compiled_files_are_judged, 0, (int)(sizeof sources / sizeof *sources));
    tcase_add_test(cases, cut_files_are_refused);
    tcase_add_test(cases, random_changes_never_lead_outside);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
