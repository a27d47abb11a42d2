/* SPDX-License-Identifier: MIT */
/* Strict JSON. Refused: a sentence that names the file, a line and a column, or a pointer. Accepted: a tree within the
 * limits, which says the same when it is printed and read again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/json.h"
#include "tests/fuzz/fuzz.h"

/* The printer of cJSON leaves U+007F as it is, which the reader refuses on purpose. */
static bool holds_delete(const cJSON *node) {
    const cJSON *child;
    if ((cJSON_IsString(node) && strchr(node->valuestring, 0x7f) != NULL) ||
        (node->string != NULL && strchr(node->string, 0x7f) != NULL))
        return true;
    cJSON_ArrayForEach(child, node) if (holds_delete(child)) return true;
    return false;
}

static void must_be_sound(const cJSON *node, int depth) {
    const cJSON *child, *other;
    MUST(depth <= JSON_DEPTH_MAX + 1, "a tree of %d levels was accepted", depth);
    MUST(!cJSON_IsNumber(node) || isfinite(node->valuedouble), "a number that is not finite was accepted");
    MUST(!cJSON_IsString(node) || fuzz_is_utf8(node->valuestring, strlen(node->valuestring)), "a string is no UTF-8");
    cJSON_ArrayForEach(child, node) {
        if (cJSON_IsObject(node))
            for (other = child->next; other != NULL; other = other->next)
                MUST(strcmp(child->string, other->string) != 0, "the key '%s' twice was accepted", child->string);
        must_be_sound(child, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct json_file file, again;
    struct error err = {0};
    if (json_parse("dir/fuzz.json", ERROR_CHALLENGE, (const char *)data, size, &file, &err) != 0) {
        fuzz_must_be_sentence(err.text);
        MUST(strncmp(err.text, "dir/fuzz.json:", 14) == 0, "no file in: %s", err.text);
        MUST(err.owner == ERROR_CHALLENGE, "the wrong owner of: %s", err.text);
        MUST(file.root == NULL && file.path == NULL, "an error leaves something behind");
        return 0;
    }
    must_be_sound(file.root, 1);
    char *text = cJSON_PrintUnformatted(file.root);
    MUST(text != NULL, "a tree that cannot be printed");
    if (!holds_delete(file.root)) {
        int rc = json_parse("again.json", ERROR_CHALLENGE, text, strlen(text), &again, &err);
        MUST(rc == 0, "what was accepted is refused when printed again: %s", err.text);
        /* Not cJSON_Compare: it looks at each member from both sides, which doubles the work with every level. */
        char *same = cJSON_PrintUnformatted(again.root);
        MUST(same != NULL && strcmp(text, same) == 0, "printed and read again it is another tree: %s", text);
        cJSON_free(same);
        json_release(&again);
    }
    cJSON_free(text);
    json_release(&file);
    return 0;
}
