/* SPDX-License-Identifier: MIT */
/* JUnit XML by hand: XML libraries pass illegal bytes through, and the file would then be no XML.
 *
 * GitLab shows `classname` as the suite and drops cases whose class and name repeat, so the file is part of the class.
 */
#include "harness/report.h"

#include <harness_paths.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/report_part.h"
#include "harness/text_escape.h"
#include "harness/view.h"

struct tally {
    size_t tests, failures, errors, skipped;
};

void report_junit_attribute(FILE *out, const char *key, const char *text) {
    char *safe = text_xml(text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    for (char *at = safe; *at != '\0'; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    fprintf(out, " %s=\"%s\"", key, safe);
    free(safe);
}

/* `cause` is one line; NULL when it passed. `body` may be NULL. A time that makes no sense is 0. */
static void put_case(FILE *out, struct tally *tally, const char *class_name, const char *file, const char *name,
                     enum verdict verdict, double wall_ns, const char *cause) {
    static const char *const ELEMENT[] = {[OUTCOME_FAILURE] = "failure", [OUTCOME_ERROR] = "error"};
    enum outcome_junit kind = outcome_of(verdict)->junit;
    tally->tests++;
    tally->failures += kind == OUTCOME_FAILURE;
    tally->errors += kind == OUTCOME_ERROR;
    tally->skipped += kind == OUTCOME_SKIPPED;
    fputs("    <testcase", out);
    report_junit_attribute(out, "classname", class_name);
    report_junit_attribute(out, "name", name);
    report_junit_attribute(out, "file", file);
    fprintf(out, " time=\"%.6f\"", wall_ns > 0 && wall_ns < 0x1p63 ? wall_ns / 1e9 : 0.0);
    if (kind == OUTCOME_OK) {
        fputs("/>\n", out);
        return;
    }
    if (kind == OUTCOME_SKIPPED) {
        fputs("><skipped/></testcase>\n", out);
        return;
    }
    fprintf(out, ">\n      <%s", ELEMENT[kind]);
    report_junit_attribute(out, "type", verdict_code(verdict));
    report_junit_attribute(out, "message", cause);
    char *body = text_xml(cause, strlen(cause));
    fprintf(out, ">%s: %s</%s>\n    </testcase>\n", verdict_title(verdict), body, ELEMENT[kind]);
    free(body);
}

/* The first error, or the reason that has no place in the file. */
static char *build_cause(const struct build_report *build) {
    for (size_t i = 0; i < build->diagnostics.count; i++) {
        const struct diagnostic *d = &build->diagnostics.item[i];
        if (d->kind != NULL && strstr(d->kind, "error") != NULL)
            return heap_format("%s:%d:%d: %s", d->file != NULL ? d->file : "?", d->line, d->column,
                               d->message != NULL ? d->message : "");
    }
    return heap_format("%s", build->detail[0] != '\0' ? build->detail : verdict_sentence(build->verdict));
}

static void put_grade(FILE *out, struct tally *tally, const char *class_name, const struct grade *grade) {
    char *cause = build_cause(&grade->build);
    put_case(out, tally, class_name, grade->file, "build", grade->build.verdict, (double)grade->build.wall_ns, cause);
    free(cause);
    for (size_t i = 0; i < grade->case_count; i++) {
        char *name = view_case_name(grade, i);
        cause = report_case_cause(grade, i);
        put_case(out, tally, class_name, grade->file, name, grade->cases[i].verdict,
                 grade->cases[i].hidden ? 0 : (double)grade->cases[i].wall_ns, cause);
        free(cause);
        free(name);
    }
    for (size_t i = 0; i < grade->timing_count; i++) {
        char *short_name = view_timing_name(grade, i), *name = heap_format("speed: %s", short_name);
        cause = report_timing_cause(grade, i);
        put_case(out, tally, class_name, grade->file, name, grade->timing[i].verdict,
                 view_hidden_timing(grade, i) > 0 ? 0 : grade->timing[i].estimate.candidate_ns, cause);
        free(cause);
        free(short_name);
        free(name);
    }
}

static bool explained(const struct grade *grade) {
    size_t i;
    return grade->verdict == VERDICT_PASSED || view_deciding(grade, &i) != VIEW_WHOLE;
}

/* The cases of one submission. A verdict that no case carries gets a case of its own: an empty or all-green suite must
 * never stand for a submission that was not accepted. */
static char *suite_body(const struct report_item *item, struct tally *tally) {
    struct heap_text into;
    heap_text_open(&into);
    char *class_name = heap_format("%s (%s)", item->challenge != NULL ? item->challenge : "harness", item->file);
    enum verdict verdict = report_verdict(item);
    if (item->grade != NULL)
        put_grade(into.stream, tally, class_name, item->grade);
    if (item->grade == NULL || !explained(item->grade)) {
        const char *words = item->grade != NULL ? item->grade->detail : item->error.text;
        put_case(into.stream, tally, class_name, item->file, "grading", verdict, 0,
                 words[0] != '\0' ? words : verdict_sentence(verdict));
    }
    free(class_name);
    return heap_text_take(&into, NULL);
}

/* Not test cases of their own: the cases behind them would count twice. */
static void put_gates(FILE *out, const struct grade *grade) {
    for (size_t k = 0; k < grade->gate_count; k++) {
        const struct grade_gate *gate = &grade->gate[k];
        char *name = heap_format("gate %s", gate->name);
        char *value =
            heap_format("%s, %zu of %zu cases, %.6g of %.6g points", grade_gate_passed(gate) ? "passed" : "not passed",
                        gate->passed, gate->cases, gate->points, gate->max_points);
        fputs("      <property", out);
        report_junit_attribute(out, "name", name);
        report_junit_attribute(out, "value", value);
        fputs("/>\n", out);
        free(value);
        free(name);
    }
}

static void put_properties(FILE *out, const struct grade *grade, const struct report_look *look) {
    char number[FORMAT_SIZE], letter[] = "A";
    letter[0] = (char)('A' + (int)grade->level);
    fputs("    <properties>\n      <property name=\"verdict\"", out);
    report_junit_attribute(out, "value", verdict_code(grade->verdict));
    snprintf(number, sizeof number, "%.6g", grade->points);
    fprintf(out, "/>\n      <property name=\"points\" value=\"%s\"/>\n", number);
    snprintf(number, sizeof number, "%.6g", grade->max_points);
    fprintf(out, "      <property name=\"max_points\" value=\"%s\"/>\n", number);
    fprintf(out, "      <property name=\"sandbox\" value=\"%s\"/>\n", letter);
    fputs("      <property name=\"sha256\"", out);
    report_junit_attribute(out, "value", grade->sha256);
    fputs("/>\n", out);
    if (!look->seed_secret)
        fprintf(out, "      <property name=\"seed\" value=\"%" PRIu64 "\"/>\n", grade->seed);
    put_gates(out, grade);
    fputs("    </properties>\n", out);
}

static void put_suite(FILE *out, const struct report_item *item, const struct report_look *look, struct tally *all) {
    struct tally tally = {0};
    char *body = suite_body(item, &tally);
    int64_t wall_ns = item->grade != NULL ? item->grade->wall_ns : 0;
    char *name = heap_format("%s (%s)", item->challenge != NULL ? item->challenge : "harness", item->file);
    fputs("  <testsuite", out);
    report_junit_attribute(out, "name", name);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.6f\">\n", tally.tests,
            tally.failures, tally.errors, tally.skipped, (double)wall_ns / 1e9);
    if (item->grade != NULL)
        put_properties(out, item->grade, look);
    fprintf(out, "%s  </testsuite>\n", body);
    all->tests += tally.tests;
    all->failures += tally.failures;
    all->errors += tally.errors;
    all->skipped += tally.skipped;
    free(name);
    free(body);
}

char *report_junit(const struct report_item *item, size_t count, const struct report_look *look) {
    struct heap_text suites, whole;
    struct tally all = {0};
    heap_text_open(&suites);
    for (size_t i = 0; i < count; i++)
        put_suite(suites.stream, &item[i], look, &all);
    char *body = heap_text_take(&suites, NULL);
    heap_text_open(&whole);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", whole.stream);
    fprintf(whole.stream,
            "<testsuites name=\"harness %s\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n",
            HARNESS_VERSION, all.tests, all.failures, all.errors, all.skipped);
    fprintf(whole.stream, "%s</testsuites>\n", body);
    free(body);
    return heap_text_take(&whole, NULL);
}
