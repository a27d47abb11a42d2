/* SPDX-License-Identifier: MIT */
/* A pack as large as a pack may be: as many entries as there may be, each with a measure, and one of them with as many
 * arguments, each output under the gauge rule. What is sized by these limits has to hold it, the worker's page too. */
#include <check.h>
#include <stdarg.h>
#include <string.h>

#include "tests/grader/grade_sample.h"

enum { OUTPUTS = SPEC_ARGUMENTS_MAX - 3, FILE_BYTES = 1 << 16 };

struct text {
    char bytes[FILE_BYTES];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    text->length +=
        (size_t)vsnprintf(text->bytes + text->length, sizeof text->bytes - text->length, format, arguments);
    va_end(arguments);
    ck_assert_uint_lt(text->length, sizeof text->bytes);
}

static void keep(const char *name, struct text *text) {
    char path[64];

    snprintf(path, sizeof path, "large/%s", name);
    office_write(path, text->bytes);
    text->length = 0;
}

static size_t outputs_of(size_t entry) {
    return entry == 0 ? OUTPUTS : 1;
}

/* "float *" or "real *" for each output of the entry, named with this prefix unless it is NULL. */
static void put_parameters(struct text *text, size_t entry, const char *type, const char *prefix) {
    for (size_t i = 0; i < outputs_of(entry); i++)
        put(text, ", %s%s%zu", type, prefix, i);
}

static void put_spec(struct text *text) {
    put(text, "{\"spec\":1,\"id\":\"large\",\"version\":\"1\",\"title\":\"Large\",\"summary\":\"large\","
              "\"track\":\"kernels\",\"difficulty\":\"easy\",\"minutes\":1,\"bound\":\"compute\",\"entries\":[");
    for (size_t e = 0; e < SPEC_ENTRIES_MAX; e++) {
        put(text, "%s{\"name\":\"e%zu\",\"arguments\":[{\"name\":\"n\",\"role\":\"size\",\"type\":\"i32\",\"min\":1,"
                  "\"max\":99},{\"name\":\"x\",\"role\":\"input\",\"type\":\"f32\",\"shape\":[\"n\"],"
                  "\"fill\":{\"kind\":\"normal\"}}", e > 0 ? "," : "", e);
        for (size_t i = 0; i < outputs_of(e); i++)
            put(text, ",{\"name\":\"y%zu\",\"role\":\"output\",\"type\":\"f32\",\"shape\":[\"n\"],"
                      "\"tolerance\":{\"rule\":\"gauge\",\"reduction\":1}}", i);
        put(text, ",{\"name\":\"m\",\"role\":\"measure\",\"type\":\"f64\",\"shape\":[1],"
                  "\"tolerance\":{\"rule\":\"curve\",\"floor\":1e-5,\"cap\":1e-3}}]}");
    }
    put(text, "],\"families\":{},\"cases\":[");
    for (size_t e = 0; e < SPEC_ENTRIES_MAX; e++)
        put(text, "%s{\"name\":\"c%zu\",\"catches\":\"nothing\",\"entry\":\"e%zu\",\"sizes\":{\"n\":17}}",
            e > 0 ? "," : "", e, e);
    put(text, "],\"scoring\":{\"correct\":1,\"speed\":0},\"limits\":{\"call_ms\":1000,\"memory_mib\":64,"
              "\"stack_kib\":8192,\"binary_kib\":1024}}");
}

/* y_i = (i+2)*x, and the measure is the mean of the last output. */
static void put_reference(struct text *text) {
    put(text, "#include \"reference/real.h\"\n");
    for (size_t e = 0; e < SPEC_ENTRIES_MAX; e++) {
        put(text, "int reference_e%zu(int32_t n, const real *x", e);
        put_parameters(text, e, "real *", "y");
        put_parameters(text, e, "real *", "g");
        put(text, ") {\n    for (int i = 0; i < n; i++) {\n");
        for (size_t i = 0; i < outputs_of(e); i++)
            put(text, "y%zu[i] = %zu * x[i]; if (g%zu) g%zu[i] = real_fabs(y%zu[i]);\n", i, i + 2, i, i, i);
        put(text, "    }\n    return 0;\n}\nint plain_e%zu(int32_t n, const real *x", e);
        put_parameters(text, e, "real *", "y");
        put(text, ") {\n    for (int i = n - 1; i >= 0; i--) {\n");
        for (size_t i = 0; i < outputs_of(e); i++)
            put(text, "y%zu[i] = %zu * x[i] + x[i];\n", i, i + 1);
        put(text, "    }\n    return 0;\n}\nint measure_e%zu(int32_t n, const real *x", e);
        put_parameters(text, e, "const real *", "y");
        put(text, ", double *m) {\n    (void)x;\n    m[0] = 0;\n    for (int i = 0; i < n; i++) m[0] += "
                  "(double)y%zu[i] / n;\n    return 0;\n}\n", outputs_of(e) - 1);
    }
}

static void put_solution(struct text *text, bool right) {
    put(text, "// harness: large\n#include \"large.h\"\n");
    for (size_t e = 0; e < SPEC_ENTRIES_MAX; e++) {
        put(text, "int e%zu(int32_t n, const float *x", e);
        put_parameters(text, e, "float *", "y");
        put(text, ") {\n    for (int i = 0; i < n; i++) {\n");
        for (size_t i = 0; i < outputs_of(e); i++)
            put(text, "y%zu[i] = %zu * x[i];\n", i, i + 2 + (!right && i == OUTPUTS - 1));
        put(text, "    }\n    return 0;\n}\n");
    }
}

static void make_pack(void) {
    static struct text text;
    char folder[96];

    snprintf(folder, sizeof folder, "%s/large", office.root);
    ck_assert_int_eq(mkdir(folder, 0755), 0);
    text.length = 0;
    put_spec(&text);
    keep("challenge.json", &text);
    put_reference(&text);
    keep("reference.c", &text);
    put(&text, "#ifndef LARGE_H\n#define LARGE_H\n#include <stdint.h>\n");
    for (size_t e = 0; e < SPEC_ENTRIES_MAX; e++) {
        put(&text, "int e%zu(int32_t n, const float *x", e);
        put_parameters(&text, e, "float *", "y");
        put(&text, ");\n");
    }
    put(&text, "#endif\n");
    keep("large.h", &text);
    put(&text, "# Large\n");
    keep("README.md", &text);
    put_solution(&text, false);
    keep("starter.c", &text);
    put_solution(&text, true);
    keep("right.c", &text);
    office_load(folder);
}

START_TEST(the_largest_pack) {
    char file[128];

    make_pack();
    snprintf(file, sizeof file, "%s/large/right.c", office.root);
    office_must_pass(file);
    ck_assert_uint_eq(office.grade->cases[0].output_count, OUTPUTS + 1);
    snprintf(file, sizeof file, "%s/large/starter.c", office.root);
    ck_assert_int_eq((int)office_grade(file), (int)VERDICT_WRONG_ANSWER);
    ck_assert_uint_eq(office.grade->cases[0].worst, OUTPUTS - 1);
    ck_assert_str_eq(office.grade->cases[0].output[OUTPUTS].name, "m");
    ck_assert_int_eq(office.grade->cases[0].output[OUTPUTS].result.verdict, VERDICT_WRONG_ANSWER);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("limits");
    TCase *tests = tcase_create("limits");
    SRunner *runner = srunner_create(suite);

    tcase_add_unchecked_fixture(tests, office_open_cache, office_close_cache);
    tcase_add_checked_fixture(tests, office_open, office_close);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, the_largest_pack);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
