/* SPDX-License-Identifier: MIT */
/* harness log [ID]: what the store keeps, newest first, a line each. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "grader/machine.h"
#include "harness/command.h"
#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/outfile.h"
#include "harness/report_json_part.h"
#include "harness/store/store.h"
#include "harness/text_escape.h"

enum { SHOWN = 20, FILE_COLUMNS = 14, CHALLENGE_COLUMNS = 16, VERDICT_COLUMNS = 13 };

struct listing {
    const struct options *options;
    struct screen screen;
    struct machine here;
    size_t count;
    bool elsewhere;
    cJSON *runs; /* NULL without --json */
};

/* "11-21 19:20" in the user's own time; the caller frees. */
static char *when_words(const char *started) {
    struct tm utc = {0}, local;
    char words[32];
    const char *end = strptime(started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (end == NULL)
        return heap_format("%.11s", started);
    time_t moment = timegm(&utc);
    strftime(words, sizeof words, "%m-%d %H:%M", localtime_r(&moment, &local));
    return heap_format("%s", words);
}

/* Cut to so many columns and filled up to them; of a name the end tells most. The caller frees. */
static char *fitted(const char *text, size_t columns, bool keep_end, bool utf8) {
    enum { WIDEST = 2 }; /* columns of one character */
    char *safe = text_escape(text, strlen(text), utf8), *from = safe;
    while (keep_end && text_columns(from) > columns)
        from += text_fit(from, 1) > 0 ? text_fit(from, 1) : text_fit(from, WIDEST);
    from[text_fit(from, columns)] = '\0';
    char *out = heap_format("%s%*s", from, (int)(columns - text_columns(from)), "");
    free(safe);
    return out;
}

static bool is_elsewhere(const struct listing *listing, const struct store_row *row) {
    return row->level != '-' &&
           (strcmp(row->cpu, listing->here.cpu) != 0 || row->cores != (int64_t)listing->here.cores);
}

static void put_more(const struct screen *screen, const struct store_row *row) {
    char *host = row->host[0] != '\0' ? heap_format("%s: ", row->host) : heap_format("%s", "");
    screen_wrap(screen, 6, "harness %s, %s, challenge version %s, %s", row->command, row->started, row->version,
                row->file);
    if (row->level != '-')
        screen_wrap(screen, 6, "%s%s, %" PRId64 " cores, sandbox level %c", host, row->cpu, row->cores, row->level);
    screen_wrap(screen, 6, "run %s, task %s, sha256 %.16s", row->run, row->task, row->sha256);
    free(host);
}

static void put_row(struct listing *listing, const struct store_row *row) {
    const struct screen *screen = &listing->screen;
    char speed[FORMAT_SIZE] = "-", points[FORMAT_SIZE];
    bool elsewhere = is_elsewhere(listing, row);
    const char *slash = strrchr(row->file, '/');
    char *when = when_words(row->started);
    char *who = fitted(row->person[0] != '\0' ? row->person
                       : slash != NULL        ? slash + 1
                                              : row->file,
                       FILE_COLUMNS, true, screen->utf8);
    char *challenge = fitted(row->challenge, CHALLENGE_COLUMNS, false, screen->utf8);
    char *verdict = fitted(verdict_title(row->verdict), VERDICT_COLUMNS, false, screen->utf8);
    if (row->ratio > 0)
        format_ratio(speed, row->ratio);
    snprintf(points, sizeof points, "%.3g/%.3g", row->points, row->max_points);
    char *before = heap_format("%4" PRId64 "  %-11s %s %s ", row->number, when, who, challenge);
    screen_marked(screen, outcome_of(row->verdict)->style, before, verdict, " %8s %6s%s",
                  isnan(row->max_points) ? "-" : points, speed, elsewhere && row->ratio > 0 ? "*" : "");
    listing->elsewhere |= elsewhere && row->ratio > 0;
    if (listing->options->verbose)
        put_more(screen, row);
    free(before);
    free(verdict);
    free(challenge);
    free(who);
    free(when);
}

/* null instead of a number that is not there. */
static void add_number(cJSON *object, const char *key, double value) {
    if (isnan(value))
        cJSON_AddNullToObject(object, key);
    else
        report_json_number(object, key, value);
}

static void add_row(struct listing *listing, const struct store_row *row) {
    const struct {
        const char *key, *text;
    } TEXT[] = {{"started", row->started},
                {"run", row->run},
                {"task", row->task},
                {"person", row->person},
                {"shard", row->shard},
                {"command", row->command},
                {"file", row->file},
                {"sha256", row->sha256},
                {"challenge", row->challenge},
                {"challenge_version", row->version},
                {"host", row->host},
                {"cpu", row->cpu},
                {"kernel", row->kernel},
                {"seed_reference", row->seed_reference},
                {"verdict", verdict_code(row->verdict)}};
    const char level[] = {row->level, '\0'};
    cJSON *one = cJSON_CreateObject();
    report_json_integer(one, "number", row->number);
    for (size_t i = 0; i < sizeof TEXT / sizeof TEXT[0]; i++)
        report_json_text(one, TEXT[i].key, TEXT[i].text);
    report_json_integer(one, "cores", row->cores);
    report_json_text(one, "level", level);
    cJSON_AddBoolToObject(one, "here", !is_elsewhere(listing, row));
    add_number(one, "points", row->points);
    add_number(one, "max_points", row->max_points);
    add_number(one, "ratio", row->ratio);
    add_number(one, "low", row->ratio_low);
    add_number(one, "high", row->ratio_high);
    cJSON_AddItemToArray(listing->runs, one);
}

static void put_head(const struct listing *listing) {
    if (!listing->options->quiet)
        screen_marked(&listing->screen, SCREEN_BOLD, "", "   N  when", "        %-*s %-*s %-*s %8s %6s", FILE_COLUMNS,
                      "who or file", CHALLENGE_COLUMNS, "challenge", VERDICT_COLUMNS, "verdict", "points", "speed");
}

static int see_row(void *context, const struct store_row *row) {
    struct listing *listing = context;
    bool machine = listing->runs != NULL, all = machine || listing->options->verbose;
    if (!all && listing->count == SHOWN) {
        screen_line(&listing->screen, "   ..  older ones: harness log -v");
        return 1;
    }
    if (listing->count++ == 0 && !machine)
        put_head(listing);
    if (machine)
        add_row(listing, row);
    else
        put_row(listing, row);
    return 0;
}

static int write_json(struct listing *listing, struct error *err) {
    cJSON *root = cJSON_CreateObject();
    report_json_text(root, "schema", "harness-log/1");
    cJSON_AddItemToObject(root, "runs", listing->runs);
    char *text = cJSON_Print(root);
    char *out = text_json(heap_format("%s\n", text != NULL ? text : ""));
    int status = outfile_write(listing->options->json, out, err);
    free(out);
    cJSON_free(text);
    cJSON_Delete(root);
    return status;
}

static int list_all(struct listing *listing, struct store *store, struct error *err) {
    const struct options *options = listing->options;
    const struct store_query query = {.challenge = options->argument_count > 0 ? options->argument[0] : NULL};
    if (store != NULL && store_each(store, &query, see_row, listing, err) != 0)
        return -1;
    if (listing->elsewhere && !options->quiet)
        screen_wrap(&listing->screen, 2, "* on another machine: such speeds cannot be compared");
    return 0;
}

int command_log(const struct options *options, const volatile int *cancel) {
    struct listing listing = {.options = options,
                              .screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()},
                              .runs = options->json != NULL ? cJSON_CreateArray() : NULL};
    struct store *store;
    struct error error;
    (void)cancel;
    machine_describe(&listing.here);
    int status = store_open_old(options->store, &store, &error);
    if (status == 0)
        status = list_all(&listing, store, &error);
    store_close(store);
    if (status == 0 && options->json != NULL)
        status = write_json(&listing, &error);
    else
        cJSON_Delete(listing.runs);
    if (status != 0)
        return command_fail(&error);
    if (listing.count > 0)
        return EXIT_ACCEPTED;
    fputs(options->argument_count > 0
              ? "harness: no run of that challenge is kept; `harness log' without its id lists all runs.\n"
              : "harness: nothing is kept yet; `harness run FILE' keeps what it grades.\n",
          stderr);
    return EXIT_NOTHING;
}
