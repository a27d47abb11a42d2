/* SPDX-License-Identifier: MIT */
/* See plan.h: the seed, the id, and whether a folder already holds this run. */
#include "harness/batch/plan.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "harness/batch/plan_part.h"
#include "harness/heap.h"
#include "harness/store/keep.h"

enum { RUN_ID_MAX = 64 };

static crypto_generichash_state *state_of(struct plan_list_hash *hash) {
    _Static_assert(sizeof(crypto_generichash_state) <= sizeof hash->state, "the hash state fits");
    return (crypto_generichash_state *)hash->state;
}

void plan_list_begin(struct plan_list_hash *hash) {
    crypto_generichash_init(state_of(hash), NULL, 0, 32);
}

/* The NUL at the end parts one text from the next. */
void plan_list_add(struct plan_list_hash *hash, const char *task, const char *inputs) {
    crypto_generichash_update(state_of(hash), (const unsigned char *)task, strlen(task) + 1);
    crypto_generichash_update(state_of(hash), (const unsigned char *)inputs, strlen(inputs) + 1);
}

void plan_list_end(struct plan_list_hash *hash, char text[65]) {
    unsigned char bytes[32];
    crypto_generichash_final(state_of(hash), bytes, sizeof bytes);
    sodium_bin2hex(text, 65, bytes, sizeof bytes);
}

void plan_id(const char *commitment, const char *list, char id[PLAN_ID]) {
    struct plan_list_hash hash;
    char text[65];
    plan_list_begin(&hash);
    plan_list_add(&hash, "harness run", commitment);
    plan_list_add(&hash, "", list);
    plan_list_end(&hash, text);
    memcpy(id, text, PLAN_ID - 1);
    id[PLAN_ID - 1] = '\0';
}

/* The store speaks of seeds in the same way, so what was graded with one seed can be found there. */
static int commit(uint64_t seed, char text[65], struct error *err) {
    char *reference = keep_seed_reference(seed);
    const bool good = reference[0] != '\0' && strlen(reference) < 65;
    if (good)
        strcpy(text, reference);
    free(reference);
    return good ? 0 : error_set(err, ERROR_HARNESS, "there is no memory left to commit to a seed.");
}

static bool is_hex(const char *text) {
    return strlen(text) == PLAN_ID - 1 && strspn(text, "0123456789abcdef") == PLAN_ID - 1;
}

/* A name becomes part of job names and of JSON; one of 16 hex digits could be taken for one that was made. */
static int check_run_id(const char *id, struct error *err) {
    static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
    if (strlen(id) <= RUN_ID_MAX && strspn(id, ALLOWED) == strlen(id) && id[0] != '-' && id[0] != '.' && !is_hex(id))
        return 0;
    return error_set(
        err, ERROR_USER,
        "option --run-id cannot be '%s'; it is a name of at most %d letters, digits and '._+-' that begins "
        "with a letter or digit, and not 16 hexadecimal digits.",
        id, RUN_ID_MAX);
}

static int make_folder(const char *results, struct error *err) {
    char *path = heap_format("%s", results);
    int code = 0;
    for (char *slash = path; code == 0 && slash != NULL;) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        code = mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : errno;
        if (slash != NULL)
            *slash = '/';
    }
    free(path);
    struct stat info;
    if (code == 0 && stat(results, &info) == 0 && !S_ISDIR(info.st_mode))
        code = ENOTDIR;
    if (code == 0)
        return 0;
    return error_set(err, code == ENOSPC || code == EIO ? ERROR_HARNESS : ERROR_USER,
                     "cannot make the folder '%s' for results: %s; name another one with --results.", results,
                     strerror(code));
}

/* The seed of the command line or the environment; else the one that the folder remembers; else a new one. */
static int choose_seed(const struct options *options, const struct plan_file *file, struct plan *plan,
                       struct error *err) {
    plan->seed_secret = !options->seed_given || options->seed_secret;
    plan->seed = options->seed;
    if (!options->seed_given && file != NULL) {
        plan->seed = file->seed;
        plan->seed_secret = file->seed_secret;
    } else if (!options->seed_given && getrandom(&plan->seed, sizeof plan->seed, 0) != (ssize_t)sizeof plan->seed) {
        return error_errno(err, "cannot draw a random seed (give one with --seed)");
    }
    return commit(plan->seed, plan->commitment, err);
}

static int make_plan(const struct submissions *list, const struct options *options, const char *words,
                     const struct plan_file *file, struct plan *plan, struct error *err) {
    char id[PLAN_ID];
    if (choose_seed(options, file, plan, err) != 0)
        return -1;
    plan_make_tasks(list, words, plan);
    plan_id(plan->commitment, plan->list, id);
    const char *run = options->run_id != NULL ? options->run_id : file != NULL && file->named ? file->run : id;
    free(plan->run);
    plan->run = heap_copy(run, strlen(run));
    return 0;
}

static void drop_tasks(struct plan *plan) {
    for (size_t i = 0; i < plan->count; i++) {
        char *const text[] = {plan->task[i].task, plan->task[i].person, plan->task[i].challenge, plan->task[i].shown};
        for (size_t k = 0; k < sizeof text / sizeof text[0]; k++)
            free(text[k]);
    }
    free(plan->task);
    plan->task = NULL;
    plan->count = 0;
}

/* Two rounds at most: whoever comes second in writing the file takes what the first one wrote. */
static int open_in(const struct submissions *list, const struct options *options, const char *results,
                   const char *words, struct plan *plan, struct error *err) {
    for (int round = 0; round < 2; round++) {
        struct plan_file file = {0};
        const int there = plan_file_read(results, &file, err);
        int status = there;
        drop_tasks(plan);
        if (there >= 0)
            status = make_plan(list, options, words, there ? &file : NULL, plan, err);
        if (there == 1 && status == 0)
            status = plan_file_compare(results, &file, plan, options, words, err);
        plan_file_release(&file);
        if (there != 0 || status != 0)
            return status;
        status = plan_file_write(results, plan, words, options->run_id != NULL, err);
        if (status != 0)
            return status < 0 ? -1 : 0;
    }
    return error_set(err, ERROR_HARNESS,
                     "the file '%s/run.json' comes and goes; is somebody else removing results there?", results);
}

int plan_open(const struct submissions *list, const struct options *options, const char *results, struct plan *plan,
              struct error *err) {
    *plan = (struct plan){.shard = {.index = 1, .count = 1}};
    if (sodium_init() < 0)
        return error_set(err, ERROR_HARNESS, "libsodium finds no source of random numbers here.");
    if (shard_parse(options->shard != NULL ? options->shard : "1/1", options->shard_by, &plan->shard, err) != 0 ||
        (options->run_id != NULL && check_run_id(options->run_id, err) != 0))
        return -1;
    char *words = plan_options(options);
    int status;
    if (results == NULL)
        status = make_plan(list, options, words, NULL, plan, err);
    else
        status = make_folder(results, err) == 0 ? open_in(list, options, results, words, plan, err) : -1;
    free(words);
    if (status != 0)
        plan_release(plan);
    return status;
}

void plan_release(struct plan *plan) {
    drop_tasks(plan);
    free(plan->run);
    *plan = (struct plan){0};
}
