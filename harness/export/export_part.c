/* SPDX-License-Identifier: MIT */
/* See export_part.h. */
#include "harness/export/export_part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/text_escape.h"

const char *export_who(const struct export_item *item) {
    return item->person[0] != '\0' ? item->person : item->result->file;
}

bool export_is_judged(const struct result *result) {
    return result->exit <= EXIT_NOT_ACCEPTED;
}

double export_points(double points) {
    return isfinite(points) && points > 0 ? points : 0;
}

struct export_total export_add_up(const struct export_item *item, size_t count) {
    struct export_total total = {.judged = true};
    for (size_t i = 0; i < count; i++) {
        total.points += export_points(item[i].result->points);
        total.max_points += export_points(item[i].result->max_points);
        total.accepted += item[i].result->verdict == VERDICT_PASSED;
        total.judged = total.judged && export_is_judged(item[i].result);
    }
    return total;
}

static int compare_machines(const void *a, const void *b) {
    const struct result *left = *(const struct result *const *)a, *right = *(const struct result *const *)b;
    int order = strcmp(left->cpu, right->cpu);
    if (order == 0)
        order = (left->cores > right->cores) - (left->cores < right->cores);
    return order != 0 ? order : (int)left->level - (int)right->level;
}

size_t export_machines(const struct export_item *item, size_t count) {
    const struct result **timed = heap_zeroed(count, sizeof(const struct result *));
    size_t found = 0, machines = 0;
    for (size_t i = 0; i < count; i++)
        if (item[i].result->ratio > 0)
            timed[found++] = item[i].result;
    qsort(timed, found, sizeof timed[0], compare_machines);
    for (size_t i = 0; i < found; i++)
        machines += i == 0 || compare_machines(&timed[i - 1], &timed[i]) != 0;
    free(timed);
    return machines;
}

char *export_json(cJSON *root) {
    char *text = cJSON_Print(root);
    char *out = heap_format("%s\n", text != NULL ? text : "");
    cJSON_free(text);
    cJSON_Delete(root);
    return text_json(out);
}
