/* SPDX-License-Identifier: MIT */
/* The generated C: it compiles against the header it was written for, and every way in which a header can disagree with
 * challenge.json is a compile error that names the place. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grader/stub.h"
#include "tests/grader/compiler.h"

#define PACKS      "tests/data/packs/"
#define CHECK_ONLY "-std=gnu17 -Wall -Wextra -Werror -fsyntax-only -I. -I"

static struct spec *spec;
static struct compiler compiler;

static void load(const char *id) {
    char folder[128], header[256], name[80], *text = NULL;
    size_t size = 0;
    struct error err = {0};

    snprintf(folder, sizeof folder, PACKS "%s", id);
    ck_assert_msg(spec_load(folder, &spec, &err) == 0, "%s", err.text);
    compiler_open(&compiler);
    snprintf(name, sizeof name, "%s.h", id);
    snprintf(header, sizeof header, "%s/%s", folder, name);
    ck_assert_int_eq(scratch_read(header, 1 << 20, &text, &size, &err), 0);
    compiler_put(&compiler, name, text);
    free(text);
}

static void unload(void) {
    compiler_close(&compiler);
    spec_free(spec);
}

static void put_stub(char *text, const char *name) {
    ck_assert_ptr_nonnull(text);
    compiler_put(&compiler, name, text);
    free(text);
}

static const char *const packs[] = {"good-scale", "good-pair", "good-measure"};

START_TEST(all_texts_compile) {
    char arguments[512], root[256];

    load(packs[_i]);
    ck_assert_ptr_nonnull(realpath(".", root));
    put_stub(stub_candidate_text(spec), "candidate.c");
    put_stub(stub_reference_text(spec), "reference.c");
    put_stub(stub_prototypes_text(spec), "prototypes.h");
    snprintf(arguments, sizeof arguments, CHECK_ONLY "%s candidate.c", root);
    ck_assert_msg(compiler_run(&compiler, arguments) == 0, "%s", compiler.output);
    for (int wide = 0; wide <= 1; wide++) {
        snprintf(arguments, sizeof arguments, CHECK_ONLY "%s -DREAL_IS_DOUBLE=%d -include prototypes.h reference.c",
                 root, wide);
        ck_assert_msg(compiler_run(&compiler, arguments) == 0, "%s", compiler.output);
    }
    unload();
}
END_TEST

/* The pack's own reference against the generated prototypes: the promise to authors of packs. */
START_TEST(prototypes_are_those_of_the_reference) {
    char arguments[768], root[256];

    load(packs[_i]);
    ck_assert_ptr_nonnull(realpath(".", root));
    put_stub(stub_prototypes_text(spec), "prototypes.h");
    for (int wide = 0; wide <= 1; wide++) {
        snprintf(arguments, sizeof arguments,
                 "-std=gnu17 -Werror -fsyntax-only -I. -I%s -DREAL_IS_DOUBLE=%d -include prototypes.h %s/reference.c",
                 root, wide, spec->directory);
        ck_assert_msg(compiler_run(&compiler, arguments) == 0, "%s", compiler.output);
    }
    unload();
}
END_TEST

START_TEST(functions_are_numbered_as_promised) {
    struct stub_functions functions;

    load("good-pair");
    stub_reference_functions(spec, &functions);
    ck_assert_uint_eq(functions.count, 5);
    ck_assert_str_eq(functions.name[stub_reference_index(0)], "reference_pair_forward");
    ck_assert_str_eq(functions.name[stub_plain_index(0)], "plain_pair_forward");
    ck_assert_str_eq(functions.name[stub_reference_index(1)], "reference_pair_backward");
    ck_assert_str_eq(functions.name[stub_plain_index(1)], "plain_pair_backward");
    ck_assert_str_eq(functions.name[stub_generate_index(spec, "planted")], "generate_planted");
    ck_assert_uint_eq(functions.entry[stub_generate_index(spec, "planted")], 1);
    unload();
}
END_TEST

/* What the candidate's function must not have stands in no text that is compiled with it. */
START_TEST(secrets_and_measures_are_the_references) {
    struct stub_functions functions;

    load("good-measure");
    stub_reference_functions(spec, &functions);
    ck_assert_uint_eq(functions.count, 4);
    ck_assert_uint_eq(functions.first_measure, 3);
    ck_assert_str_eq(functions.name[stub_measure_index(spec, 0)], "measure_good_measure");
    char *candidate = stub_candidate_text(spec), *prototypes = stub_prototypes_text(spec);
    char *shown = spec_prototype(spec, 0);
    ck_assert_ptr_nonnull(strstr(candidate, "pointer[3]")); /* w */
    for (int a = 4; a < 10; a++) {
        char pointer[32];
        snprintf(pointer, sizeof pointer, "pointer[%d]", a);
        ck_assert_ptr_null(strstr(candidate, pointer));
    }
    ck_assert_ptr_null(strstr(shown, "truth"));
    static const char *const wanted[] = {
        "int reference_good_measure(const struct good_measure_params *, const real *, const real *, real *, "
        "const real *, const real *, const real *);",
        "int generate_plant(const struct good_measure_params *, real *, real *, real *, real *, real *, real *);",
        "int measure_good_measure(const struct good_measure_params *, const real *, const real *, const real *, "
        "const real *, const real *, const real *, double *, double *, double *);"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ck_assert_msg(strstr(prototypes, wanted[i]) != NULL, "%s", wanted[i]);
    free(candidate);
    free(prototypes);
    free(shown);
    unload();
}
END_TEST

/* A function that looks at what arrives: the numbers by value, the struct's fields, the pointers in order. */
static const char probe[] =
    "#include <stdio.h>\n#include \"good-pair.h\"\n"
    "int harness_stub_call(unsigned i, void *const *function, void *const *pointer, const double *value);\n"
    "static int forward(const struct pair_params *p, const float *x, const float *bias, float *y) {\n"
    "    return p->rows == 3 && p->n == 5 && p->scale == 0.25f && x == (float *)64 && bias == NULL\n"
    "           && y == (float *)96 ? 11 : 1;\n}\n"
    "static int backward(int32_t rows, int64_t n, float scale, int32_t half, const float *dy, float *dx,\n"
    "                    float *dbias, int32_t *best) {\n"
    "    return rows == 3 && n == 5 && scale == 0.25f && half == -2 && dy == (float *)64 && dx == (float *)96 &&\n"
    "           dbias == (float *)128 && best == (int32_t *)160 ? 22 : 1;\n}\n"
    "int main(void) {\n"
    "    void *function[2] = {(void *)forward, (void *)backward};\n"
    "    void *one[6] = {NULL, NULL, NULL, (void *)64, NULL, (void *)96};\n"
    "    void *two[8] = {NULL, NULL, NULL, NULL, (void *)64, (void *)96, (void *)128, (void *)160};\n"
    "    double value_one[3] = {3, 5, 0.25}, value_two[4] = {3, 5, 0.25, -2};\n"
    "    printf(\"%d %d %d\\n\", harness_stub_call(0, function, one, value_one), harness_stub_call(1, function, two, "
    "value_two),\n           harness_stub_call(7, function, one, value_one));\n    return 0;\n}\n";

START_TEST(a_stub_passes_what_it_is_given) {
    load("good-pair");
    put_stub(stub_candidate_text(spec), "candidate.c");
    compiler_put(&compiler, "probe.c", probe);
    ck_assert_msg(compiler_run(&compiler, "-std=gnu17 -w -I. probe.c candidate.c -o probe && ./probe") == 0, "%s",
                  compiler.output);
    ck_assert_str_eq(compiler.output, "11 22 -1\n");
    unload();
}
END_TEST

struct disagreement {
    const char *pack, *from, *to; /* in the header */
    const char *names;            /* must be in the message */
};

static const struct disagreement disagreements[] = {
    {"good-scale", "int32_t n;", "int64_t n;", "good_scale_params.n in the header is not the i32"},
    {"good-scale", "int32_t n;", "uint32_t n;", "good_scale_params.n in the header is not the i32"},
    {"good-scale", "float a;", "double a;", "good_scale_params.a in the header is not the f32"},
    {"good-scale", "float a;", "", "no member named 'a'"},
    {"good-scale", "struct good_scale_params {", "struct other_params {", "good_scale_params"},
    {"good-scale", "const float *x, float *y", "float *y, const float *x", "prototype of good_scale"},
    {"good-scale", "const float *x, float *y", "float *x, float *y", "prototype of good_scale"},
    {"good-scale", "const float *x, float *y", "const float *x, const float *y", "prototype of good_scale"},
    {"good-scale", "const float *x, float *y", "const double *x, float *y", "prototype of good_scale"},
    {"good-scale", "const float *x, float *y", "const float *x", "prototype of good_scale"},
    {"good-scale", "const float *x, float *y", "const float *x, float *y, int more", "prototype of good_scale"},
    {"good-scale", "const struct good_scale_params *p", "struct good_scale_params *p", "prototype of good_scale"},
    {"good-scale", "const struct good_scale_params *p", "struct good_scale_params p", "prototype of good_scale"},
    {"good-scale", "int good_scale(", "void good_scale(", "prototype of good_scale"},
    {"good-scale", "int good_scale(", "long good_scale(", "prototype of good_scale"},
    {"good-scale", "int good_scale(", "int good_scaled(", "good_scale"},
    {"good-pair", "int64_t n, float scale", "int32_t n, float scale", "prototype of pair_backward"},
    {"good-pair", "float scale, int32_t half", "int32_t half, float scale", "prototype of pair_backward"},
    {"good-pair", "float scale, int32_t half", "double scale, int32_t half", "prototype of pair_backward"},
    {"good-pair", "int32_t *best", "int64_t *best", "prototype of pair_backward"},
    {"good-pair", "const float *bias, float *y", "const float *restrict bias, float *const y", NULL},
    {"good-pair", "float *dbias,", "float dbias[static 1],", NULL},
};

static char *replaced(const char *text, const char *from, const char *to) {
    const char *at = strstr(text, from);
    char *made = NULL;

    ck_assert_msg(at != NULL, "the header has no '%s'", from);
    ck_assert_int_gt(asprintf(&made, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)), 0);
    return made;
}

START_TEST(a_header_that_disagrees_does_not_compile) {
    const struct disagreement *d = &disagreements[_i];
    char header[SCRATCH_PATH + 80], name[80], *text = NULL;
    size_t size = 0;

    load(d->pack);
    put_stub(stub_candidate_text(spec), "candidate.c");
    snprintf(name, sizeof name, "%s.h", d->pack);
    snprintf(header, sizeof header, "%.*s/%s", SCRATCH_PATH - 1, compiler.scratch.path, name);
    ck_assert_int_eq(scratch_read(header, 1 << 20, &text, &size, NULL), 0);
    char *changed = replaced(text, d->from, d->to);
    compiler_put(&compiler, name, changed);
    const int code = compiler_run(&compiler, "-std=gnu17 -fsyntax-only -I. candidate.c");
    if (d->names == NULL) {
        ck_assert_msg(code == 0, "'%s' -> '%s' means the same:\n%s", d->from, d->to, compiler.output);
    } else {
        ck_assert_msg(code != 0, "'%s' -> '%s' compiles", d->from, d->to);
        ck_assert_msg(strstr(compiler.output, d->names) != NULL, "'%s' -> '%s' is not named:\n%s", d->from, d->to,
                      compiler.output);
    }
    free(changed);
    free(text);
    unload();
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stub");
    TCase *tests = tcase_create("stub");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, all_texts_compile, 0, 3);
    tcase_add_loop_test(tests, prototypes_are_those_of_the_reference, 0, 3);
    tcase_add_test(tests, functions_are_numbered_as_promised);
    tcase_add_test(tests, secrets_and_measures_are_the_references);
    tcase_add_test(tests, a_stub_passes_what_it_is_given);
    tcase_add_loop_test(tests, a_header_that_disagrees_does_not_compile, 0,
                        sizeof disagreements / sizeof *disagreements);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
