/* SPDX-License-Identifier: MIT */
/* Objects for a challenge that gives no memory: what they bring along is measured, what they call is known. */
#include "grader/sandbox/elfvet.h"

#include <check.h>
#include <stdbool.h>

#include "tests/grader/sandbox/elf_sample.h"

enum { STATIC_BYTES = 16 << 10 };

static int vet(const struct elf_sample *sample, uint64_t static_bytes, bool no_allocation, char *call, char *reason,
               size_t size) {
    static const char *const libraries[] = {"libc.so.6", "libm.so.6", "libmvec.so.1", "ld-linux-x86-64.so.2", NULL};
    static const char *const entries[] = {"f", NULL};
    const struct elfvet_rules rules = {.needed = libraries,
                                       .image_bytes = UINT64_C(64) << 20,
                                       .entry = entries,
                                       .static_bytes = static_bytes,
                                       .no_allocation = no_allocation,
                                       .call = call};
    reason[0] = '\0';
    return elfvet_check(sample->bytes, sample->size, &rules, reason, size);
}

static const struct source {
    const char *name, *text, *flags;
    const char *reason; /* part of the clause; NULL if it must be accepted */
    const char *call;   /* "" where something else is refused */
} sources[] = {
    {"plain", "int f(void){return 1;}", "", NULL, ""},
    {"a small table", "static int a[1000]; int f(int i){return a[i]++;}", "", NULL, ""},
    {"a large constant table", "static const int a[100000] = {1}; int f(int i){return a[i];}", "", NULL, ""},
    {"mathematics", "#include <math.h>\nfloat f(float x){return expf(x) + (float)pow(x, 3) + (float)sinl(x);}", "-lm",
     NULL, ""},
    {"vectors of it", "#include <math.h>\nvoid f(float *x){for (int i = 0; i < 99; i++) x[i] = expf(x[i]);}",
     "-O3 -ffast-math -march=x86-64-v3 -lm", NULL, ""},
    {"copies", "#include <string.h>\nvoid f(char *a, char *b, int n){memcpy(a,b,n); memset(a,n,n); memmove(a,b,n/2);}",
     "", NULL, ""},
    {"copies that check",
     "#include <stdio.h>\n#include <string.h>\nint f(const char *a, int n){char b[99]; memcpy(b,a,n); memset(b+n,1,n); "
     "return printf(\"%d\\n\", b[n]);}",
     "-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2", NULL, ""},
    {"a checked call of an unknown one", "int __memcpy2_chk(int); int f(int x){return __memcpy2_chk(x);}", "",
     "may allocate", "__memcpy2_chk"},
    {"nothing checked", "int ___chk(int); int f(int x){return ___chk(x);}", "", "may allocate", "___chk"},
    {"finding mistakes",
     "#include <stdio.h>\n#include <assert.h>\nvoid f(int n){assert(n); fprintf(stderr,\"%d\",n);"
     "puts(\"a\"); fflush(stdout);}",
     "", NULL, ""},
    {"thread-local, small", "static __thread int n = 3; int f(void){return n++;}", "", NULL, ""},
    {"an array too much", "static int a[5000]; int f(int i){return a[i]++;}", "", "static data", ""},
    {"initialised array", "static int a[5000] = {1}; int f(int i){return a[i]++;}", "", "static data", ""},
    {"thread-local array", "static __thread int a[5000]; int f(int i){return a[i]++;}", "", "static data", ""},
    {"initialised thread-local array", "static __thread int a[5000] = {1}; int f(int i){return a[i]++;}", "",
     "static data", ""},
    {"malloc", "#include <stdlib.h>\nvoid *f(int n){return malloc(n);}", "", "calls malloc", "malloc"},
    {"free is harmless", "#include <stdlib.h>\nvoid f(void *p){free(p);}", "", NULL, ""},
    {"calloc", "#include <stdlib.h>\nvoid *f(int n){return calloc(n,4);}", "", "calls calloc", "calloc"},
    {"aligned", "#include <stdlib.h>\nvoid *f(int n){return aligned_alloc(64,n);}", "", "may allocate",
     "aligned_alloc"},
    {"mmap", "#include <sys/mman.h>\nvoid *f(int n){return mmap(0,n,3,34,-1,0);}", "", "may allocate", "mmap"},
    {"sbrk", "#include <unistd.h>\nvoid *f(int n){return sbrk(n);}", "-D_GNU_SOURCE", "may allocate", "sbrk"},
    {"syscall", "#include <unistd.h>\nlong f(int n){return syscall(9,0,n,3,34,-1,0);}", "-D_GNU_SOURCE", "may allocate",
     "syscall"},
    {"behind a pointer",
     "#include <stdlib.h>\nstatic void *(*volatile g)(size_t) = malloc; void *f(int n){return g(n);}", "",
     "may allocate", "malloc"},
    {"weak", "void *malloc(unsigned long) __attribute__((weak)); void *f(int n){return malloc ? malloc(n) : 0;}", "",
     "may allocate", "malloc"},
    {"by another name", "void *g(unsigned long) __asm__(\"malloc\"); void *f(int n){return g(n);}", "", "may allocate",
     "malloc"},
    {"an older version",
     "__asm__(\".symver g,malloc@GLIBC_2.2.5\"); void *g(unsigned long); void *f(int n){return g(n);}", "",
     "may allocate", "malloc"},
    {"allocates inside",
     "#include <stdlib.h>\nvoid f(int *a, int n, int (*g)(const void *,const void *)){qsort(a,n,4,g);}", "",
     "calls qsort", "qsort"},
    {"a lookup", "#include <dlfcn.h>\nvoid *f(void){return dlsym(0,\"malloc\");}", "", "may allocate", "dlsym"},
    {"a thread's stack",
     "#include <pthread.h>\nstatic void *g(void *a){return a;} int f(void){pthread_t t; "
     "return pthread_create(&t,0,g,0);}",
     "-pthread", "may allocate", "pthread_create"},
    {"longer than a known name", "int expfl(int); int f(int x){return expfl(x);}", "", "may allocate", "expfl"},
    {"the beginning of a known name", "int ex(int); int f(int x){return ex(x);}", "", "may allocate", "ex"},
    {"an odd name", "int a$b(void); int f(void){return a$b();}", "", "calls a$b", "a$b"},
};

START_TEST(objects_are_judged) {
    const struct source *source = &sources[_i];
    char reason[200], call[ELFVET_CALL] = "left";
    struct elf_sample sample = elf_compile(source->text, source->flags);
    ck_assert_msg(sample.bytes != NULL, "%s: does not compile", source->name);
    const int verdict = vet(&sample, STATIC_BYTES, true, call, reason, sizeof reason);
    ck_assert_msg(verdict == (source->reason == NULL ? 0 : -1), "%s: verdict %d, '%s'", source->name, verdict, reason);
    ck_assert_msg(source->reason == NULL || strstr(reason, source->reason) != NULL, "%s: '%s'", source->name, reason);
    ck_assert_msg(strcmp(call, source->call) == 0, "%s: call '%s'", source->name, call);
    ck_assert_msg(vet(&sample, 0, false, NULL, reason, sizeof reason) == 0, "%s without limits: '%s'", source->name,
                  reason);
    ck_assert_int_eq(vet(&sample, STATIC_BYTES, true, NULL, reason, sizeof reason), verdict);
    free(sample.bytes);
}
END_TEST

/* An object of 5000 ints: the limit is met to the kilobyte or so that the linker's own tables take. */
START_TEST(the_limit_is_where_it_says) {
    char reason[200];
    struct elf_sample sample = elf_compile("static int a[5000]; int f(int i){return a[i]++;}", "");
    ck_assert_ptr_nonnull(sample.bytes);
    ck_assert_int_eq(vet(&sample, 20000, false, NULL, reason, sizeof reason), -1);
    ck_assert_int_eq(vet(&sample, 20000 + 2048, false, NULL, reason, sizeof reason), 0);
    free(sample.bytes);
}
END_TEST

START_TEST(a_long_name_is_cut) {
    char reason[200], call[ELFVET_CALL];
    struct elf_sample sample = elf_compile(
        "int a234567890123456789012345678901234567890123456789012345678901234567890("
        "void); int f(void){return a234567890123456789012345678901234567890123456789012345678901234567890();}",
        "");
    ck_assert_ptr_nonnull(sample.bytes);
    ck_assert_int_eq(vet(&sample, 0, true, call, reason, sizeof reason), -1);
    ck_assert_uint_eq(strlen(call), ELFVET_CALL - 1);
    free(sample.bytes);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("elfvet_memory");
    TCase *cases = tcase_create("objects");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, objects_are_judged, 0, (int)(sizeof sources / sizeof *sources));
    tcase_add_test(cases, the_limit_is_where_it_says);
    tcase_add_test(cases, a_long_name_is_cut);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
