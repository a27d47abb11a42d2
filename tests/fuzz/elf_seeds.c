/* SPDX-License-Identifier: MIT */
/* Writes the seeds of the target elfvet into a folder: compiled on the spot, because a compiled file does not belong
 * into a source tree.   elf_seeds FOLDER */
#include <stdio.h>

#include "tests/grader/sandbox/elf_sample.h"

/* Small: no page of padding between the segments, so that most mutations hit something. */
#define SMALL " -s -Wl,-z,noseparate-code -Wl,--build-id=none -fvisibility=hidden"

/* The vet wants the entry exported and nothing else. */
#define ENTRY "__attribute__((visibility(\"default\"))) int f"

static const struct {
    const char *name, *source, *flags;
} seed[] = {
    {"plain", ENTRY "(void){return 1;}", "-Wl,-z,now" SMALL},
    {"honest",
     "#include <stdlib.h>\n#include <math.h>\nint g; int *p = &g;\n" ENTRY
     "(double x){free(malloc((size_t)exp(x))); return *p;}",
     "-lm -Wl,--hash-style=both -Wl,-z,relro -Wl,-z,now" SMALL},
    {"old_hash", "#include <stdlib.h>\n" ENTRY "(void){return rand();}", "-Wl,--hash-style=sysv -Wl,-z,lazy" SMALL},
    {"thread_local", "__thread int t; static __thread int u = 3; " ENTRY "(void){return t++ + u++;}",
     "-Wl,-z,now" SMALL},
    {"constructor", "int g; __attribute__((constructor)) static void c(void){g = 1;} " ENTRY "(void){return g;}",
     SMALL},
    {"ifunc",
     "static int one(void){return 1;} static void *pick(void){return one;}"
     "int g(void) __attribute__((ifunc(\"pick\"))); " ENTRY "(void){return g();}",
     SMALL},
    {"separate", "#include <math.h>\nint g[99]; " ENTRY "(double x){return g[(int)sin(x)];}",
     "-lm -s -fvisibility=hidden"},
};

int main(int argc, char **argv) {
    char path[1024];
    for (size_t i = 0; argc == 2 && i < sizeof seed / sizeof *seed; i++) {
        struct elf_sample sample = elf_compile(seed[i].source, seed[i].flags);
        snprintf(path, sizeof path, "%s/%s", argv[1], seed[i].name);
        FILE *file = sample.bytes != NULL ? fopen(path, "wb") : NULL;
        if (file == NULL || fwrite(sample.bytes, 1, sample.size, file) != sample.size || fclose(file) != 0) {
            fprintf(stderr, "elf_seeds: %s cannot be made\n", path);
            return 1;
        }
        free(sample.bytes);
    }
    return argc == 2 ? 0 : 2;
}
