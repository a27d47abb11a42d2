/* SPDX-License-Identifier: MIT */
/* See keep.h. */
#include "harness/store/keep.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/command.h"
#include "harness/heap.h"
#include "harness/store/standing.h"
#include "harness/store/store.h"
#include "harness/text_escape.h"

int keep_check(const struct options *options, struct error *err) {
    struct store *store;
    if (options->store == NULL || options->no_store)
        return 0;
    if (store_open(options->store, &store, err) != 0)
        return -1;
    store_close(store);
    return 0;
}

char *keep_seed_reference(uint64_t seed) {
    enum { PASSES = 1, MEMORY_BYTES = 8 << 20, BYTES = 16 };
    static const unsigned char salt[crypto_pwhash_SALTBYTES] = "harness seed 1";
    unsigned char digest[BYTES];
    char text[2 * BYTES + 1];
    if (crypto_pwhash(digest, sizeof digest, (const char *)&seed, sizeof seed, salt, PASSES, MEMORY_BYTES,
                      crypto_pwhash_ALG_ARGON2ID13) != 0)
        return heap_format("%s", "");
    sodium_bin2hex(text, sizeof text, digest, sizeof digest);
    return heap_format("argon2id:%s", text);
}

static void complain(struct keep *keep, const struct error *error) {
    if (keep->complained)
        return;
    keep->complained = true;
    char *text = text_escape(error->text, strlen(error->text), screen_is_utf8());
    fprintf(stderr, "harness: not kept: %s\n", text);
    free(text);
}

/* A relative name means another file in another folder. The caller frees. */
static char *task_of(const char *file) {
    char *path = realpath(file, NULL);
    return path != NULL ? path : heap_format("%s", file);
}

static int put(struct store *store, const struct report_item *item, const struct result *result, time_t started,
               int64_t *number, struct error *err) {
    char host[256] = "", when[32];
    struct tm utc;
    gethostname(host, sizeof host - 1);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&started, &utc));
    char *task = task_of(item->file), *seed = keep_seed_reference(item->grade->seed);
    const struct store_source source = {.run = "",
                                        .task = task,
                                        .person = "",
                                        .shard = "",
                                        .host = host,
                                        .command = "run",
                                        .started = when,
                                        .seed_reference = seed};
    int status = store_put(store, &source, result, number, err);
    free(seed);
    free(task);
    return status;
}

void keep_put_words(const struct screen *screen, const char *words) {
    while (*words != '\0') {
        size_t size = strcspn(words, "\n");
        char *line = heap_copy(words, size);
        screen_wrap(screen, 2, "%s", line);
        free(line);
        words += size + (words[size] == '\n');
    }
}

static void put_number(const struct screen *screen, int64_t number, const char *store) {
    char *word = store != NULL ? text_shell(store) : heap_format("%s", "");
    char *line = heap_format("  run %" PRId64 "   harness show-run %" PRId64 "%s%s", number, number,
                             store != NULL ? " --store " : "", word);
    if (text_columns(line) <= SCREEN_COLUMNS)
        screen_line(screen, "%s", line);
    else
        screen_line(screen, "  run %" PRId64 "   harness show-run %" PRId64 " --store STORE", number, number);
    free(line);
    free(word);
}

static int keep_result(struct keep *keep, const struct screen *screen, const struct report_item *item,
                       const struct result *result, time_t started, struct error *err) {
    struct store *store;
    struct store_standing standing;
    int64_t number = 0;
    if (store_open(keep->options->store, &store, err) != 0)
        return -1;
    int status = put(store, item, result, started, &number, err);
    if (status == 0)
        status = store_compare(store, number, &standing, err);
    if (status == 0 && !keep->options->quiet) {
        char *words = standing_words(&standing, result, "your");
        keep_put_words(screen, words);
        put_number(screen, number, keep->options->store);
        free(words);
    }
    store_close(store);
    return status;
}

int keep_item(struct keep *keep, const struct screen *screen, const struct report_look *look,
              const struct report_item *item, time_t started) {
    struct result result;
    struct error error;
    if (keep->options->no_store || keep->options->only_case != NULL || item->grade == NULL || item->grade->interrupted)
        return 0;
    char *text = report_json(item, 1, look);
    int status = result_of_text(text, strlen(text), item->file, &result, &error);
    if (status == 0)
        status = keep_result(keep, screen, item, &result, started, &error);
    result_release(&result);
    free(text);
    if (status == 0)
        return 0;
    if (keep->options->store != NULL)
        return command_fail(&error);
    complain(keep, &error);
    return 0;
}
