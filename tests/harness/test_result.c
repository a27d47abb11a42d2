/* SPDX-License-Identifier: MIT */
/* harness-result/1 read back: everything that report_json() writes, and nothing that the schema does not allow. */
#include "harness/result/result.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "tests/harness/fixture.h"

static struct fixture fixture;
static struct result result;
static struct error error;

/* The document of a fixture. The caller frees. */
static char *document(const char *name, bool secret) {
    const struct report_look look = {.timing = true, .seed_secret = secret};
    for (const struct fixture_entry *entry = FIXTURE; entry->name != NULL; entry++) {
        if (strcmp(entry->name, name) != 0)
            continue;
        entry->make(&fixture);
        return report_json(&fixture.item, 1, &look);
    }
    ck_abort_msg("there is no fixture %s", name);
    return NULL;
}

static int read_text(const char *text) {
    return result_of_text(text, strlen(text), "some.json", &result, &error);
}

static void read_fixture(const char *name) {
    char *text = document(name, false);
    ck_assert_msg(read_text(text) == 0, "%s: %s", name, error.text);
    free(text);
}

START_TEST(every_fixture) {
    for (const struct fixture_entry *entry = FIXTURE; entry->name != NULL; entry++) {
        read_fixture(entry->name);
        ck_assert_int_eq(result.verdict, report_verdict(&fixture.item));
        ck_assert_int_eq(result.exit, report_exit(&fixture.item));
        ck_assert_uint_eq(result.case_count, fixture.item.grade != NULL ? fixture.grade.case_count : 0);
        ck_assert_uint_eq(result.timing_count, fixture.item.grade != NULL ? fixture.grade.timing_count : 0);
        ck_assert_uint_eq(result.gate_count, fixture.item.grade != NULL ? fixture.grade.gate_count : 0);
        result_release(&result);
        ck_assert_ptr_null(result.document);
    }
}
END_TEST

START_TEST(what_passed) {
    read_fixture("passed");
    const struct grade *grade = &fixture.grade;
    ck_assert_str_eq(result.file, fixture.item.file);
    ck_assert_str_eq(result.sha256, grade->sha256);
    ck_assert_str_eq(result.challenge, "attention-causal");
    ck_assert_str_eq(result.challenge_version, fixture.spec.version);
    ck_assert_str_eq(result.seed, "18446744073709551614");
    ck_assert_str_eq(result.cpu, grade->machine.cpu);
    ck_assert_str_eq(result.vector, grade->machine.vector);
    ck_assert_str_eq(result.kernel, grade->machine.kernel);
    ck_assert_int_eq(result.cores, grade->machine.cores);
    ck_assert_int_eq(result.level, 'A' + (int)grade->level);
    ck_assert_str_eq(result.compiler, grade->build.compiler);
    ck_assert_str_eq(result.flags, grade->build.flags);
    ck_assert(result.built);
    ck_assert_int_eq(result.build_verdict, VERDICT_PASSED);
    ck_assert_int_eq(result.build_ns, grade->build.wall_ns);
    ck_assert_int_eq(result.wall_ns, grade->wall_ns);
    ck_assert_double_eq(result.points, grade->points);
    ck_assert_double_eq(result.max_points, grade->max_points);
    ck_assert_double_eq(result.ratio, grade->ratio);
    const struct result_case *first = &result.cases[0], *hidden = &result.cases[3];
    ck_assert_str_eq(first->name, grade->cases[0].name);
    ck_assert_str_eq(first->sizes, grade->cases[0].sizes);
    ck_assert_str_eq(first->catches, grade->cases[0].catches);
    ck_assert_int_eq(first->number, (int64_t)grade->cases[0].number);
    ck_assert_int_eq(first->wall_ns, grade->cases[0].wall_ns);
    ck_assert_double_eq(first->used, grade->cases[0].used);
    ck_assert_str_eq(hidden->name, "hidden-1");
    ck_assert(hidden->hidden && isnan(hidden->used) && hidden->wall_ns == 0 && hidden->sizes[0] == '\0');
    ck_assert(cJSON_GetObjectItem(first->document, "outputs") != NULL);
    result_release(&result);
}
END_TEST

START_TEST(speed) {
    read_fixture("passed");
    const struct grade_timing *timing = fixture.grade.timing;
    for (size_t i = 0; i < result.timing_count; i++) {
        ck_assert_str_eq(result.timing[i].name, timing[i].name);
        ck_assert_double_eq(result.timing[i].ratio, timing[i].estimate.ratio);
        ck_assert_double_eq(result.timing[i].candidate_ns, timing[i].estimate.candidate_ns);
        ck_assert_double_eq(result.timing[i].baseline_ns, timing[i].estimate.baseline_ns);
        ck_assert_double_eq(result.timing[i].gflops, timing[i].gflops);
        ck_assert_double_eq(result.timing[i].of_roof, timing[i].of_roof);
        ck_assert_double_eq(result.timing[i].ratio_needed, timing[i].ratio_needed);
        ck_assert_int_eq(result.timing[i].samples, (int64_t)timing[i].estimate.pairs);
        ck_assert_int_eq(result.timing[i].clean, (int64_t)timing[i].estimate.clean);
        ck_assert_int_eq(result.timing[i].threads, timing[i].threads);
    }
    ck_assert_double_eq_tol(result.ratio_low, sqrt(timing[0].estimate.low * timing[1].estimate.low), 1e-12);
    ck_assert_double_eq_tol(result.ratio_high, sqrt(timing[0].estimate.high * timing[1].estimate.high), 1e-12);
    result_release(&result);
    read_fixture("no_timing");
    ck_assert(isnan(result.ratio) && isnan(result.ratio_low) && isnan(result.ratio_high));
    result_release(&result);
    read_fixture("hidden_timing");
    ck_assert(result.timing[1].hidden && isnan(result.timing[1].candidate_ns) && isnan(result.timing[1].of_roof));
    ck_assert_str_eq(result.timing[1].name, "hidden-1");
    ck_assert(result.timing[1].ratio > 0);
    result_release(&result);
}
END_TEST

START_TEST(what_is_not_there) {
    char *text = document("passed", true);
    ck_assert_int_eq(read_text(text), 0);
    ck_assert_ptr_null(result.seed);
    result_release(&result);
    free(text);
    read_fixture("challenge_broken");
    ck_assert_str_eq(result.sha256, "");
    ck_assert_str_eq(result.cpu, "");
    ck_assert_int_eq(result.level, '-');
    ck_assert(!result.built && isnan(result.max_points) && result.seed == NULL);
    ck_assert(strstr(result.detail, "tolernace") != NULL);
    ck_assert_int_eq(result.verdict, VERDICT_CHALLENGE_ERROR);
    ck_assert_int_eq(result.exit, 3);
    result_release(&result);
}
END_TEST

START_TEST(numbers_that_are_words) {
    read_fixture("not_finite");
    ck_assert(isinf(result.cases[2].used) && result.cases[2].used > 0);
    result_release(&result);
    read_fixture("hostile");
    ck_assert(isnan(result.points) && isinf(result.timing[0].low) && result.timing[0].low < 0);
    ck_assert_int_eq(result.wall_ns, INT64_MAX);
    result_release(&result);
}
END_TEST

START_TEST(messages_and_gates) {
    read_fixture("compile_error");
    ck_assert_uint_eq(result.diagnostic_count, 3);
    ck_assert_str_eq(result.diagnostic[0].kind, "error");
    ck_assert_str_eq(result.diagnostic[0].file, "attention_causal.c");
    ck_assert_int_eq(result.diagnostic[0].line, 3);
    ck_assert_int_eq(result.diagnostic[0].column, 52);
    ck_assert(strstr(result.diagnostic[0].message, "sclae") != NULL);
    result_release(&result);
    read_fixture("gates");
    ck_assert_str_eq(result.gate[1].name, "long-run");
    ck_assert_int_eq(result.gate[1].passed, 1);
    ck_assert_int_eq(result.gate[1].cases, 2);
    ck_assert_double_eq(result.gate[0].points, 50);
    ck_assert_double_eq(result.gate[1].max_points, 50);
    ck_assert_str_eq(result.cases[0].gate, "forward");
    result_release(&result);
}
END_TEST

/* The document of `fixture` with `old` replaced by `new` at its first place, and what the message must say. */
static const struct {
    const char *fixture, *old, *new, *says;
} BAD[] = {
    {"passed", "\"verdict\"", "\"verdlct\"", "did you mean 'verdict'"},
    {"passed", "\"curves\":\t[],", "", "the top level has no member 'curves'"},
    {"passed", "harness-result/1", "harness-result/2", "/schema must be one of"},
    {"passed", "harness-result/1", "harness-result", "/schema must be one of"},
    {"passed", "\"verdict\":\t\"passed\"", "\"verdict\":\t\"fine\"", "the code of a verdict"},
    {"passed", "\"hidden\":\ttrue", "\"hidden\":\tfalse", "has no member 'sizes'"},
    {"passed", "\"hidden\":\tfalse", "\"hidden\":\ttrue", "/cases/0/sizes is not a known key of a hidden case"},
    {"passed", "\"hidden\":\tfalse", "\"hidden\":\t0", "true or false"},
    {"passed", "\"name\":\t\"hidden-1\"", "\"name\":\t\"odd_tail\"", "must be hidden- and a number"},
    {"passed", "\"level\":\t\"A\"", "\"level\":\t\"E\"", "/machine/sandbox/level must be one of: A B C D"},
    {"passed", "\"clock\":\t\"wall\"", "\"clock\":\t\"sun\"", "/timing/0/clock must be one of: wall cpu"},
    {"passed", "18446744073709551614", "18446744073709551616", "/seed must be the digits"},
    {"passed", "\"exit\":\t0", "\"exit\":\t5", "/exit must be an exit code"},
    {"passed", "\"exit\":\t0", "\"exit\":\t0, \"exit\": 0", "twice"},
    {"passed", "\"exit\":\t0", "\"exit\":\t0, \"more\": 0", "/more is not a known key of a result"},
    {"passed", "\"points\":\t100", "\"points\":\tnull", "/points must be a number"},
    {"passed", "\"number\":\t1", "\"number\":\t1.5", "/cases/0/number must be a whole number"},
    {"passed", "\"number\":\t1", "\"number\":\t\"1\"", "/cases/0/number must be a whole number"},
    {"passed", "\"threads\":\t1", "\"threads\":\t1e400", "too large"},
    {"passed", "\"index\":\t[", "\"index\":\t[\"0\",", "index/0 must be a whole number"},
    {"passed", "\"gates\":\t[]", "\"gates\":\t[3]", "/gates/0 must be an object"},
    {"passed", "\"gates\":\t[]", "\"gates\":\t{}", "/gates must be a list"},
    {"challenge_broken", "\"machine\":\tnull", "\"machine\":\t[]", "/machine must be an object, or null"},
    {"hidden_timing", "\"name\":\t\"hidden-1\",\n\t\t\t\"hidden\":\ttrue,\n\t\t\t\"verdict\":\t\"too_slow\"",
     "\"name\":\t\"hidden-1\",\n\t\t\t\"hidden\":\ttrue,\"detail\":\"x\",\n\t\t\t\"verdict\":\t\"too_slow\"",
     "/timing/1/detail is not a known key of a hidden timed case"},
    {"hostile", "\"wall_ns\":\t\"9223372036854775807\"", "\"wall_ns\":\t\"9223372036854775808\"", "whole number"},
    {"passed", "{", "[", "some.json:"},
    {"passed", "{\n", "{\n\"\\u0000\":1,", "some.json:2"},
};

START_TEST(refuses) {
    char *text = document(BAD[_i].fixture, false), *at = strstr(text, BAD[_i].old);
    ck_assert_msg(at != NULL, "%s is not in %s", BAD[_i].old, text);
    char *bad = heap_format("%.*s%s%s", (int)(at - text), text, BAD[_i].new, at + strlen(BAD[_i].old));
    ck_assert_msg(read_text(bad) == -1, "%s was accepted", BAD[_i].new);
    ck_assert_int_eq(error.owner, ERROR_USER);
    ck_assert_msg(strstr(error.text, BAD[_i].says) != NULL, "%s", error.text);
    ck_assert_msg(strncmp(error.text, "some.json", 9) == 0, "%s", error.text);
    ck_assert_ptr_null(result.document);
    free(bad);
    free(text);
}
END_TEST

START_TEST(cut_anywhere) {
    char *text = document("wrong_answer", false);
    size_t size = strlen(text) - 2; /* the last two are the brace and the line feed */
    for (size_t cut = 0; cut < size; cut += 97)
        ck_assert_int_eq(result_of_text(text, cut, "some.json", &result, &error), -1);
    ck_assert_int_eq(result_of_json(cJSON_CreateArray(), "some.json", &result, &error), -1);
    ck_assert_int_eq(result_of_json(NULL, "some.json", &result, &error), -1);
    free(text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("result");
    TCase *tcase = tcase_create("result");
    tcase_add_test(tcase, every_fixture);
    tcase_add_test(tcase, what_passed);
    tcase_add_test(tcase, speed);
    tcase_add_test(tcase, what_is_not_there);
    tcase_add_test(tcase, numbers_that_are_words);
    tcase_add_test(tcase, messages_and_gates);
    tcase_add_loop_test(tcase, refuses, 0, sizeof BAD / sizeof BAD[0]);
    tcase_add_test(tcase, cut_anywhere);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
