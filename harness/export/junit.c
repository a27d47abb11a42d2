/* SPDX-License-Identifier: MIT */
/* JUnit XML by hand: XML libraries pass illegal bytes through, and the file would then be no XML.
 *
 * GitLab shows `classname` as the suite and drops cases whose class and name repeat, so the file is part of the class
 * and no class is there twice. */
#include <harness_paths.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/export/export_part.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/report_part.h"
#include "harness/result/cause.h"
#include "harness/text_escape.h"

struct tally {
    size_t tests, failures, errors, skipped;
};

/* Where the test cases of one submission go. */
struct suite {
    FILE *out;
    struct tally tally;
    const char *class_name;
    const struct result *result;
    bool explained; /* a test case has the verdict of the whole */
    size_t name_count;
    char **name; /* of the test cases so far */
};

void report_junit_attribute(FILE *out, const char *key, const char *text) {
    char *safe = text_xml(text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    for (char *at = safe; *at != '\0'; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    fprintf(out, " %s=\"%s\"", key, safe);
    free(safe);
}

/* The name, or "name #2" when there is one like it. */
static const char *unique_name(struct suite *suite, const char *name) {
    size_t same = 0;
    char *made = heap_format("%s", name);
    for (size_t i = 0; i < suite->name_count; i++) {
        if (strcmp(suite->name[i], made) != 0)
            continue;
        free(made);
        made = heap_format("%s #%zu", name, ++same + 1);
        i = (size_t)-1; /* it may be there too */
    }
    suite->name = heap_resize(suite->name, suite->name_count + 1, sizeof suite->name[0]);
    suite->name[suite->name_count++] = made;
    return made;
}

/* `cause` is one line, and taken. A time that makes no sense is 0. */
static void put_case(struct suite *suite, const char *name, enum verdict verdict, double wall_ns, char *cause) {
    static const char *const ELEMENT[] = {[OUTCOME_FAILURE] = "failure", [OUTCOME_ERROR] = "error"};
    enum outcome_junit kind = outcome_of(verdict)->junit;
    FILE *out = suite->out;
    suite->tally.tests++;
    suite->tally.failures += kind == OUTCOME_FAILURE;
    suite->tally.errors += kind == OUTCOME_ERROR;
    suite->tally.skipped += kind == OUTCOME_SKIPPED;
    suite->explained = suite->explained || verdict == suite->result->verdict;
    fputs("    <testcase", out);
    report_junit_attribute(out, "classname", suite->class_name);
    report_junit_attribute(out, "name", unique_name(suite, name));
    report_junit_attribute(out, "file", suite->result->file);
    fprintf(out, " time=\"%.6f\"", wall_ns > 0 && wall_ns < 0x1p63 ? wall_ns / 1e9 : 0.0);
    if (kind == OUTCOME_OK) {
        fputs("/>\n", out);
    } else if (kind == OUTCOME_SKIPPED) {
        fputs("><skipped/></testcase>\n", out);
    } else {
        fprintf(out, ">\n      <%s", ELEMENT[kind]);
        report_junit_attribute(out, "type", verdict_code(verdict));
        report_junit_attribute(out, "message", cause);
        char *body = text_xml(cause, strlen(cause));
        fprintf(out, ">%s: %s</%s>\n    </testcase>\n", verdict_title(verdict), body, ELEMENT[kind]);
        free(body);
    }
    free(cause);
}

/* The cases of one submission. A verdict that no case carries gets a case of its own: an empty or all-green suite must
 * never stand for a submission that was not accepted. */
static void put_cases(struct suite *suite) {
    const struct result *r = suite->result;
    if (r->built)
        put_case(suite, "build", r->build_verdict, (double)r->build_ns, cause_of_build(r));
    suite->explained = r->verdict == VERDICT_PASSED || (r->built && r->build_verdict == r->verdict);
    for (size_t i = 0; i < r->case_count; i++)
        put_case(suite, r->cases[i].name, r->cases[i].verdict, (double)r->cases[i].wall_ns,
                 cause_of_case(&r->cases[i]));
    for (size_t i = 0; i < r->timing_count; i++) {
        char *name = heap_format("speed: %s", r->timing[i].name);
        put_case(suite, name, r->timing[i].verdict, r->timing[i].candidate_ns, cause_of_timing(&r->timing[i]));
        free(name);
    }
    if (!suite->explained || r->verdict == VERDICT_SKIPPED || (!r->built && r->case_count == 0))
        put_case(suite, "grading", r->verdict, 0,
                 heap_format("%s", r->detail[0] != '\0' ? r->detail : verdict_sentence(r->verdict)));
}

static void put_property(FILE *out, const char *name, const char *value) {
    fputs("      <property", out);
    report_junit_attribute(out, "name", name);
    report_junit_attribute(out, "value", value);
    fputs("/>\n", out);
}

/* `value` is taken. */
static void put_made_property(FILE *out, const char *name, char *value) {
    put_property(out, name, value);
    free(value);
}

/* Gates are no test cases of their own: the cases behind them would count twice. */
static void put_properties(FILE *out, const struct result *r) {
    fputs("    <properties>\n", out);
    put_property(out, "verdict", verdict_code(r->verdict));
    put_made_property(out, "points", heap_format("%.6g", r->points));
    put_made_property(out, "max_points", heap_format("%.6g", r->max_points));
    put_made_property(out, "sandbox", heap_format("%c", r->level));
    put_property(out, "sha256", r->sha256);
    if (r->seed != NULL)
        put_property(out, "seed", r->seed);
    for (size_t i = 0; i < r->gate_count; i++) {
        const struct result_gate *gate = &r->gate[i];
        bool passed = gate->cases > 0 && gate->passed == gate->cases;
        char *name = heap_format("gate %s", gate->name);
        put_made_property(out, name,
                          heap_format("%s, %" PRId64 " of %" PRId64 " cases, %.6g of %.6g points",
                                      passed ? "passed" : "not passed", gate->passed, gate->cases, gate->points,
                                      gate->max_points));
        free(name);
    }
    fputs("    </properties>\n", out);
}

static void put_suite(FILE *out, const struct result *r, const char *name, struct tally *all) {
    struct heap_text into;
    heap_text_open(&into);
    struct suite suite = {.out = into.stream, .class_name = name, .result = r};
    put_cases(&suite);
    char *body = heap_text_take(&into, NULL);
    for (size_t i = 0; i < suite.name_count; i++)
        free(suite.name[i]);
    free(suite.name);
    const struct tally *tally = &suite.tally;
    fputs("  <testsuite", out);
    report_junit_attribute(out, "name", name);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.6f\">\n", tally->tests,
            tally->failures, tally->errors, tally->skipped, r->wall_ns > 0 ? (double)r->wall_ns / 1e9 : 0.0);
    if (r->built)
        put_properties(out, r);
    fprintf(out, "%s  </testsuite>\n", body);
    all->tests += tally->tests;
    all->failures += tally->failures;
    all->errors += tally->errors;
    all->skipped += tally->skipped;
    free(body);
}

struct named {
    char *name;
    size_t place;
};

static int compare_names(const void *a, const void *b) {
    const struct named *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static int compare_places(const void *a, const void *b) {
    const struct named *left = a, *right = b;
    return (left->place > right->place) - (left->place < right->place);
}

/* The second of two equal names becomes "name #2". */
static struct named *name_suites(const struct export_item *item, size_t count) {
    struct named *list = heap_zeroed(count, sizeof list[0]);
    size_t number = 1, first = 0;
    for (size_t i = 0; i < count; i++) {
        const struct result *r = item[i].result;
        list[i] =
            (struct named){heap_format("%s (%s)", r->challenge[0] != '\0' ? r->challenge : "harness", r->file), i};
    }
    qsort(list, count, sizeof list[0], compare_names);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(list[i].name, list[first].name) != 0) {
            first = i;
            number = 1;
            continue;
        }
        char *longer = heap_format("%s #%zu", list[i].name, ++number);
        free(list[i].name);
        list[i].name = longer;
    }
    qsort(list, count, sizeof list[0], compare_places);
    return list;
}

char *export_junit(const struct export_item *item, size_t count) {
    struct heap_text suites, whole;
    struct tally all = {0};
    struct named *name = name_suites(item, count);
    heap_text_open(&suites);
    for (size_t i = 0; i < count; i++) {
        put_suite(suites.stream, item[i].result, name[i].name, &all);
        free(name[i].name);
    }
    free(name);
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
