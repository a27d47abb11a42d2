/* SPDX-License-Identifier: MIT */
/* Strict JSON: what is refused and with which words, places and pointers, and the tables of keys. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/json.h"

struct text_case {
    const char *text;
    size_t length; /* 0: strlen */
    const char *message;
};

#define BAD_JSON                                                                                                       \
    "this is not valid JSON; look for a missing or extra comma, colon, quote or bracket here or just before."
#define TOO_EARLY   "the JSON ends too early; a bracket, a brace or a value is missing."
#define BAD_NUMBER  "this is not a number as JSON has them; write it like 12, -0.5 or 1e-6."
#define BAD_UTF8    "this is not valid UTF-8; save the file as UTF-8."
#define CONTROL_IN  "a control character stands in a string; close the string, or write the character as \\n or \\t."
#define CONTROL_OUT "a control character stands outside of any string; remove it."
#define NOT_ASCII                                                                                                      \
    "a character that is not ASCII stands outside of any string (a byte order mark, a typographic quote?); remove it."

static const struct text_case bad_texts[] = {
    {"", 0, "x.json:1:1: " TOO_EARLY},
    {"{\"a\": 1", 0, "x.json:1:8: " TOO_EARLY},
    {"[1, 2", 0, "x.json:1:6: " TOO_EARLY},
    {"{\n  \"a\": 1\n  \"b\": 2\n}\n", 0, "x.json:3:3: " BAD_JSON},
    {"{\n  \"a\": 1,\n}\n", 0, "x.json:3:2: " BAD_JSON},
    {"[1,,2]", 0, "x.json:1:4: " BAD_JSON},
    {"{} {}", 0, "x.json:1:4: " BAD_JSON},
    {"{}\n]", 0, "x.json:2:1: " BAD_JSON},
    {"{'a': 1}", 0, "x.json:1:3: " BAD_JSON},
    {"// no comments\n{}", 0, "x.json:1:1: " BAD_JSON},
    {"[NaN]", 0, "x.json:1:2: " BAD_JSON},
    {"[tru]", 0, "x.json:1:2: " BAD_JSON},
    {"{}\0garbage", 10, "x.json:1:3: " CONTROL_OUT},
    {"[\"a\0b\"]", 7, "x.json:1:4: " CONTROL_IN},
    {"[\"a\nb\"]", 0, "x.json:1:4: " CONTROL_IN},
    {"[\x01]", 0, "x.json:1:2: " CONTROL_OUT},
    {"[\"a", 0, "x.json:1:4: a string is not closed; add the missing quote."},
    {"[\"a\\", 0, "x.json:1:5: a string is not closed; add the missing quote."},
    {"[\"\\u0000\"]", 0, "x.json:1:3: \\u0000 is not allowed in a string; remove it."},
    {"[\"\\x41\"]", 0, "x.json:1:3: " BAD_JSON},
    {"[01]", 0, "x.json:1:2: " BAD_NUMBER},
    {"[1.]", 0, "x.json:1:2: " BAD_NUMBER},
    {"[-]", 0, "x.json:1:2: " BAD_NUMBER},
    {"[1e+]", 0, "x.json:1:2: " BAD_NUMBER},
    {"[0x10]", 0, "x.json:1:2: " BAD_NUMBER},
    {"[1.2.3]", 0, "x.json:1:2: " BAD_NUMBER},
    {"[\"\xff\"]", 0, "x.json:1:3: " BAD_UTF8},
    {"[\"\xc0\xaf\"]", 0, "x.json:1:3: " BAD_UTF8},     /* overlong */
    {"[\"\xed\xa0\x80\"]", 0, "x.json:1:3: " BAD_UTF8}, /* a surrogate */
    {"[\"\xf4\x90\x80\x80\"]", 0, "x.json:1:3: " BAD_UTF8},
    {"[\"\xc3\xa4\xe2\x82\"]", 0, "x.json:1:4: " BAD_UTF8}, /* cut off; the column counts characters */
    {"\xef\xbb\xbf{}", 0, "x.json:1:1: " NOT_ASCII},
    {"[\xe2\x80\x9c"
     "a\xe2\x80\x9d]",
     0, "x.json:1:2: " NOT_ASCII},
    {"[1e999]", 0, "x.json: /0 is a number too large for a double; use a smaller one."},
    {"{\"a\": {\"b\": -1e999}}", 0, "x.json: /a/b is a number too large for a double; use a smaller one."},
    {"{\"a\": 1, \"b\": 2, \"a\": 1}", 0, "x.json: /a is there twice; remove one of the two."},
    {"[{}, {\"x\": {\"k/~\": 1, \"k/~\": 2}}]", 0, "x.json: /1/x/k~1~0 is there twice; remove one of the two."},
    {"{\"\\u001b[2J\": 1, \"\\u001b[2J\": 2}", 0, "x.json: /?[2J is there twice; remove one of the two."},
};

START_TEST(test_bad_text) {
    const struct text_case *c = &bad_texts[_i];
    struct json_file file;
    struct error err = {0};

    ck_assert_int_eq(
        json_parse("x.json", ERROR_CHALLENGE, c->text, c->length != 0 ? c->length : strlen(c->text), &file, &err), -1);
    ck_assert_str_eq(err.text, c->message);
    ck_assert_int_eq(err.owner, ERROR_CHALLENGE);
    ck_assert_ptr_null(file.root);
}
END_TEST

static const char *const good_texts[] = {
    "{}",
    " [ ] \n",
    "{\"a\":{\"a\":1}}",
    "[0, -0.5, 1e-6, 1E+3, 12]",
    "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"",
    "[\"\\\\u0000\", \"\\\"\", \"\\u00e4\"]",
    "[true, false, null]",
    "{\"A\": 1, \"a\": 2}",
};

START_TEST(test_good_text) {
    struct json_file file;
    struct error err = {0};

    ck_assert_msg(json_parse("x.json", ERROR_USER, good_texts[_i], strlen(good_texts[_i]), &file, &err) == 0, "%s",
                  err.text);
    json_release(&file);
    json_release(&file);
}
END_TEST

START_TEST(test_depth) {
    char text[3 * 10000];
    struct json_file file;
    struct error err = {0};

    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    ck_assert_int_eq(json_parse("x.json", ERROR_CHALLENGE, text, 2 * JSON_DEPTH_MAX, &file, &err), 0);
    json_release(&file);
    memset(text, '[', sizeof text);
    ck_assert_int_eq(json_parse("x.json", ERROR_CHALLENGE, text, sizeof text, &file, &err), -1);
    ck_assert_str_eq(err.text,
                     "x.json:1:33: objects and lists are nested too deep (more than 32 levels); flatten them.");
}
END_TEST

START_TEST(test_many_keys) {
    enum { KEYS = 20000, BYTES = 16 };
    char *text = malloc(KEYS * BYTES);
    size_t length = 0;
    struct json_file file;
    struct error err = {0};

    for (int i = 0; i < KEYS; i++) {
        length += (size_t)sprintf(text + length, "%c\"k%d\":1", i == 0 ? '{' : ',', i == KEYS - 1 ? 77 : i);
    }
    text[length++] = '}';
    ck_assert_int_eq(json_parse("x.json", ERROR_CHALLENGE, text, length, &file, &err), -1);
    ck_assert_str_eq(err.text, "x.json: /k77 is there twice; remove one of the two.");
    free(text);
}
END_TEST

START_TEST(test_long_pointer) {
    char text[1000];
    struct json_file file;
    struct error err = {0};

    snprintf(text, sizeof text, "{\"%0400d\": {\"b\": 1e999}}", 7);
    ck_assert_int_eq(json_parse("x.json", ERROR_CHALLENGE, text, strlen(text), &file, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.text, "000... is a number too large"));
}
END_TEST

static void write_file(const char *path, size_t bytes) {
    FILE *out = fopen(path, "w");

    ck_assert_ptr_nonnull(out);
    fputs("[]", out);
    for (size_t i = 2; i < bytes; i++) {
        fputc(' ', out);
    }
    fclose(out);
}

/* A key of two-byte letters behind `_i` of one byte: the pointer ends between letters. */
START_TEST(test_long_pointer_of_wide_letters) {
    struct json_file file;
    struct error err = {0};
    char text[600] = "{\"", *key = text + 2;

    memset(key, 'k', (size_t)_i);
    for (int i = 0; i < 200; i++)
        memcpy(key + _i + 2 * i, "\xc3\xa9", 3);
    strcat(text, "\": 1}");
    ck_assert_int_eq(json_parse("x.json", ERROR_USER, text, strlen(text), &file, &err), 0);
    struct json_place root = json_root(&file), at = json_member(&root, root.node->child->string);
    const size_t length = strlen(at.pointer) - strlen("/...") - (size_t)_i;
    ck_assert_str_eq(at.pointer + strlen(at.pointer) - 3, "...");
    ck_assert_uint_eq(length % 2, 0);
    ck_assert_int_eq(memcmp(at.pointer + 1, key, length + (size_t)_i), 0);
    json_release(&file);
}
END_TEST

START_TEST(test_files) {
    char folder[] = "/tmp/test_json_XXXXXX", path[64], expected[256];
    struct json_file file;
    struct error err = {0};

    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(json_read(folder, ERROR_USER, &file, &err), -1);
    snprintf(expected, sizeof expected, "'%s' is not a regular file; put the JSON text itself there.", folder);
    ck_assert_str_eq(err.text, expected);
    ck_assert_int_eq(err.owner, ERROR_USER);

    snprintf(path, sizeof path, "%s/f.json", folder);
    ck_assert_int_eq(json_read(path, ERROR_USER, &file, &err), -1);
    snprintf(expected, sizeof expected,
             "'%s' cannot be opened: No such file or directory; check the name and its permissions.", path);
    ck_assert_str_eq(err.text, expected);

    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(json_read(path, ERROR_USER, &file, &err), -1);
    snprintf(expected, sizeof expected, "'%s' is not a regular file; put the JSON text itself there.", path);
    ck_assert_str_eq(err.text, expected);
    unlink(path);

    write_file(path, JSON_FILE_BYTES_MAX);
    ck_assert_msg(json_read(path, ERROR_USER, &file, &err) == 0, "%s", err.text);
    json_release(&file);
    write_file(path, JSON_FILE_BYTES_MAX + 1);
    ck_assert_int_eq(json_read(path, ERROR_USER, &file, &err), -1);
    snprintf(expected, sizeof expected, "'%s' is larger than 1 MiB; make it smaller.", path);
    ck_assert_str_eq(err.text, expected);
    unlink(path);
    rmdir(folder);
}
END_TEST

static bool is_lower(const char *text) {
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

static const struct json_form lower = {.matches = is_lower, .description = "lower-case letters"};
static const char *const sides[] = {"left", "right", NULL};
static const struct json_key keys[] = {
    {.name = "name", .type = JSON_TEXT, .required = true, .low = 1, .high = 4, .form = &lower},
    {.name = "side", .type = JSON_TEXT, .words = sides},
    {.name = "share", .type = JSON_NUMBER, .low = 0, .high = 1},
    {.name = "count", .type = JSON_WHOLE, .low = -5, .high = 5},
    {.name = "flag", .type = JSON_FLAG},
    {.name = "list", .type = JSON_LIST, .low = 1, .high = 2},
    {.name = "object", .type = JSON_OBJECT},
    {.name = "formula", .type = JSON_FORMULA},
};
static const struct json_table table = {.what = "a thing", .key = keys, .count = sizeof keys / sizeof *keys};

static const struct {
    const char *text, *message; /* NULL: accepted */
} table_cases[] = {
    {"{\"name\":\"ab\"}", NULL},
    {"{\"name\":\"ab\",\"side\":\"left\",\"share\":0,\"count\":-5,\"flag\":true,\"list\":[1],\"object\":{},"
     "\"formula\":\"t\"}",
     NULL},
    {"{\"name\":\"ab\",\"share\":1,\"count\":5,\"flag\":false,\"list\":[1,2],\"formula\":0.5}", NULL},
    {"[]", "x.json: the top level is a list, but must be an object (a thing)."},
    {"{}", "x.json: the top level has no 'name', which a thing needs; add it."},
    {"{\"nmae\":\"ab\"}", "x.json: /nmae is not a known key of a thing; did you mean 'name'?"},
    {"{\"zzz\":1}", "x.json: /zzz is not a known key of a thing; it may have name, side, share, count, flag, list, "
                    "object, formula."},
    {"{\"Name\":\"ab\"}", "x.json: /Name is not a known key of a thing; did you mean 'name'?"},
    {"{\"name\":\"\"}", "x.json: /name has 0 characters, but must have from 1 to 4."},
    {"{\"name\":\"abcde\"}", "x.json: /name has 5 characters, but must have from 1 to 4."},
    {"{\"name\":\"aB\"}", "x.json: /name is 'aB', but must be lower-case letters."},
    {"{\"name\":null}", "x.json: /name is null, but must be a string."},
    {"{\"name\":\"a\\u001b\"}", "x.json: /name holds a control character; remove it."},
    {"{\"name\":\"a\",\"side\":\"lfet\"}", "x.json: /side is 'lfet', which is not known; did you mean 'left'?"},
    {"{\"name\":\"a\",\"side\":\"up\"}", "x.json: /side is 'up', but must be one of left, right."},
    {"{\"name\":\"a\",\"share\":1.5}", "x.json: /share is 1.5, but must be from 0 to 1."},
    {"{\"name\":\"a\",\"share\":\"1\"}", "x.json: /share is a string, but must be a number."},
    {"{\"name\":\"a\",\"count\":6}", "x.json: /count is 6, but must be from -5 to 5."},
    {"{\"name\":\"a\",\"count\":0.5}", "x.json: /count is 0.5, but must be a whole number."},
    {"{\"name\":\"a\",\"flag\":0}", "x.json: /flag is a number, but must be true or false."},
    {"{\"name\":\"a\",\"list\":[]}", "x.json: /list has 0 items, but must have from 1 to 2."},
    {"{\"name\":\"a\",\"list\":{}}", "x.json: /list is an object, but must be a list."},
    {"{\"name\":\"a\",\"object\":[]}", "x.json: /object is a list, but must be an object."},
    {"{\"name\":\"a\",\"formula\":true}",
     "x.json: /formula is true or false, but must be a number or an expression in a string."},
};

START_TEST(test_table) {
    struct json_file file;
    struct error err = {0};
    const char *text = table_cases[_i].text;

    ck_assert_int_eq(json_parse("x.json", ERROR_CHALLENGE, text, strlen(text), &file, &err), 0);
    struct json_place root = json_root(&file);
    int rc = json_check(&root, &table, &err);
    if (table_cases[_i].message == NULL) {
        ck_assert_msg(rc == 0, "%s", err.text);
    } else {
        ck_assert_int_eq(rc, -1);
        ck_assert_str_eq(err.text, table_cases[_i].message);
    }
    json_release(&file);
}
END_TEST

START_TEST(test_getters) {
    static const char text[] = "{\"t\":\"x\",\"n\":2.5,\"f\":true,\"kind\":\"b\"}";
    static const char *const kinds[] = {"a", "b"};
    struct json_file file;
    struct error err = {0};
    size_t index = 9;

    ck_assert_int_eq(json_parse("x.json", ERROR_CHALLENGE, text, strlen(text), &file, &err), 0);
    struct json_place root = json_root(&file), absent = json_member(&root, "none"), list = json_member(&root, "n");
    ck_assert_str_eq(json_text(&root, "t", "?"), "x");
    ck_assert_str_eq(json_text(&root, "T", "?"), "?"); /* keys are case-sensitive */
    ck_assert(json_number(&root, "n", 0) == 2.5);
    ck_assert(json_number(&root, "t", 7) == 7);
    ck_assert(json_flag(&root, "f", false));
    ck_assert(json_flag(&root, "g", true));
    ck_assert_ptr_null(absent.node);
    ck_assert(json_number(&absent, "n", 3) == 3);
    ck_assert_int_eq(json_choice(&root, "kind", kinds, 2, &index, &err), 0);
    ck_assert_uint_eq(index, 1);
    ck_assert_int_eq(json_choice(&root, "n", kinds, 2, &index, &err), -1);
    ck_assert_str_eq(err.text, "x.json: /n is a number, but must be a string.");
    ck_assert_int_eq(json_choice(&root, "none", kinds, 2, &index, &err), -1);
    ck_assert_str_eq(err.text, "x.json: the top level has no 'none'; add one of a, b.");
    ck_assert_int_eq(json_choice(&list, "kind", kinds, 2, &index, &err), -1);
    ck_assert_str_eq(err.text, "x.json: /n is a number, but must be an object with a 'kind'.");
    json_release(&file);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void) {
    Suite *suite = suite_create("json");
    TCase *tcase = tcase_create("json");

    tcase_add_loop_test(tcase, test_bad_text, 0, COUNT(bad_texts));
    tcase_add_loop_test(tcase, test_good_text, 0, COUNT(good_texts));
    tcase_add_test(tcase, test_depth);
    tcase_add_test(tcase, test_many_keys);
    tcase_add_test(tcase, test_long_pointer);
    tcase_add_loop_test(tcase, test_long_pointer_of_wide_letters, 0, 2);
    tcase_add_test(tcase, test_files);
    tcase_add_loop_test(tcase, test_table, 0, COUNT(table_cases));
    tcase_add_test(tcase, test_getters);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
