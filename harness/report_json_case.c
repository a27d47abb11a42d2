/* SPDX-License-Identifier: MIT */
/* One case of harness-result/1. A hidden one has a number, a verdict and nothing else. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/report_json_part.h"
#include "harness/view.h"

static void put_element(cJSON *parent, const char *key, const struct grade_output *output,
                        const struct compare_element *element) {
    cJSON *object = cJSON_AddObjectToObject(parent, key);
    const struct compare_result *result = &output->result;
    report_json_text(object, "output", output->name);
    cJSON *index = cJSON_AddArrayToObject(object, "index");
    for (size_t i = 0; i < output->rank && i < SPEC_RANK_MAX; i++)
        cJSON_AddItemToArray(index, cJSON_CreateNumber((double)element->index[i]));
    report_json_number(object, "got", element->got);
    report_json_number(object, "expected", element->expected);
    report_json_number(object, "error", element->error);
    report_json_number(object, "tolerance", view_allowed(result, element));
    report_json_number(object, "ulp", element->ulp);
    if (result->bound.ratio > 0)
        report_json_number(object, "used", element->ratio / result->bound.ratio);
    else
        report_json_number(object, "used", element->ratio > 0 || isnan(element->ratio) ? INFINITY : 0);
}

static void put_output(cJSON *list, const struct grade_output *output) {
    const struct compare_result *result = &output->result;
    cJSON *one = cJSON_CreateObject();
    report_json_text(one, "name", output->name);
    report_json_text(one, "type", dtype_info(output->type)->name);
    cJSON *shape = cJSON_AddArrayToObject(one, "shape");
    for (size_t i = 0; i < output->rank && i < SPEC_RANK_MAX; i++)
        cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)output->shape[i]));
    report_json_text(one, "verdict", verdict_code(result->verdict));
    report_json_number(one, "used", result->used);
    report_json_integer(one, "failing", result->failing);
    report_json_integer(one, "count", result->error.count);
    report_json_integer(one, "not_finite", result->error.not_finite);
    report_json_integer(one, "unwritten", result->error.unwritten);
    report_json_number(one, "max_abs", result->error.max_abs);
    report_json_number(one, "max_rel", result->error.max_rel);
    report_json_number(one, "max_ulp", result->error.max_ulp);
    report_json_number(one, "rel_fro", result->error.rel_fro);
    report_json_number(one, "ratio", result->error.ratio);
    report_json_number(one, "rms", result->error.rms);
    report_json_number(one, "bound_ratio", result->bound.ratio);
    report_json_number(one, "bound_rms", result->bound.rms);
    if (result->failing > 0)
        put_element(one, "first", output, &result->first);
    cJSON_AddItemToArray(list, one);
}

static void put_pattern(cJSON *parent, const struct pattern *pattern) {
    cJSON *object = cJSON_AddObjectToObject(parent, "pattern");
    report_json_bytes(object, "rows", pattern->rows, strnlen(pattern->rows, sizeof pattern->rows));
    report_json_bytes(object, "columns", pattern->columns, strnlen(pattern->columns, sizeof pattern->columns));
    report_json_integer(object, "row_count", pattern->row_count);
    report_json_integer(object, "column_count", pattern->column_count);
    report_json_text(object, "sentence", pattern->sentence);
    report_json_text(object, "advice", pattern->advice);
}

static void put_public(cJSON *one, const struct grade_case *c) {
    report_json_text(one, "sizes", c->sizes);
    report_json_text(one, "catches", c->catches);
    if (c->gate != NULL)
        report_json_text(one, "gate", c->gate);
    report_json_text(one, "detail", c->detail);
    report_json_integer(one, "wall_ns", c->wall_ns);
    report_json_number(one, "used", c->used);
    size_t outputs = c->output_count < SPEC_ARGUMENTS_MAX ? c->output_count : SPEC_ARGUMENTS_MAX;
    if (c->worst < outputs && c->output[c->worst].result.error.worst_count > 0)
        put_element(one, "worst", &c->output[c->worst], &c->output[c->worst].result.error.worst[0]);
    else
        cJSON_AddNullToObject(one, "worst");
    cJSON *list = cJSON_AddArrayToObject(one, "outputs");
    for (size_t i = 0; i < outputs; i++)
        put_output(list, &c->output[i]);
    if (c->has_pattern)
        put_pattern(one, &c->pattern);
}

void report_json_case(cJSON *list, const struct grade *grade, size_t i) {
    const struct grade_case *c = &grade->cases[i];
    char *name = view_case_name(grade, i);
    cJSON *one = cJSON_CreateObject();
    report_json_text(one, "name", name);
    report_json_integer(one, "number", (int64_t)c->number);
    cJSON_AddBoolToObject(one, "hidden", c->hidden);
    report_json_text(one, "verdict", verdict_code(c->verdict));
    report_json_text(one, "place", c->hidden ? "" : c->place);
    if (!c->hidden)
        put_public(one, c);
    cJSON_AddItemToArray(list, one);
    free(name);
}
