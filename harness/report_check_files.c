/* SPDX-License-Identifier: MIT */
/* `harness check` for programs: JSON and JUnit. */
#include <cjson/cJSON.h>
#include <harness_paths.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/report_check.h"
#include "harness/report_json_part.h"
#include "harness/report_part.h"
#include "harness/text_escape.h"

static const char *const state_code[PROVE_STATES] = {
    [PROVE_OK] = "ok", [PROVE_NOTED] = "noted", [PROVE_FAILED] = "failed", [PROVE_SKIPPED] = "skipped"};

static double seconds(int64_t ns) {
    return (double)ns / 1e9;
}

static cJSON *make_step(const struct prove_step *step) {
    cJSON *one = cJSON_CreateObject();
    report_json_text(one, "name", step->name);
    report_json_text(one, "state", state_code[step->state]);
    report_json_text(one, "summary", step->summary);
    report_json_number(one, "seconds", seconds(step->wall_ns));
    cJSON *list = cJSON_AddArrayToObject(one, "findings");
    for (size_t i = 0; i < step->finding_count; i++) {
        cJSON *finding = cJSON_CreateObject();
        report_json_text(finding, "state", state_code[step->finding[i].state]);
        report_json_text(finding, "place", step->finding[i].place);
        report_json_text(finding, "what", step->finding[i].what);
        report_json_text(finding, "remedy", step->finding[i].remedy);
        cJSON_AddItemToArray(list, finding);
    }
    return one;
}

static cJSON *make_solution(const struct prove_report *report, const struct prove_solution *row) {
    cJSON *one = cJSON_CreateObject();
    report_json_text(one, "file", row->name);
    report_json_text(one, "expected", verdict_code(row->expected));
    if (row->got < VERDICT_COUNT)
        report_json_text(one, "verdict", verdict_code(row->got));
    else
        cJSON_AddNullToObject(one, "verdict");
    report_json_number(one, "used", row->used);
    report_json_number(one, "ratio", row->ratio);
    report_json_text(one, "detail", row->detail);
    cJSON *fails = cJSON_AddArrayToObject(one, "fails");
    for (size_t k = 0; k < report->gate_count; k++)
        if ((row->failed_gates >> k & 1U) != 0)
            cJSON_AddItemToArray(fails, cJSON_CreateString(report->gate[k]));
    return one;
}

static void put_figures(cJSON *pack, const struct prove_report *report) {
    report_json_integer(pack, "cases", (int64_t)report->case_count);
    report_json_integer(pack, "hidden_cases", (int64_t)report->hidden_count);
    report_json_integer(pack, "powered_cases", (int64_t)report->powered_count);
    report_json_number(pack, "reference_ratio", report->reference_ratio);
    report_json_number(pack, "accepted_used", report->accepted_used);
    report_json_number(pack, "weakest_rejection", report->weakest_rejection);
    report_json_number(pack, "best_ratio", report->best_ratio);
    report_json_number(pack, "seconds", seconds(report->wall_ns));
}

static cJSON *make_pack(const struct check_item *item) {
    const struct prove_report *report = item->report;
    cJSON *pack = cJSON_CreateObject();
    report_json_text(pack, "directory", item->directory);
    report_json_integer(pack, "exit", report_check_exit(item));
    cJSON_AddBoolToObject(pack, "proven", report != NULL && report->proven);
    if (report == NULL) {
        report_json_text(pack, "error", item->interrupted ? "interrupted" : item->error.text);
        return pack;
    }
    report_json_text(pack, "id", report->id);
    report_json_text(pack, "version", report->version);
    put_figures(pack, report);
    cJSON *steps = cJSON_AddArrayToObject(pack, "proofs"), *rows = cJSON_AddArrayToObject(pack, "solutions");
    for (size_t id = 0; id < PROVE_STEPS; id++)
        cJSON_AddItemToArray(steps, make_step(&report->step[id]));
    for (size_t i = 0; i < report->solution_count; i++)
        cJSON_AddItemToArray(rows, make_solution(report, &report->solution[i]));
    return pack;
}

char *report_check_json(const struct check_item *item, size_t count) {
    cJSON *root = cJSON_CreateObject();
    report_json_text(root, "schema", "harness-check/1");
    report_json_text(root, "harness", HARNESS_VERSION);
    cJSON *packs = cJSON_AddArrayToObject(root, "packs");
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(packs, make_pack(&item[i]));
    char *text = cJSON_Print(root), *line = heap_format("%s\n", text != NULL ? text : "");
    cJSON_free(text);
    cJSON_Delete(root);
    return line;
}

static void put_body(FILE *out, const struct prove_step *step) {
    for (size_t i = 0; i < step->finding_count; i++) {
        const struct prove_finding *finding = &step->finding[i];
        char *line = heap_format("%s: %s -> %s\n", finding->place, finding->what, finding->remedy);
        char *safe = text_xml(line, strlen(line));
        fputs(safe, out);
        free(safe);
        free(line);
    }
}

static void put_testcase(FILE *out, const char *suite, const struct prove_step *step) {
    fputs("    <testcase", out);
    report_junit_attribute(out, "classname", suite);
    report_junit_attribute(out, "name", step->name);
    fprintf(out, " time=\"%.6f\"", seconds(step->wall_ns));
    if (step->state == PROVE_SKIPPED) {
        fputs("><skipped/></testcase>\n", out);
    } else if (step->state == PROVE_FAILED) {
        fputs("><failure type=\"challenge_error\"", out);
        report_junit_attribute(out, "message", step->finding_count > 0 ? step->finding[0].what : step->summary);
        fputs(">", out);
        put_body(out, step);
        fputs("</failure></testcase>\n", out);
    } else {
        fputs("/>\n", out);
    }
}

static void put_error(FILE *out, const struct check_item *item) {
    const char *text = item->interrupted ? "interrupted" : item->error.text;
    fputs("    <testcase", out);
    report_junit_attribute(out, "classname", item->directory);
    fputs(" name=\"check\" time=\"0\"><error type=\"harness_error\"", out);
    report_junit_attribute(out, "message", text);
    fputs("/></testcase>\n", out);
}

static void put_suite(FILE *out, const struct check_item *item) {
    const struct prove_report *report = item->report;
    size_t failures = 0, skipped = 0;
    for (size_t id = 0; report != NULL && id < PROVE_STEPS; id++) {
        failures += report->step[id].state == PROVE_FAILED;
        skipped += report->step[id].state == PROVE_SKIPPED;
    }
    fputs("  <testsuite", out);
    report_junit_attribute(out, "name", item->directory);
    fprintf(out, " tests=\"%d\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\" time=\"%.6f\">\n",
            report != NULL ? PROVE_STEPS : 1, failures, report == NULL, skipped,
            report != NULL ? seconds(report->wall_ns) : 0.0);
    for (size_t id = 0; report != NULL && id < PROVE_STEPS; id++)
        put_testcase(out, item->directory, &report->step[id]);
    if (report == NULL)
        put_error(out, item);
    fputs("  </testsuite>\n", out);
}

char *report_check_junit(const struct check_item *item, size_t count) {
    struct heap_text into;
    size_t tests = 0, failures = 0, errors = 0, skipped = 0;
    for (size_t i = 0; i < count; i++) {
        tests += item[i].report != NULL ? PROVE_STEPS : 1;
        errors += item[i].report == NULL;
        for (size_t id = 0; item[i].report != NULL && id < PROVE_STEPS; id++) {
            failures += item[i].report->step[id].state == PROVE_FAILED;
            skipped += item[i].report->step[id].state == PROVE_SKIPPED;
        }
    }
    heap_text_open(&into);
    fprintf(into.stream,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"harness check\" tests=\"%zu\" "
            "failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
            tests, failures, errors, skipped);
    for (size_t i = 0; i < count; i++)
        put_suite(into.stream, &item[i]);
    fputs("</testsuites>\n", into.stream);
    return heap_text_take(&into, NULL);
}
