/* SPDX-License-Identifier: MIT */
/* What the good packs in tests/data/packs resolve to. The broken ones are in test_spec_broken.c. */
#include <check.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/json.h"
#include "grader/spec.h"

#define PACKS "tests/data/packs"

static struct spec *load_good(const char *directory) {
    struct spec *spec = NULL;
    struct error err = {0};

    ck_assert_msg(spec_load(directory, &spec, &err) == 0, "%s", err.text);
    return spec;
}

static const struct spec_case *find_case(const struct spec *spec, const char *name) {
    for (size_t i = 0; i < spec->case_count; i++) {
        if (strcmp(spec->cases[i].name, name) == 0) {
            return &spec->cases[i];
        }
    }
    ck_abort_msg("no case %s", name);
    return NULL;
}

START_TEST(test_head) {
    char absolute[PATH_MAX];
    struct spec *scale = load_good(PACKS "/good-scale"), *pair = load_good(PACKS "/good-pair///");

    ck_assert_str_eq(scale->directory, realpath(PACKS "/good-scale", absolute));
    ck_assert_str_eq(scale->id, "good-scale");
    ck_assert_str_eq(scale->version, "1.0");
    ck_assert_str_eq(scale->title, "Scale a vector");
    ck_assert_str_eq(scale->track, "kernels");
    ck_assert_str_eq(scale->difficulty, "easy");
    ck_assert_str_eq(scale->bound, "bandwidth");
    ck_assert_int_eq(scale->minutes, 1);
    ck_assert_uint_eq(scale->case_count, 5);
    ck_assert_uint_eq(scale->hidden_count, 1);
    ck_assert(scale->points_correct == 40 && scale->points_speed == 60 && !scale->partial && !scale->strict_build);
    ck_assert(scale->ratio_zero == 0.1 && scale->ratio_full == 1.0 && scale->threads == 1);
    ck_assert_int_eq(scale->limits.call_ms, 1000);
    ck_assert_uint_eq(scale->limits.memory_bytes, 64U << 20);
    ck_assert_uint_eq(scale->limits.binary_bytes, 1U << 20);
    ck_assert_uint_eq(scale->limits.stack_bytes, 8U << 20);
    ck_assert(scale->limits.static_bytes == 0 && !scale->limits.no_allocation);
    ck_assert_uint_eq(scale->library_count, 1);
    ck_assert_str_eq(scale->library[0], "m");

    ck_assert(pair->points_correct == 40 && pair->points_speed == 60);
    ck_assert_int_eq(pair->limits.call_ms, 2000);
    ck_assert_uint_eq(pair->limits.memory_bytes, 256U << 20);
    ck_assert_str_eq(pair->library[0], "m");
    ck_assert(pair->ratio_zero == 0.05 && pair->ratio_full == 0.9);
    spec_free(scale);
    spec_free(pair);
    spec_free(NULL);
}
END_TEST

START_TEST(test_arguments) {
    struct spec *spec = load_good(PACKS "/good-pair");
    const struct spec_argument *forward = spec->entry[0].argument, *backward = spec->entry[1].argument;

    ck_assert_uint_eq(spec->entry_count, 2);
    ck_assert_uint_eq(spec->entry[0].argument_count, 6);
    ck_assert_str_eq(forward[0].name, "rows");
    ck_assert_int_eq(forward[0].role, SPEC_SIZE);
    ck_assert_str_eq(forward[0].group, "pair_params");
    ck_assert_str_eq(forward[2].group_name, "p");
    ck_assert_int_eq(forward[1].maximum, 4096);
    ck_assert_ptr_null(forward[3].group);
    ck_assert_uint_eq(forward[3].rank, 2);
    ck_assert_str_eq(forward[3].shape[1], "n");
    ck_assert(forward[4].nullable && !forward[3].nullable);
    ck_assert_int_eq(forward[5].tolerance.rule, SPEC_RULE_GAUGE);
    ck_assert_str_eq(forward[5].tolerance.reduction, "2");
    ck_assert_int_eq(backward[1].type, DTYPE_I64);
    ck_assert_int_eq(backward[5].tolerance.rule, SPEC_RULE_ULP);
    ck_assert(backward[5].tolerance.limit == 1 && backward[5].tolerance.reduction == NULL);
    ck_assert_int_eq(backward[6].role, SPEC_INOUT);
    ck_assert_int_eq(backward[6].tolerance.rule, SPEC_RULE_FROBENIUS);
    ck_assert(backward[6].tolerance.limit == 2e-5);
    ck_assert_int_eq(backward[7].tolerance.rule, SPEC_RULE_EXACT);
    ck_assert_str_eq(backward[7].shape[1], "1");
    spec_free(spec);
}
END_TEST

START_TEST(test_values_and_shapes) {
    struct spec *spec = load_good(PACKS "/good-pair");
    const struct spec_case *odd = find_case(spec, "forward_odd"), *list = find_case(spec, "forward_list");
    const struct spec_case *back = find_case(spec, "backward_odd"), *empty = find_case(spec, "backward_empty");
    char text[64], small[7];

    ck_assert(odd->value[0] == 5 && odd->value[1] == 7 && fabs(odd->value[2] - 1 / sqrt(7)) < 1e-15);
    ck_assert(odd->shape[3][0] == 5 && odd->shape[3][1] == 7 && odd->shape[4][0] == 7);
    ck_assert(odd->reduction[5] == 2);
    ck_assert_int_eq(spec_case_count(spec, odd, 3), 35);
    ck_assert_int_eq(spec_case_count(spec, odd, 0), 1);
    ck_assert(list->value[2] == -2.5);
    ck_assert(back->entry == 1 && back->value[3] == 5 && back->strict_denormal);
    ck_assert(back->reduction[6] == 7 && back->reduction[5] == 1);
    ck_assert(back->shape[7][0] == 11 && back->shape[7][1] == 1);
    ck_assert_int_eq(spec_case_count(spec, empty, 4), 0);
    ck_assert_ptr_null(odd->generate);
    ck_assert_str_eq(find_case(spec, "backward_planted")->generate, "planted");
    ck_assert(!odd->hidden && find_case(spec, "hidden_far")->hidden);
    ck_assert(spec->cases[spec->case_count - 1].hidden && !spec->cases[0].hidden);

    spec_case_sizes(spec, odd, text, sizeof text);
    ck_assert_str_eq(text, "rows=5 n=7");
    spec_case_sizes(spec, odd, small, sizeof small);
    ck_assert_str_eq(small, "rows=5");
    spec_case_sizes(spec, odd, small, 0);
    spec_free(spec);
}
END_TEST

/* default <- family <- case */
START_TEST(test_fills) {
    struct spec *spec = load_good(PACKS "/good-pair");
    const struct fill *x = &find_case(spec, "forward_odd")->fill[3], *bias = x + 1;

    ck_assert_int_eq(x->kind, FILL_NORMAL);
    ck_assert(x->parameter[0] == 0 && x->parameter[1] == 2);
    ck_assert(bias->kind == FILL_NORMAL && bias->parameter[1] == 1);

    const struct spec_case *padded = find_case(spec, "forward_no_bias");
    x = &padded->fill[3];
    ck_assert(padded->null[4] && !padded->null[3]);
    ck_assert_uint_eq(x->overlay_count, 2);
    ck_assert(x->overlay[0].kind == FILL_PAD && x->overlay[0].from == 8 && x->overlay[0].value == -3);
    ck_assert(x->overlay[1].kind == FILL_EVERY && x->overlay[1].stride == 3 && x->overlay[1].offset == 0);

    x = &find_case(spec, "forward_list")->fill[3];
    ck_assert(x->kind == FILL_LIST && x->list_count == 3);
    ck_assert(x->list[0] == 1 && x->list[1] == -2 && fabs(x->list[2] - 5.0 / 3) < 1e-15);

    const struct spec_case *ties = find_case(spec, "hidden_ties");
    ck_assert(ties->fill[4].kind == FILL_TIES && ties->fill[4].parameter[2] == 5);
    ck_assert(ties->fill[6].kind == FILL_NORMAL && fabs(ties->fill[6].parameter[1] - (1 + 5.0 / 4096)) < 1e-15);
    ck_assert_int_eq(find_case(spec, "backward_odd")->fill[4].kind, FILL_NORMAL);
    spec_free(spec);
}
END_TEST

START_TEST(test_timing) {
    struct spec *spec = load_good(PACKS "/good-pair");
    const struct spec_timing *forward = &spec->timing[0], *backward = &spec->timing[1], *hidden = &spec->timing[2];

    ck_assert_uint_eq(spec->timing_count, 3);
    ck_assert_str_eq(forward->name, "forward_256");
    ck_assert_uint_eq(forward->family_count, 2);
    ck_assert_str_eq(forward->family[1].name, "forward_256:ties");
    ck_assert_int_eq(forward->family[0].fill[3].kind, FILL_NORMAL);
    ck_assert_int_eq(forward->family[1].fill[3].kind, FILL_TIES);
    ck_assert(forward->flops == 2.0 * 256 * 256 && forward->bytes == 8.0 * 256 * 256 + 4 * 256 && !forward->cold);
    ck_assert_uint_eq(backward->family_count, 1);
    ck_assert_str_eq(backward->family[0].name, "backward_256");
    ck_assert_str_eq(backward->family[0].generate, "planted");
    ck_assert(backward->cold && backward->bytes == 524288 && !backward->family[0].hidden);
    ck_assert(hidden->family[0].hidden && hidden->family[0].fill[3].kind == FILL_ROW_SCALED);
    spec_free(spec);
}
END_TEST

START_TEST(test_prototypes) {
    struct spec *spec = load_good(PACKS "/good-pair");
    char *forward = spec_prototype(spec, 0), *backward = spec_prototype(spec, 1);

    ck_assert_str_eq(forward, "int pair_forward(const struct pair_params *p, const float *x,\n"
                              "                 const float *bias, float *y);");
    ck_assert_str_eq(backward, "int pair_backward(int32_t rows, int64_t n, float scale, int32_t half,\n"
                               "                  const float *dy, float *dx, float *dbias,\n"
                               "                  int32_t *best);");
    free(forward);
    free(backward);
    spec_free(spec);
}
END_TEST

/* The published schema has exactly the kinds of fill.h, each with its parameters. */
START_TEST(test_schema_knows_fills) {
    struct json_file schema;
    struct error err = {0};

    ck_assert_msg(json_read("challenges/challenge.schema.json", ERROR_CHALLENGE, &schema, &err) == 0, "%s", err.text);
    struct json_place root = json_root(&schema), definitions = json_member(&root, "definitions");
    struct json_place fill = json_member(&definitions, "fill"), all = json_member(&fill, "allOf");
    ck_assert_int_eq(cJSON_GetArraySize(all.node), FILL_COUNT);
    for (int i = 0; i < FILL_COUNT; i++) {
        const struct fill_description *description = fill_describe((enum fill_kind)i);
        struct json_place item = json_item(&all, cJSON_GetArrayItem(all.node, i), (size_t)i);
        struct json_place condition = json_member(&item, "if"), then = json_member(&item, "then");
        struct json_place keys = json_member(&then, "properties"), wanted = json_member(&condition, "properties");
        struct json_place kind = json_member(&wanted, "kind");
        ck_assert_str_eq(json_text(&kind, "const", "?"), description->name);
        const int more = i == FILL_LIST ? 1 : i == FILL_DATASET ? 3 : 0;
        ck_assert_int_eq(cJSON_GetArraySize(keys.node), (int)description->parameter_count + 2 + more);
        for (size_t p = 0; p < description->parameter_count; p++) {
            ck_assert_ptr_nonnull(json_member(&keys, description->parameter[p]).node);
        }
    }
    json_release(&schema);
}
END_TEST

START_TEST(test_gates_and_curves) {
    struct spec *spec = load_good(PACKS "/good-descent"), *scale = load_good(PACKS "/good-scale");

    ck_assert_uint_eq(scale->gate_count, 0);
    ck_assert(!scale->entry[0].argument[3].curve && find_case(scale, "seven")->gate == 0);
    ck_assert_uint_eq(spec->gate_count, 3);
    ck_assert_str_eq(spec->gate[1].name, "steps");
    ck_assert_str_eq(spec->gate[2].title, "other rates");
    ck_assert_uint_eq(find_case(spec, "one")->gate, 0);
    ck_assert_uint_eq(find_case(spec, "fast")->gate, 2);
    ck_assert_uint_eq(find_case(spec, "hidden_long")->gate, 1);
    ck_assert(spec->entry[0].argument[4].curve && !spec->entry[0].argument[3].curve);
    ck_assert(spec->partial && spec->points_correct == 90);
    spec_free(scale);
    spec_free(spec);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("spec");
    TCase *tcase = tcase_create("good");

    tcase_add_test(tcase, test_head);
    tcase_add_test(tcase, test_gates_and_curves);
    tcase_add_test(tcase, test_arguments);
    tcase_add_test(tcase, test_values_and_shapes);
    tcase_add_test(tcase, test_fills);
    tcase_add_test(tcase, test_timing);
    tcase_add_test(tcase, test_prototypes);
    tcase_add_test(tcase, test_schema_knows_fills);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
