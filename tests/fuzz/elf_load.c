/* SPDX-License-Identifier: MIT */
/* What the vet accepts goes to the dynamic loader, so the loader is the judge of the vet: mutated shared objects that
 * are accepted are loaded, each by a process of its own, which must come back. A loader that dies or hangs followed
 * something that the vet should have looked at.
 *   elf_load FOLDER_OF_SEEDS TRIES [FIRST_SEED] */
#include <dirent.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/sandbox/elfvet.h"
#include "tests/fuzz/fuzz.h"

enum { OBJECT_BYTES = 1 << 16, SEEDS_MAX = 16, PATIENCE_S = 20 };

struct object {
    char name[64];
    size_t size;
    uint8_t bytes[OBJECT_BYTES];
};

/* In place of libFuzzer's. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) {
    (void)max_size;
    for (int i = 1 + rand() % 3; i > 0 && size > 0; i--)
        data[(size_t)rand() % size] ^= (uint8_t)(1 << rand() % 8);
    return size;
}

static size_t read_seeds(const char *folder, struct object *seed) {
    DIR *entries = opendir(folder);
    size_t count = 0;
    for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *file = entry->d_name[0] != '.' && count < SEEDS_MAX ? fopen(path, "rb") : NULL;
        if (file == NULL)
            continue;
        snprintf(seed[count].name, sizeof seed[count].name, "%.60s", entry->d_name);
        seed[count].size = fread(seed[count].bytes, 1, OBJECT_BYTES, file);
        fclose(file);
        count++;
    }
    if (entries != NULL)
        closedir(entries);
    return count;
}

static bool accepted(const struct object *object) {
    static const char *const libraries[] = {"libc.so.6", "libm.so.6", "libgomp.so.1", "ld-linux-x86-64.so.2", NULL};
    static const char *const entries[] = {"f", NULL};
    const struct elfvet_rules rules = {.needed = libraries, .image_bytes = UINT64_C(64) << 20, .entry = entries};
    char reason[200];
    return elfvet_check(object->bytes, object->size, &rules, reason, sizeof reason) == 0;
}

/* The wait status of a process that loads the object and looks up its entry, but never calls it. */
static int load(const struct object *object) {
    int fd = memfd_create("object", 0), status = -1;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    MUST(write(fd, object->bytes, object->size) == (ssize_t)object->size, "no file to load");
    pid_t pid = fork();
    MUST(pid >= 0, "no process to load in");
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        alarm(PATIENCE_S);
        void *loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        _exit(loaded != NULL && dlsym(loaded, "f") != NULL ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    close(fd);
    return status;
}

static void keep(const struct object *object, unsigned number) {
    char path[64];
    snprintf(path, sizeof path, "elf_load-%u.so", number);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return;
    fwrite(object->bytes, 1, object->size, file);
    fclose(file);
}

int main(int argc, char **argv) {
    static struct object seed[SEEDS_MAX], object;
    size_t count = argc >= 3 ? read_seeds(argv[1], seed) : 0;
    unsigned tries = argc >= 3 ? (unsigned)atoi(argv[2]) : 0, first = argc >= 4 ? (unsigned)atoi(argv[3]) : 1;
    unsigned taken = 0, loaded = 0, died = 0;
    if (count == 0 || tries == 0) {
        fprintf(stderr, "usage: elf_load FOLDER_OF_SEEDS TRIES [FIRST_SEED]\n");
        return 2;
    }
    dlopen("libm.so.6", RTLD_NOW); /* loaded once here instead of once in each child */
    for (unsigned i = first; i < first + tries; i++) {
        object = seed[i % count];
        for (unsigned changes = 0; changes < 1 + i % 3; changes++)
            object.size = LLVMFuzzerCustomMutator(object.bytes, object.size, object.size, 8 * i + changes);
        if (!accepted(&object))
            continue;
        int status = load(&object);
        taken++;
        loaded += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!WIFSIGNALED(status))
            continue;
        died++;
        keep(&object, i);
        printf("%s with the seed %u: the loader died of signal %d; see elf_load-%u.so\n", object.name, i,
               WTERMSIG(status), i);
    }
    printf("%u tried, %u accepted, %u loaded, %u killed the loader\n", tries, taken, loaded, died);
    return died > 0 || loaded == 0;
}
