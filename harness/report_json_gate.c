/* SPDX-License-Identifier: MIT */
/* Gates and curves of harness-result/1. */
#include <stdlib.h>

#include "harness/format.h"
#include "harness/report_json_part.h"

void report_json_gates(cJSON *root, const struct grade *grade) {
    cJSON *list = cJSON_AddArrayToObject(root, "gates");
    for (size_t k = 0; grade != NULL && k < grade->gate_count; k++) {
        const struct grade_gate *gate = &grade->gate[k];
        cJSON *one = cJSON_CreateObject();
        report_json_text(one, "name", gate->name);
        report_json_text(one, "title", gate->title);
        report_json_integer(one, "cases", (int64_t)gate->cases);
        report_json_integer(one, "passed", (int64_t)gate->passed);
        report_json_integer(one, "hidden_cases", (int64_t)gate->hidden_cases);
        report_json_integer(one, "hidden_passed", (int64_t)gate->hidden_passed);
        report_json_number(one, "points", gate->points);
        report_json_number(one, "max_points", gate->max_points);
        cJSON_AddItemToArray(list, one);
    }
}

static void put_values(cJSON *object, const char *key, const double *value, size_t count) {
    cJSON *list = cJSON_AddArrayToObject(object, key);
    for (size_t i = 0; i < count; i++) {
        char digits[FORMAT_SIZE];
        const char *word = format_not_finite(value[i]);
        cJSON_AddItemToArray(list,
                             word != NULL ? cJSON_CreateString(word) : cJSON_CreateRaw(format_exact(digits, value[i])));
    }
}

void report_json_curves(cJSON *root, const struct grade *grade) {
    cJSON *list = cJSON_AddArrayToObject(root, "curves");
    for (size_t i = 0; grade != NULL && i < grade->case_count; i++) {
        const struct grade_case *c = &grade->cases[i];
        for (size_t k = 0; !c->hidden && k < c->curve_count; k++) {
            const struct grade_curve *curve = &c->curve[k];
            cJSON *one = cJSON_CreateObject();
            report_json_text(one, "case", c->name);
            report_json_text(one, "output", curve->output);
            put_values(one, "got", curve->got, curve->count);
            put_values(one, "expected", curve->expected, curve->count);
            report_json_number(one, "tolerance", curve->tolerance);
            report_json_integer(one, "first_divergence", curve->first_divergence);
            cJSON_AddItemToArray(list, one);
        }
    }
}
