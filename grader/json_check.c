/* SPDX-License-Identifier: MIT */
/* Objects against their tables of keys, and the getters for what has been accepted. */
#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "grader/json.h"
#include "grader/names.h"

enum { KEYS_MAX = 32 };

#define WHOLE_MAX 9007199254740992.0

static const char *const type_title[] = {
    [JSON_TEXT] = "a string",
    [JSON_NUMBER] = "a number",
    [JSON_WHOLE] = "a whole number",
    [JSON_FLAG] = "true or false",
    [JSON_OBJECT] = "an object",
    [JSON_LIST] = "a list",
    [JSON_FORMULA] = "a number or an expression in a string",
};

static const char *node_title(const cJSON *node) {
    return cJSON_IsString(node)   ? "a string"
           : cJSON_IsNumber(node) ? "a number"
           : cJSON_IsBool(node)   ? "true or false"
           : cJSON_IsObject(node) ? "an object"
           : cJSON_IsArray(node)  ? "a list"
                                  : "null";
}

static bool has_type(const cJSON *node, enum json_type type) {
    switch (type) {
    case JSON_TEXT:
        return cJSON_IsString(node);
    case JSON_NUMBER:
    case JSON_WHOLE:
        return cJSON_IsNumber(node);
    case JSON_FLAG:
        return cJSON_IsBool(node);
    case JSON_OBJECT:
        return cJSON_IsObject(node);
    case JSON_LIST:
        return cJSON_IsArray(node);
    case JSON_FORMULA:
        return cJSON_IsNumber(node) || cJSON_IsString(node);
    }
    return false;
}

/* Comma-separated, cut at the end of the buffer. */
static void join(const char *const *words, size_t count, char *text, size_t size) {
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count && length < size; i++) {
        int wrote = snprintf(text + length, size - length, "%s%s", i == 0 ? "" : ", ", words[i]);
        length += wrote > 0 ? (size_t)wrote : 0;
    }
}

/* For messages: strings of a pack may hold escapes for the terminal, and may be long. */
static void printable(const char *text, char *out, size_t size) {
    size_t i = 0;

    for (; text[i] != '\0' && i + 4 < size; i++) {
        out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? '?' : text[i];
    }
    while (((unsigned char)text[i] & 0xC0) == 0x80) { /* not in the middle of a character */
        i--;
    }
    snprintf(out + i, size - i, "%s", text[i] == '\0' ? "" : "...");
}

static int word_error(const struct json_place *at, const char *text, const char *const *words, size_t count,
                      struct error *err) {
    const char *near = names_nearest(text, words, count);
    char shown[80], list[400];

    printable(text, shown, sizeof shown);
    join(words, count, list, sizeof list);
    if (near != NULL) {
        return json_error(at, err, "is '%s', which is not known; did you mean '%s'?", shown, near);
    }
    return json_error(at, err, "is '%s', but must be one of %s.", shown, list);
}

static int find_word(const struct json_place *at, const char *const *words, size_t count, size_t *index,
                     struct error *err) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(at->node->valuestring, words[i]) == 0) {
            *index = i;
            return 0;
        }
    }
    return word_error(at, at->node->valuestring, words, count, err);
}

static size_t characters(const char *text) {
    size_t count = 0;

    for (; *text != '\0'; text++) {
        count += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return count;
}

static int check_range(const struct json_place *at, const struct json_key *key, struct error *err) {
    const cJSON *node = at->node;
    const char *unit = "";
    double size;

    if (cJSON_IsNumber(node)) {
        size = node->valuedouble;
    } else if (cJSON_IsArray(node)) {
        size = cJSON_GetArraySize(node);
        unit = " items";
    } else if (cJSON_IsString(node)) {
        size = (double)characters(node->valuestring);
        unit = " characters";
    } else {
        return 0;
    }
    if (!(size >= key->low && size <= key->high)) {
        const char *verb = unit[0] == '\0' ? "is" : "has";
        if (key->low == key->high) {
            return json_error(at, err, "%s %.17g%s, but must %s %.17g.", verb, size, unit,
                              verb[0] == 'i' ? "be" : "have", key->low);
        }
        return json_error(at, err, "%s %.16g%s, but must %s from %.16g to %.16g.", verb, size, unit,
                          verb[0] == 'i' ? "be" : "have", key->low, key->high);
    }
    return 0;
}

static int check_text(const struct json_place *at, const struct json_key *key, struct error *err) {
    const char *text = at->node->valuestring;
    char shown[80];
    size_t count = 0, index;

    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            return json_error(at, err, "holds a control character; remove it.");
        }
    }
    if (key->words != NULL) {
        while (key->words[count] != NULL) {
            count++;
        }
        return find_word(at, key->words, count, &index, err);
    }
    if (key->form != NULL && !key->form->matches(text)) {
        printable(text, shown, sizeof shown);
        return json_error(at, err, "is '%s', but must be %s.", shown, key->form->description);
    }
    return 0;
}

int json_check_value(const struct json_place *at, const struct json_key *key, struct error *err) {
    const cJSON *node = at->node;

    if (!has_type(node, key->type)) {
        return json_error(at, err, "is %s, but must be %s.", node_title(node), type_title[key->type]);
    }
    if (key->type == JSON_WHOLE &&
        (node->valuedouble != floor(node->valuedouble) || fabs(node->valuedouble) > WHOLE_MAX)) {
        return json_error(at, err, "is %.17g, but must be a whole number.", node->valuedouble);
    }
    if ((key->low != 0 || key->high != 0) && check_range(at, key, err) != 0) {
        return -1;
    }
    return cJSON_IsString(node) ? check_text(at, key, err) : 0;
}

static int unknown_key(const struct json_place *at, const char *key, const struct json_table *table,
                       struct error *err) {
    const char *names[KEYS_MAX], *near;
    struct json_place wrong = json_member(at, key);
    char list[500];

    for (size_t i = 0; i < table->count; i++) {
        names[i] = table->key[i].name;
    }
    near = names_nearest(key, names, table->count);
    if (near != NULL) {
        return json_error(&wrong, err, "is not a known key of %s; did you mean '%s'?", table->what, near);
    }
    join(names, table->count, list, sizeof list);
    return json_error(&wrong, err, "is not a known key of %s; it may have %s.", table->what, list);
}

static const struct json_key *find_key(const struct json_table *table, const char *name) {
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->key[i].name, name) == 0) {
            return &table->key[i];
        }
    }
    return NULL;
}

int json_check(const struct json_place *at, const struct json_table *table, struct error *err) {
    const cJSON *child;

    assert(table->count <= KEYS_MAX);
    if (!cJSON_IsObject(at->node)) {
        return json_error(at, err, "is %s, but must be an object (%s).", node_title(at->node), table->what);
    }
    /* Unknown keys first: a mistyped required key is better reported as mistyped than as missing. */
    cJSON_ArrayForEach(child, at->node) {
        if (find_key(table, child->string) == NULL) {
            return unknown_key(at, child->string, table, err);
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        struct json_place value = json_member(at, table->key[i].name);
        if (value.node == NULL && table->key[i].required) {
            return json_error(at, err, "has no '%s', which %s needs; add it.", table->key[i].name, table->what);
        }
        if (value.node != NULL && json_check_value(&value, &table->key[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

int json_choice(const struct json_place *object, const char *key, const char *const *words, size_t count, size_t *index,
                struct error *err) {
    struct json_place at = json_member(object, key);
    char list[400];

    if (!cJSON_IsObject(object->node)) {
        return json_error(object, err, "is %s, but must be an object with a '%s'.", node_title(object->node), key);
    }
    if (at.node == NULL) {
        join(words, count, list, sizeof list);
        return json_error(object, err, "has no '%s'; add one of %s.", key, list);
    }
    if (!cJSON_IsString(at.node)) {
        return json_error(&at, err, "is %s, but must be a string.", node_title(at.node));
    }
    return find_word(&at, words, count, index, err);
}

const char *json_text(const struct json_place *object, const char *key, const char *fallback) {
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(object->node, key);
    return cJSON_IsString(node) ? node->valuestring : fallback;
}

double json_number(const struct json_place *object, const char *key, double fallback) {
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(object->node, key);
    return cJSON_IsNumber(node) ? node->valuedouble : fallback;
}

bool json_flag(const struct json_place *object, const char *key, bool fallback) {
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(object->node, key);
    return cJSON_IsBool(node) ? cJSON_IsTrue(node) : fallback;
}
