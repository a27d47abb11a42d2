/* SPDX-License-Identifier: MIT */
/* One result becomes rows, all in one transaction. */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/heap.h"
#include "harness/store/store_driver.h"

struct put {
    const struct store_source *source;
    const struct result *result;
    const char *named, *run; /* the run as it was given, and the name that it has in the store */
    char timed[2 * 16 + 1];
    char *document;
    int64_t run_id, machine_id, number;
    bool same; /* what is there under `number` is this very grading */
};

static const char *text_or_empty(const char *text) {
    return text != NULL ? text : "";
}

static int take_number(void *context, const struct store_value *column, size_t count) {
    *(int64_t *)context = count > 0 ? column[0].integer : 0;
    return 1;
}

/* Speeds can be compared only when the same cases were timed in the same way; this says so in few characters. Empty
 * when nothing was timed. */
static void describe_timing(const struct result *result, char timed[2 * 16 + 1]) {
    unsigned char digest[16];
    crypto_generichash_state state;
    timed[0] = '\0';
    if (result->timing_count == 0)
        return;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    for (size_t i = 0; i < result->timing_count; i++) {
        const struct result_timing *t = &result->timing[i];
        char *line = heap_format("%s\t%s\t%" PRId64 "\n", t->name, t->sizes, t->threads);
        crypto_generichash_update(&state, (const unsigned char *)line, strlen(line));
        free(line);
    }
    crypto_generichash_final(&state, digest, sizeof digest);
    sodium_bin2hex(timed, 2 * 16 + 1, digest, sizeof digest);
}

/* Finds a row or makes it. Looking first keeps the numbers of rows without gaps, because a server spends a number on
 * every attempt; what somebody else makes in between is found by the second look. */
static int find_or_make(struct store *store, const char *find, size_t find_count, const char *make, size_t make_count,
                        const struct store_value *value, int64_t *id, struct error *err) {
    *id = 0;
    if (store->driver->run(store, find, value, find_count, take_number, id, err) != 0)
        return -1;
    if (*id != 0)
        return 0;
    if (store->driver->run(store, make, value, make_count, NULL, NULL, err) != 0)
        return -1;
    return store->driver->run(store, find, value, find_count, take_number, id, err);
}

static int put_run(struct store *store, struct put *put, struct error *err) {
    const struct store_source *source = put->source;
    const struct store_value value[] = {STORE_T(put->run), STORE_T(text_or_empty(source->command)),
                                        STORE_T(text_or_empty(source->seed_reference)),
                                        STORE_T(text_or_empty(source->started))};
    return find_or_make(store, "SELECT run_id FROM run WHERE name = $1", 1,
                        "INSERT INTO run (name, command, seed_reference, started) VALUES ($1, $2, $3, $4)\n"
                        "ON CONFLICT (name) DO NOTHING",
                        4, value, &put->run_id, err);
}

static int put_machine(struct store *store, struct put *put, struct error *err) {
    const struct result *result = put->result;
    const struct store_value value[] = {STORE_T(text_or_empty(put->source->host)), STORE_T(result->cpu),
                                        STORE_T(result->vector), STORE_T(result->kernel), STORE_I(result->cores)};
    return find_or_make(store,
                        "SELECT machine_id FROM machine\n"
                        "WHERE host = $1 AND cpu = $2 AND vector = $3 AND kernel = $4 AND cores = $5",
                        5,
                        "INSERT INTO machine (host, cpu, vector, kernel, cores) VALUES ($1, $2, $3, $4, $5)\n"
                        "ON CONFLICT (host, cpu, vector, kernel, cores) DO NOTHING",
                        5, value, &put->machine_id, err);
}

static int take_found(void *context, const struct store_value *column, size_t count) {
    struct put *put = context;
    put->number = count > 1 ? column[0].integer : 0;
    put->same = count > 1 && column[1].integer != 0;
    return 1;
}

static int find_result(struct store *store, struct put *put, struct error *err) {
    const struct store_value value[] = {STORE_I(put->run_id), STORE_T(put->source->task),
                                        STORE_T(text_or_empty(put->source->started)), STORE_T(put->result->sha256),
                                        STORE_I(put->result->wall_ns)};
    put->number = 0;
    put->same = false;
    return store->driver->run(store,
                              "SELECT number, started = $3 AND sha256 = $4 AND wall_ns = $5 FROM result\n"
                              "WHERE run_id = $1 AND task = $2",
                              value, sizeof value / sizeof value[0], take_found, put, err);
}

/* *made tells whether the row is new: only then its cases are to be written. */
static int put_result(struct store *store, struct put *put, bool *made, struct error *err) {
    const struct store_source *source = put->source;
    const struct result *r = put->result;
    const char level[] = {r->level, '\0'};
    int64_t number = 0;
    const struct store_value value[] = {STORE_I(put->run_id),
                                        STORE_I(put->machine_id),
                                        STORE_T(source->task),
                                        STORE_T(text_or_empty(source->person)),
                                        STORE_T(text_or_empty(source->shard)),
                                        STORE_T(text_or_empty(source->started)),
                                        STORE_T(r->file),
                                        STORE_T(r->sha256),
                                        STORE_T(r->challenge),
                                        STORE_T(r->challenge_version),
                                        STORE_T(level),
                                        STORE_T(r->compiler),
                                        STORE_T(r->flags),
                                        STORE_T(verdict_code(r->verdict)),
                                        STORE_R(r->points),
                                        STORE_R(r->max_points),
                                        STORE_R(r->ratio),
                                        STORE_R(r->ratio_low),
                                        STORE_R(r->ratio_high),
                                        STORE_T(put->timed),
                                        STORE_I(r->wall_ns),
                                        STORE_I(r->exit),
                                        STORE_T(put->document)};
    *made = false;
    if (store->driver->run(
            store,
            "INSERT INTO result (run_id, machine_id, task, person, shard, started, file, sha256,\n"
            "  challenge, challenge_version, level, compiler, flags, verdict, points, max_points, ratio,\n"
            "  ratio_low, ratio_high, timed, wall_ns, exit_code, document)\n"
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,\n"
            "  $19, $20, $21, $22, $23)\n"
            "ON CONFLICT (run_id, task) DO NOTHING RETURNING number",
            value, sizeof value / sizeof value[0], take_number, &number, err) != 0)
        return -1;
    *made = number != 0;
    if (!*made)
        return find_result(store, put, err);
    put->number = number;
    return 0;
}

static int put_cases(struct store *store, const struct put *put, struct error *err) {
    for (size_t i = 0; i < put->result->case_count; i++) {
        const struct result_case *c = &put->result->cases[i];
        const struct store_value value[] = {
            STORE_I(put->number), STORE_I((int64_t)i), STORE_T(c->name),
            STORE_I(c->number),   STORE_I(c->hidden),  STORE_T(verdict_code(c->verdict)),
            STORE_T(c->gate),     STORE_T(c->sizes),   STORE_T(c->detail),
            STORE_I(c->wall_ns),  STORE_R(c->used)};
        if (store->driver->run(
                store,
                "INSERT INTO case_result (number, place, name, case_number, hidden, verdict, gate, sizes,\n"
                "  detail, wall_ns, used)\n"
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                value, sizeof value / sizeof value[0], NULL, NULL, err) != 0)
            return -1;
    }
    return 0;
}

static int put_timings(struct store *store, const struct put *put, struct error *err) {
    for (size_t i = 0; i < put->result->timing_count; i++) {
        const struct result_timing *t = &put->result->timing[i];
        const struct store_value value[] = {STORE_I(put->number),
                                            STORE_I((int64_t)i),
                                            STORE_T(t->name),
                                            STORE_I(t->hidden),
                                            STORE_T(verdict_code(t->verdict)),
                                            STORE_T(t->sizes),
                                            STORE_I(t->threads),
                                            STORE_R(t->ratio),
                                            STORE_R(t->low),
                                            STORE_R(t->high),
                                            STORE_R(t->ratio_needed),
                                            STORE_R(t->candidate_ns),
                                            STORE_R(t->baseline_ns),
                                            STORE_R(t->gflops),
                                            STORE_R(t->of_roof),
                                            STORE_I(t->samples),
                                            STORE_I(t->clean)};
        if (store->driver->run(
                store,
                "INSERT INTO timing_result (number, place, name, hidden, verdict, sizes, threads, ratio,\n"
                "  ratio_low, ratio_high, ratio_needed, candidate_ns, baseline_ns, gflops, of_roof,\n"
                "  samples, clean)\n"
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
                value, sizeof value / sizeof value[0], NULL, NULL, err) != 0)
            return -1;
    }
    return 0;
}

static int put_under(struct store *store, struct put *put, const char *run, struct error *err) {
    bool made;
    put->run = run;
    if (put_run(store, put, err) != 0 || find_result(store, put, err) != 0)
        return -1;
    if (put->number != 0)
        return 0;
    if (put_machine(store, put, err) != 0 || put_result(store, put, &made, err) != 0)
        return -1;
    if (!made)
        return 0;
    put->same = true;
    return put_cases(store, put, err) != 0 || put_timings(store, put, err) != 0 ? -1 : 0;
}

/* The name follows from the grading alone, so that putting it again finds it. The caller frees. */
static char *name_of_another(const struct put *put, const char *run) {
    unsigned char digest[crypto_generichash_BYTES_MIN];
    char text[2 * sizeof digest + 1];
    char *key =
        heap_format("%s\t%s\t%" PRId64, text_or_empty(put->source->started), put->result->sha256, put->result->wall_ns);
    crypto_generichash(digest, sizeof digest, (const unsigned char *)key, strlen(key), NULL, 0);
    sodium_bin2hex(text, sizeof text, digest, sizeof digest);
    free(key);
    return heap_format("%s@%.16s", run, text);
}

/* A run may bear the name of an older one: its seed is that of a class, and its results went to another folder. What it
 * says about a task is kept beside what the older one said. */
static int put_all(struct store *store, void *context, struct error *err) {
    struct put *put = context;
    const char *run = put->named;
    int status = put_under(store, put, run, err);
    if (status != 0 || put->same)
        return status;
    char *other = name_of_another(put, run);
    status = put_under(store, put, other, err);
    put->run = run;
    free(other);
    return status;
}

/* A name that no other run has: when, and enough chance. It is made once, so that a transaction which is begun again
 * after a lost connection finds what it has already done. */
static char *own_run(void) {
    uint64_t chance;
    char when[32];
    struct tm utc;
    time_t now = time(NULL);
    randombytes_buf(&chance, sizeof chance);
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    return heap_format("%s-%016" PRIx64, when, chance);
}

int store_put(struct store *store, const struct store_source *source, const struct result *result, int64_t *number,
              struct error *err) {
    char *run = source->run == NULL || source->run[0] == '\0' ? own_run() : heap_format("%s", source->run);
    struct put put = {.source = source, .result = result, .named = run};
    describe_timing(result, put.timed);
    put.document = result_print(result, false);
    int status = store_transaction(store, put_all, &put, err);
    *number = put.number;
    free(put.document);
    free(run);
    return status;
}
