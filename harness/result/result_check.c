/* SPDX-License-Identifier: MIT */
/* A document held against the tables of result_shape.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grader/names.h"
#include "grader/verdict.h"
#include "harness/result/result_shape.h"

enum { INTEGER_DIGITS_LEAST = 16, INTEGER_DIGITS_MOST = 20 };
static const double INTEGER_LIMIT = 1e15;

static const char *const WANTED[] = {
    [SHAPE_TEXT] = "text",
    [SHAPE_DIGITS] = "the digits of a number below 2^64, as text",
    [SHAPE_HIDDEN] = "hidden- and a number, since the case is hidden",
    [SHAPE_VERDICT] = "the code of a verdict",
    [SHAPE_NUMBER] = "a number, or nan, inf or -inf as text",
    [SHAPE_INTEGER] = "a whole number (as text from 10^15 on)",
    [SHAPE_INDEX] = "a whole number",
    [SHAPE_FLAG] = "true or false",
    [SHAPE_OBJECT] = "an object",
    [SHAPE_LIST] = "a list",
};

static bool all_digits(const char *text, size_t least, size_t most) {
    size_t length = strlen(text);
    return length >= least && length <= most && text[strspn(text, "0123456789")] == '\0';
}

static bool is_word(const char *words, const char *text) {
    size_t length = strlen(text);
    for (const char *at = length > 0 ? strstr(words, text) : NULL; at != NULL; at = strstr(at + 1, text))
        if (at > words && at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

static bool is_whole(const cJSON *node, double limit) {
    return cJSON_IsNumber(node) && fabs(node->valuedouble) < limit && trunc(node->valuedouble) == node->valuedouble;
}

static bool is_large_integer(const char *text) {
    errno = 0;
    strtoll(text, NULL, 10);
    return errno == 0 && all_digits(text + (text[0] == '-'), INTEGER_DIGITS_LEAST, INTEGER_DIGITS_MOST);
}

static bool is_digits(const char *text) {
    errno = 0;
    strtoull(text, NULL, 10);
    return errno == 0 && all_digits(text, 1, INTEGER_DIGITS_MOST);
}

static bool fits(const cJSON *node, enum shape_type type) {
    const char *text = cJSON_IsString(node) ? node->valuestring : NULL;
    switch (type) {
    case SHAPE_TEXT:
    case SHAPE_WORD:
        return text != NULL;
    case SHAPE_DIGITS:
        return text != NULL && is_digits(text);
    case SHAPE_HIDDEN:
        return text != NULL && strncmp(text, "hidden-", 7) == 0 && all_digits(text + 7, 1, INTEGER_DIGITS_MOST);
    case SHAPE_VERDICT:
        return text != NULL && verdict_from_code(text) != VERDICT_COUNT;
    case SHAPE_NUMBER:
        return text != NULL ? is_word(" nan inf -inf ", text) : cJSON_IsNumber(node) && isfinite(node->valuedouble);
    case SHAPE_INTEGER:
        return text != NULL ? is_large_integer(text) : is_whole(node, INTEGER_LIMIT);
    case SHAPE_INDEX:
        return is_whole(node, HUGE_VAL);
    case SHAPE_FLAG:
        return cJSON_IsBool(node);
    case SHAPE_OBJECT:
        return cJSON_IsObject(node);
    case SHAPE_LIST:
        return cJSON_IsArray(node);
    }
    return false;
}

static int check_list(const struct json_place *at, const struct shape_key *key, struct error *err) {
    const cJSON *node;
    size_t index = 0;
    cJSON_ArrayForEach(node, at->node) {
        if (key->of == NULL && fits(node, key->item)) {
            index++;
            continue;
        }
        struct json_place item = json_item(at, node, index++);
        if (key->of == NULL)
            return json_error(&item, err, "must be %s.", WANTED[key->item]);
        if (!cJSON_IsObject(node))
            return json_error(&item, err, "must be an object.");
        if (shape_check(&item, key->of, err) != 0)
            return -1;
    }
    return 0;
}

static int check_value(const struct json_place *at, const struct shape_key *key, struct error *err) {
    if (key->null && cJSON_IsNull(at->node))
        return 0;
    if (!fits(at->node, key->type) && key->type != SHAPE_WORD)
        return json_error(at, err, "must be %s%s.", WANTED[key->type], key->null ? ", or null" : "");
    if (key->type == SHAPE_WORD && (!cJSON_IsString(at->node) || !is_word(key->words, at->node->valuestring)))
        return json_error(at, err, "must be one of:%.*s.", (int)strlen(key->words) - 1, key->words);
    if (key->type == SHAPE_OBJECT)
        return shape_check(at, key->of, err);
    return key->type == SHAPE_LIST ? check_list(at, key, err) : 0;
}

/* `at` is the member that nobody knows. */
static int unknown_key(const struct json_place *at, const struct shape *shape, struct error *err) {
    enum { KEYS_MOST = 32 };
    const char *names[KEYS_MOST];
    size_t count = shape->count < KEYS_MOST ? shape->count : KEYS_MOST;
    for (size_t i = 0; i < count; i++)
        names[i] = shape->key[i].name;
    const char *near = names_nearest(at->node->string, names, count);
    if (near != NULL && strcmp(near, at->node->string) != 0)
        return json_error(at, err, "is not a known key of %s; did you mean '%s'?", shape->what, near);
    return json_error(at, err, "is not a known key of %s.", shape->what);
}

/* A key that is foreign or there twice. */
static int check_keys(const struct json_place *at, const struct shape *shape, struct error *err) {
    size_t known = 0, count = (size_t)cJSON_GetArraySize(at->node);
    for (size_t i = 0; i < shape->count; i++)
        known += cJSON_GetObjectItemCaseSensitive(at->node, shape->key[i].name) != NULL;
    /* Every member is one of the known ones exactly when there are as many; so most objects are done here. */
    for (const cJSON *child = at->node->child; child != NULL && known != count; child = child->next) {
        size_t i = 0;
        while (i < shape->count && strcmp(shape->key[i].name, child->string) != 0)
            i++;
        struct json_place member = json_member(at, child->string);
        if (i == shape->count)
            return unknown_key(&member, shape, err);
        if (member.node != child)
            return json_error(&member, err, "is there twice; remove one of the two.");
    }
    return 0;
}

int shape_check(const struct json_place *at, const struct shape *shape, struct error *err) {
    if (shape->hidden != NULL && cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(at->node, "hidden")))
        shape = shape->hidden;
    if (check_keys(at, shape, err) != 0)
        return -1;
    for (size_t i = 0; i < shape->count; i++) {
        struct json_place member = json_member(at, shape->key[i].name);
        if (member.node == NULL && !shape->key[i].optional)
            return json_error(at, err, "has no member '%s', which %s must have.", shape->key[i].name, shape->what);
        if (member.node != NULL && check_value(&member, &shape->key[i], err) != 0)
            return -1;
    }
    return 0;
}
