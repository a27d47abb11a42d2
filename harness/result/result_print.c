/* SPDX-License-Identifier: MIT */
/* A document as text again. cJSON by itself prints 15 digits where it takes two numbers for the same, so each number
 * is spelled here. */
#include <stdlib.h>

#include "harness/format.h"
#include "harness/heap.h"
#include "harness/result/result.h"
#include "harness/text_escape.h"

static void spell_numbers(cJSON *node) {
    for (; node != NULL; node = node->next) {
        if (cJSON_IsNumber(node)) {
            char digits[FORMAT_SIZE];
            node->valuestring = heap_format("%s", format_exact(digits, node->valuedouble));
            node->type = cJSON_Raw;
        }
        spell_numbers(node->child);
    }
}

char *result_print(const struct result *result, bool indented) {
    cJSON *copy = cJSON_Duplicate(result->document, true);
    spell_numbers(copy);
    char *text = indented ? cJSON_Print(copy) : cJSON_PrintUnformatted(copy);
    char *out = heap_format("%s%s", text != NULL ? text : "", indented ? "\n" : "");
    cJSON_free(text);
    cJSON_Delete(copy);
    return text_json(out);
}
