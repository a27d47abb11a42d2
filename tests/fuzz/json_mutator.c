/* SPDX-License-Identifier: MIT */
/* Mutates a specification as a tree: a byte changed in a JSON text nearly always gives what is no JSON any more, and
 * the reader behind the parser would hardly be reached. Half of the time the bytes are mutated all the same. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static const char separator[] = "\n%%\n";

static const char *const words[] = {
    "b",
    "t",
    "d",
    "0",
    "1",
    "-1",
    "b*t",
    "t/2",
    "floor(t/2)",
    "1/sqrt(d)",
    "nan",
    "inf",
    "-inf",
    "2*b*t*t",
    "input",
    "output",
    "inout",
    "size",
    "scalar",
    "params",
    "f32",
    "f64",
    "i32",
    "i64",
    "u8",
    "bf16",
    "gauge",
    "exact",
    "ulp",
    "frobenius",
    "normal",
    "uniform",
    "list",
    "every",
    "pad",
    "tail",
    "ties",
    "special",
    "permutation",
    "integers",
    "row_ascending",
    "one_hot",
    "plain",
    "shuffled",
    "m",
    "gomp",
    "openblas",
    "cold",
    "warm",
    "",
    "name",
    "kind",
    "value",
    "shape",
    "fill",
    "min",
    "max",
    "low",
    "high",
    "generate",
    "gradient",
    "entry",
    "families",
    "null",
    "then",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
};
static const double numbers[] = {
    0,     1,     -1, 2, 3, 0.5, 16, 64, 255, 256, 1e6, 1e-9, 2147483647, 2147483648, 1e10, 1e15, 9007199254740992.0,
    1e300, -1e300};

static cJSON *pick(cJSON *root, unsigned *left) {
    cJSON *child;
    if (*left == 0)
        return root;
    cJSON_ArrayForEach(child, root) {
        --*left;
        cJSON *found = pick(child, left);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static unsigned count(const cJSON *root) {
    const cJSON *child;
    unsigned sum = 1;
    cJSON_ArrayForEach(child, root) sum += count(child);
    return sum;
}

static cJSON *any(cJSON *root) {
    unsigned left = (unsigned)rand() % count(root);
    return pick(root, &left);
}

static cJSON *parent_of(cJSON *root, const cJSON *node) {
    cJSON *child, *found = NULL;
    cJSON_ArrayForEach(child, root) {
        if (child == node)
            return root;
        if (found == NULL)
            found = parent_of(child, node);
    }
    return found;
}

static cJSON *fresh(void) {
    switch (rand() % 8) {
    case 0:
        return cJSON_CreateObject();
    case 1:
        return cJSON_CreateArray();
    case 2:
        return rand() % 2 ? cJSON_CreateTrue() : cJSON_CreateNull();
    case 3:
    case 4:
        return cJSON_CreateNumber(numbers[(size_t)rand() % (sizeof numbers / sizeof *numbers)]);
    default:
        return cJSON_CreateString(words[(size_t)rand() % (sizeof words / sizeof *words)]);
    }
}

static void replace(cJSON *parent, cJSON *node, cJSON *with) {
    if (cJSON_IsObject(parent)) { /* the key goes with the place */
        char *key = strdup(node->string);
        cJSON_ReplaceItemViaPointer(parent, node, with);
        free(with->string);
        with->string = key;
    } else {
        cJSON_ReplaceItemViaPointer(parent, node, with);
    }
}

static void mutate(cJSON *root) {
    cJSON *node = any(root), *parent = parent_of(root, node), *other = any(root);
    if (parent == NULL)
        return;
    switch (rand() % 7) {
    case 0:
        cJSON_Delete(cJSON_DetachItemViaPointer(parent, node));
        break;
    case 1:
        replace(parent, node, cJSON_Duplicate(other, true));
        break;
    case 2: /* another of the same, as in a list of cases */
        if (cJSON_IsArray(parent))
            cJSON_AddItemToArray(parent, cJSON_Duplicate(node, true));
        else
            cJSON_AddItemToObject(parent, words[(size_t)rand() % (sizeof words / sizeof *words)],
                                  cJSON_Duplicate(node, true));
        break;
    case 3:
        if (cJSON_IsObject(parent) && !(node->type & cJSON_StringIsConst)) {
            free(node->string);
            node->string = strdup(words[(size_t)rand() % (sizeof words / sizeof *words)]);
        }
        break;
    default:
        replace(parent, node, fresh());
        break;
    }
}

static char *mutated(const char *text, size_t size) {
    cJSON *root = cJSON_ParseWithLength(text, size);
    if (root == NULL)
        return NULL;
    for (int i = 1 + rand() % 3; i > 0; i--)
        mutate(root);
    char *out = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return out;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    srand(seed);
    const char *end = memmem(data, size, separator, strlen(separator));
    size_t first = end != NULL ? (size_t)(end - (char *)data) : size, from = 0, length = first;
    if (end != NULL && rand() % 3 == 0) {
        from = first + strlen(separator);
        length = size - from;
    }
    char *text = rand() % 2 ? mutated((char *)data + from, length) : NULL;
    size_t made = text != NULL ? strlen(text) : 0;
    if (text == NULL || size - length + made > max_size) {
        cJSON_free(text);
        return LLVMFuzzerMutate(data, size, max_size);
    }
    memmove(data + from + made, data + from + length, size - from - length);
    memcpy(data + from, text, made);
    cJSON_free(text);
    return size - length + made;
}
