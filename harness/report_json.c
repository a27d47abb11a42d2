/* SPDX-License-Identifier: MIT */
/* harness-result/1, described by result.schema.json: the machine interface beside JUnit and the exit codes.
 *
 * cJSON by itself would print many doubles wrongly (15 digits), NaN as null and bad UTF-8 as it is: every number and
 * every foreign string goes through put_number and put_text here. */
#include "harness/report.h"

#include <cjson/cJSON.h>
#include <harness_paths.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/report_json_part.h"
#include "harness/text_escape.h"
#include "harness/view.h"

void report_json_text(cJSON *object, const char *key, const char *text) {
    report_json_bytes(object, key, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

void report_json_bytes(cJSON *object, const char *key, const char *bytes, size_t size) {
    char *clean = text_utf8(bytes, size);
    cJSON_AddStringToObject(object, key, clean);
    free(clean);
}

void report_json_number(cJSON *object, const char *key, double value) {
    char digits[FORMAT_SIZE];
    if (format_not_finite(value) != NULL)
        cJSON_AddStringToObject(object, key, format_not_finite(value));
    else
        cJSON_AddRawToObject(object, key, format_exact(digits, value));
}

/* Readers keep integers exactly up to 2^53 only; what could be larger is never written as a number. */
void report_json_integer(cJSON *object, const char *key, int64_t value) {
    enum { DIGITS_LIMIT = 15 };
    char *digits = heap_format("%" PRId64, value);
    if (strlen(digits) - (value < 0) > DIGITS_LIMIT)
        cJSON_AddStringToObject(object, key, digits);
    else
        cJSON_AddRawToObject(object, key, digits);
    free(digits);
}

static void put_roofs(cJSON *machine, const struct machine_roof *roof) {
    if (!roof->known) {
        cJSON_AddNullToObject(machine, "roofs");
        return;
    }
    cJSON *roofs = cJSON_AddObjectToObject(machine, "roofs");
    report_json_number(roofs, "fma_gflops", roof->fma_gflops);
    report_json_number(roofs, "sgemm_gflops", roof->sgemm_gflops);
    cJSON *list = cJSON_AddArrayToObject(roofs, "bandwidth");
    for (size_t i = 0; i < MACHINE_BANDWIDTHS; i++) {
        cJSON *one = cJSON_CreateObject();
        report_json_integer(one, "bytes", (int64_t)roof->bandwidth_bytes[i]);
        report_json_number(one, "gbps", roof->bandwidth_gbps[i]);
        cJSON_AddItemToArray(list, one);
    }
}

static void put_machine(cJSON *root, const struct grade *grade) {
    cJSON *machine = cJSON_AddObjectToObject(root, "machine");
    char letter[] = "A";
    letter[0] = (char)('A' + (int)grade->level);
    report_json_text(machine, "cpu", grade->machine.cpu);
    report_json_text(machine, "vector", grade->machine.vector);
    report_json_integer(machine, "cores", grade->machine.cores);
    report_json_text(machine, "kernel", grade->machine.kernel);
    cJSON *sandbox = cJSON_AddObjectToObject(machine, "sandbox");
    report_json_text(sandbox, "level", letter);
    report_json_text(sandbox, "active", grade->sandbox_active);
    report_json_text(sandbox, "missing", grade->sandbox_missing);
    cJSON *blas = cJSON_AddObjectToObject(machine, "blas");
    report_json_text(blas, "core", grade->blas_core);
    report_json_text(blas, "config", grade->blas_config);
    put_roofs(machine, &grade->machine.roof);
}

static void put_build(cJSON *root, const struct build_report *build) {
    cJSON *object = cJSON_AddObjectToObject(root, "build");
    report_json_text(object, "verdict", verdict_code(build->verdict));
    report_json_text(object, "detail", build->detail);
    report_json_text(object, "compiler", build->compiler);
    report_json_text(object, "flags", build->flags);
    report_json_integer(object, "wall_ns", build->wall_ns);
    report_json_integer(object, "errors", (int64_t)build->diagnostics.error_count);
    report_json_integer(object, "warnings", (int64_t)build->diagnostics.warning_count);
    cJSON *list = cJSON_AddArrayToObject(object, "diagnostics");
    for (size_t i = 0; i < build->diagnostics.count; i++) {
        const struct diagnostic *d = &build->diagnostics.item[i];
        cJSON *one = cJSON_CreateObject();
        report_json_text(one, "kind", d->kind);
        report_json_text(one, "message", d->message);
        report_json_text(one, "file", d->file);
        report_json_integer(one, "line", d->line);
        report_json_integer(one, "column", d->column);
        cJSON_AddItemToArray(list, one);
    }
}

static void put_timing(cJSON *list, const struct grade *grade, size_t i) {
    const struct grade_timing *t = &grade->timing[i];
    const struct timing_estimate *e = &t->estimate;
    bool hidden = view_hidden_timing(grade, i) > 0;
    char *name = view_timing_name(grade, i);
    cJSON *one = cJSON_CreateObject();
    report_json_text(one, "name", name);
    cJSON_AddBoolToObject(one, "hidden", hidden);
    report_json_text(one, "verdict", verdict_code(t->verdict));
    report_json_number(one, "ratio", e->ratio);
    report_json_number(one, "low", e->low);
    report_json_number(one, "high", e->high);
    report_json_number(one, "ratio_needed", t->ratio_needed);
    report_json_integer(one, "samples", (int64_t)e->pairs);
    report_json_integer(one, "clean", (int64_t)e->clean);
    report_json_text(one, "clock", e->clock == TIMING_CPU ? "cpu" : "wall");
    report_json_integer(one, "threads", t->threads);
    if (!hidden) {
        report_json_text(one, "sizes", t->sizes);
        report_json_text(one, "detail", t->detail);
        report_json_number(one, "candidate_ns", e->candidate_ns);
        report_json_number(one, "baseline_ns", e->baseline_ns);
        report_json_number(one, "candidate_spread", e->candidate_spread);
        report_json_number(one, "baseline_spread", e->baseline_spread);
        report_json_number(one, "gflops", t->gflops);
        report_json_number(one, "gbps", t->gbps);
        report_json_number(one, "of_roof", t->of_roof);
        report_json_text(one, "roof", t->bound_by_memory ? "memory" : "compute");
        report_json_number(one, "used", t->used);
    }
    cJSON_AddItemToArray(list, one);
    free(name);
}

static void put_output(cJSON *root, const struct grade *grade) {
    bool secret = view_output_secret(grade);
    cJSON *object = cJSON_AddObjectToObject(root, "output");
    report_json_integer(object, "bytes", (int64_t)grade->output_bytes);
    if (!secret && grade->output_text != NULL)
        report_json_bytes(object, "text", grade->output_text, grade->output_bytes);
    else
        cJSON_AddNullToObject(object, "text");
}

static void put_summary(cJSON *root, const struct grade *grade) {
    static const char *const STAGE[GRADE_STAGE_COUNT] = {"build_ns", "correct_ns", "speed_ns"};
    cJSON *stages = cJSON_AddObjectToObject(root, "stages");
    for (size_t i = 0; i < GRADE_STAGE_COUNT; i++)
        report_json_integer(stages, STAGE[i], grade->stage_ns[i]);
    report_json_integer(root, "wall_ns", grade->wall_ns);
    cJSON_AddBoolToObject(root, "interrupted", grade->interrupted);
    cJSON_AddBoolToObject(root, "flushes_denormals", grade->flushes_denormals);
    if (grade->ratio > 0)
        report_json_number(root, "ratio", grade->ratio);
    else
        cJSON_AddNullToObject(root, "ratio");
}

static void put_submission(cJSON *root, const struct report_item *item) {
    const struct grade *grade = item->grade;
    const struct spec *spec = grade != NULL ? grade->spec : NULL;
    cJSON *submission = cJSON_AddObjectToObject(root, "submission");
    report_json_text(submission, "file", item->file);
    if (grade != NULL)
        report_json_text(submission, "sha256", grade->sha256);
    else
        cJSON_AddNullToObject(submission, "sha256");
    if (spec != NULL || item->challenge != NULL)
        report_json_text(submission, "challenge", spec != NULL ? spec->id : item->challenge);
    else
        cJSON_AddNullToObject(submission, "challenge");
    if (spec != NULL)
        report_json_text(submission, "challenge_version", spec->version);
    else
        cJSON_AddNullToObject(submission, "challenge_version");
}

static void put_grade(cJSON *root, const struct grade *grade, const struct report_look *look) {
    if (grade == NULL) {
        cJSON_AddNullToObject(root, "machine");
        cJSON_AddNullToObject(root, "build");
    } else {
        char seed[FORMAT_SIZE];
        snprintf(seed, sizeof seed, "%" PRIu64, grade->seed);
        put_machine(root, grade);
        put_build(root, &grade->build);
        put_summary(root, grade);
        put_output(root, grade);
        if (look->seed_secret)
            cJSON_AddNullToObject(root, "seed");
        else
            report_json_text(root, "seed", seed);
    }
    cJSON *cases = cJSON_AddArrayToObject(root, "cases");
    for (size_t i = 0; grade != NULL && i < grade->case_count; i++)
        report_json_case(cases, grade, i);
    report_json_gates(root, grade);
    report_json_curves(root, grade);
    cJSON *timing = cJSON_AddArrayToObject(root, "timing");
    for (size_t i = 0; grade != NULL && i < grade->timing_count; i++)
        put_timing(timing, grade, i);
}

static cJSON *make_result(const struct report_item *item, const struct report_look *look) {
    cJSON *root = cJSON_CreateObject();
    report_json_text(root, "schema", "harness-result/1");
    cJSON *harness = cJSON_AddObjectToObject(root, "harness");
    report_json_text(harness, "version", HARNESS_VERSION);
    put_submission(root, item);
    put_grade(root, item->grade, look);
    report_json_text(root, "verdict", verdict_code(report_verdict(item)));
    const char *detail = item->grade == NULL                 ? item->error.text
                         : view_deciding_hidden(item->grade) ? verdict_sentence(item->grade->verdict)
                                                             : item->grade->detail;
    report_json_text(root, "detail", detail);
    report_json_number(root, "points", item->grade != NULL ? item->grade->points : 0);
    if (item->grade != NULL)
        report_json_number(root, "max_points", item->grade->max_points);
    else
        cJSON_AddNullToObject(root, "max_points");
    report_json_integer(root, "exit", report_exit(item));
    return root;
}

char *report_json(const struct report_item *item, size_t count, const struct report_look *look) {
    cJSON *root;
    if (count == 1) {
        root = make_result(&item[0], look);
    } else {
        root = cJSON_CreateObject();
        report_json_text(root, "schema", "harness-results/1");
        cJSON *list = cJSON_AddArrayToObject(root, "results");
        for (size_t i = 0; i < count; i++)
            cJSON_AddItemToArray(list, make_result(&item[i], look));
    }
    char *text = cJSON_Print(root);
    char *out = heap_format("%s\n", text != NULL ? text : "");
    cJSON_free(text);
    cJSON_Delete(root);
    return text_json(out);
}
