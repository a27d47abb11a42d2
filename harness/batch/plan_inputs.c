/* SPDX-License-Identifier: MIT */
/* What a result depends on, as one hash for each task: a result file counts only for the inputs that it was made
 * from. */
#include <dirent.h>
#include <harness_paths.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "grader/dataset.h"
#include "grader/spec.h"
#include "harness/batch/plan_part.h"
#include "harness/heap.h"

struct hash {
    crypto_generichash_state state;
};

static void hash_open(struct hash *hash) {
    crypto_generichash_init(&hash->state, NULL, 0, 32);
}

/* The length goes first, so that one text cannot run into the next. */
static void hash_bytes(struct hash *hash, const void *bytes, size_t size) {
    const uint64_t length = size;
    crypto_generichash_update(&hash->state, (const unsigned char *)&length, sizeof length);
    crypto_generichash_update(&hash->state, bytes, size);
}

static void hash_text(struct hash *hash, const char *text) {
    hash_bytes(hash, text, strlen(text));
}

static void hash_close(struct hash *hash, char text[65]) {
    unsigned char bytes[32];
    crypto_generichash_final(&hash->state, bytes, sizeof bytes);
    sodium_bin2hex(text, 65, bytes, sizeof bytes);
}

/* What cannot be read makes the challenge broken, and that is for its gradings to say. */
static void hash_file(struct hash *hash, const char *path) {
    enum { BLOCK = 1 << 16 };
    unsigned char block[BLOCK];
    FILE *file = fopen(path, "re");
    uint64_t total = file != NULL ? 0 : UINT64_MAX;
    for (size_t got; file != NULL && (got = fread(block, 1, sizeof block, file)) > 0; total += got)
        crypto_generichash_update(&hash->state, block, got);
    if (file != NULL)
        fclose(file);
    crypto_generichash_update(&hash->state, (const unsigned char *)&total, sizeof total);
}

/* Texts for people decide nothing; everything else that lies in the folder might. Solutions lie one folder deeper. */
static int is_input(const struct dirent *entry) {
    const char *name = entry->d_name, *dot = strrchr(name, '.');
    return name[0] != '.' && strcmp(name, "starter.c") != 0 && (dot == NULL || strcmp(dot, ".md") != 0);
}

static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void hash_folder(struct hash *hash, const char *directory) {
    struct dirent **entry = NULL;
    int count = scandir(directory, &entry, is_input, by_name);
    for (int i = 0; i < count; i++) {
        struct stat info;
        char *path = heap_format("%s/%s", directory, entry[i]->d_name);
        if (stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
            hash_text(hash, entry[i]->d_name);
            hash_file(hash, path);
        }
        free(path);
        free(entry[i]);
    }
    free(entry);
}

/* Data sets may lie elsewhere. A spec that cannot be read gives the same verdict whatever they hold. */
static void hash_datasets(struct hash *hash, const char *directory) {
    struct spec *spec = NULL;
    struct error ignored;
    if (spec_load(directory, &spec, &ignored) != 0)
        return;
    for (size_t i = 0; i < spec->dataset_count; i++) {
        hash_text(hash, spec->dataset[i]->name);
        hash_file(hash, spec->dataset[i]->path);
    }
    spec_free(spec);
}

/* Each challenge is hashed once, however many have solved it. */
struct pack_hash {
    const struct pack *pack;
    char text[65];
};

struct pack_hashes {
    size_t count;
    struct pack_hash *item;
};

static const char *hash_of_pack(struct pack_hashes *known, const struct pack *pack) {
    struct hash hash;
    for (size_t i = 0; i < known->count; i++)
        if (known->item[i].pack == pack)
            return known->item[i].text;
    known->item = heap_resize(known->item, known->count + 1, sizeof known->item[0]);
    struct pack_hash *item = &known->item[known->count++];
    item->pack = pack;
    hash_open(&hash);
    hash_folder(&hash, pack->directory);
    hash_datasets(&hash, pack->directory);
    hash_close(&hash, item->text);
    return item->text;
}

/* The compiler that the user chose, as a few digits: its name may hold anything, and this goes into a file. */
static void compiler_digits(char digits[9]) {
    const char *compiler = getenv("HARNESS_CC");
    struct hash hash;
    char text[65] = "";
    hash_open(&hash);
    hash_text(&hash, compiler != NULL ? compiler : "");
    hash_close(&hash, text);
    snprintf(digits, 9, "%.8s", compiler != NULL ? text : "usual");
}

char *plan_options(const struct options *options) {
    static const char LEVEL[] = "ABCD";
    char compiler[9];
    compiler_digits(compiler);
    return heap_format("timing=%s budget=%lldms threads=%u sandbox=%c..%c%s compiler=%s",
                       options->no_timing ? "no" : "yes", (long long)(options->timing_budget_s * 1e3), options->threads,
                       LEVEL[options->require & 3], LEVEL[options->at_most & 3], options->require_given ? "" : "?",
                       compiler);
}

static char *copy(const char *text) {
    return heap_copy(text, strlen(text));
}

static void make_task(const struct submission *item, const char *options, const char *commitment,
                      struct pack_hashes *known, struct plan_task *task) {
    struct hash hash;
    hash_open(&hash);
    hash_text(&hash, HARNESS_VERSION);
    hash_text(&hash, options);
    hash_text(&hash, commitment);
    hash_text(&hash, item->task);
    hash_text(&hash, item->sha256);
    hash_text(&hash, item->pack != NULL ? hash_of_pack(known, item->pack) : "");
    hash_text(&hash, item->problem != NULL ? "problem" : "");
    hash_close(&hash, task->inputs);
    task->task = copy(item->task);
    task->person = copy(item->person);
    task->challenge = copy(item->pack != NULL ? item->pack->id : "");
    task->shown = copy(item->shown);
}

void plan_make_tasks(const struct submissions *list, const char *options, struct plan *plan) {
    struct pack_hashes known = {0};
    struct plan_list_hash hash;
    plan->task = heap_zeroed(list->count, sizeof plan->task[0]);
    plan->count = list->count;
    plan_list_begin(&hash);
    for (size_t i = 0; i < list->count; i++) {
        struct plan_task *task = &plan->task[i];
        make_task(&list->item[i], options, plan->commitment, &known, task);
        task->submission = i;
        plan_list_add(&hash, task->task, task->inputs);
    }
    plan_list_end(&hash, plan->list);
    free(known.item);
}
