/* SPDX-License-Identifier: MIT */
/* Gradings that have just ended go the way of those that are read from files: through their JSON. */
#include <stdlib.h>
#include <string.h>

#include "harness/command.h"
#include "harness/export/export.h"
#include "harness/heap.h"

static bool wanted(const struct options *options) {
    return options->junit != NULL || options->csv != NULL || options->points_csv != NULL || options->markdown != NULL ||
           options->gradescope != NULL || options->code_quality != NULL || options->github || options->classroom;
}

int export_write_reports(const struct options *options, const struct report_item *item, size_t count,
                         const struct report_look *look) {
    struct error error;
    if (!wanted(options))
        return 0;
    struct result *result = heap_zeroed(count, sizeof result[0]);
    struct export_item *list = heap_zeroed(count, sizeof list[0]);
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        char *text = report_json(&item[i], 1, look);
        list[i] = (struct export_item){.person = "", .task = "", .result = &result[i]};
        if (result_of_text(text, strlen(text), item[i].file, &result[i], &error) != 0) {
            error.owner = ERROR_HARNESS; /* it is our own text */
            code = command_fail(&error);
        }
        free(text);
    }
    if (code == 0)
        code = export_write(options, list, count);
    for (size_t i = 0; i < count; i++)
        result_release(&result[i]);
    free(list);
    free(result);
    return code;
}
