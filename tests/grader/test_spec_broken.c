/* SPDX-License-Identifier: MIT */
/* Packs that are broken: for every row of tests/data/packs/broken.json the exact file, pointer and remedy. A row names
 * a good pack, a file of it and one edit; tests/schema/check_schemas.py reads the same rows. */
#include <check.h>
#include <fts.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/json.h"
#include "grader/spec.h"

#define PACKS "tests/data/packs"

static struct json_file broken;
static char folder[PATH_MAX]; /* a scratch folder for one test */

static struct spec *load_good(const char *directory) {
    struct spec *spec = NULL;
    struct error err = {0};

    ck_assert_msg(spec_load(directory, &spec, &err) == 0, "%s", err.text);
    return spec;
}

static void make_folder(void) {
    strcpy(folder, "/tmp/test_spec_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void) {
    char *roots[] = {folder, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL, NULL);

    ck_assert_ptr_nonnull(tree);
    for (FTSENT *entry = fts_read(tree); entry != NULL; entry = fts_read(tree)) {
        if (entry->fts_info != FTS_D) {
            remove(entry->fts_path);
        }
    }
    fts_close(tree);
}

static void write_text(const char *id, const char *name, const char *text) {
    char path[PATH_MAX + 64];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s/%s", folder, id, name);
    out = fopen(path, "w");
    ck_assert_msg(out != NULL, "%s", path);
    fputs(text, out);
    fclose(out);
}

static void read_pack_json(const char *id, const char *name, struct json_file *file) {
    char path[PATH_MAX];
    struct error err = {0};

    snprintf(path, sizeof path, PACKS "/%s/%s", id, name);
    ck_assert_msg(json_read(path, ERROR_CHALLENGE, file, &err) == 0, "%s", err.text);
}

static void write_json(const char *id, const char *name, const struct json_file *file) {
    char *text = cJSON_Print(file->root);

    write_text(id, name, text);
    free(text);
}

/* Everything of the pack but the two JSON files, which are written by the caller. */
static void make_pack(const char *id) {
    char path[PATH_MAX + 64];

    snprintf(path, sizeof path, "%s/%s", folder, id);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    write_text(id, "README.md", "");
    write_text(id, "reference.c", "");
    write_text(id, "starter.c", "");
    snprintf(path, sizeof path, "%s.h", id);
    write_text(id, path, "");
}

/* Sets (value) or removes (NULL) what stands at the pointer; an index equal to the length of a list appends. */
static void edit(struct json_file *file, const char *pointer, const cJSON *value) {
    char text[256], *next = text + 1, *token = next;
    cJSON *at = file->root;

    if (pointer[0] == '\0') {
        cJSON_Delete(file->root);
        file->root = cJSON_Duplicate(value, true);
        return;
    }
    snprintf(text, sizeof text, "%s", pointer);
    while ((next = strchr(token, '/')) != NULL) {
        *next = '\0';
        at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, atoi(token)) : cJSON_GetObjectItemCaseSensitive(at, token);
        ck_assert_msg(at != NULL, "%s: nothing at %s", pointer, token);
        token = next + 1;
    }
    for (char *c = token; *c != '\0'; c++) {
        if (*c == '~') {
            *c = c[1] == '1' ? '/' : '~';
            memmove(c + 1, c + 2, strlen(c + 1));
        }
    }
    if (cJSON_IsArray(at)) {
        int index = atoi(token);
        if (index == cJSON_GetArraySize(at)) {
            ck_assert(cJSON_AddItemToArray(at, cJSON_Duplicate(value, true)));
        } else {
            ck_assert(cJSON_ReplaceItemInArray(at, index, cJSON_Duplicate(value, true)));
        }
        return;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(at, token);
    if (value != NULL) {
        ck_assert(cJSON_AddItemToObject(at, token, cJSON_Duplicate(value, true)));
    }
}

START_TEST(test_broken) {
    const cJSON *node = cJSON_GetArrayItem(broken.root, _i);
    const struct json_place list = json_root(&broken), row = json_item(&list, node, (size_t)_i);
    const char *id = json_text(&row, "pack", ""), *file = json_text(&row, "file", ""), *at = json_text(&row, "at", "");
    static const char *const names[] = {"challenge.json", "hidden.json"};
    struct spec *spec = NULL;
    struct error err = {0};
    char directory[PATH_MAX + 64], expected[PATH_MAX + 1200];

    make_pack(id);
    for (size_t i = 0; i < 2; i++) {
        struct json_file json;
        read_pack_json(id, names[i], &json);
        if (strcmp(names[i], file) == 0) {
            edit(&json, at, cJSON_GetObjectItemCaseSensitive(node, "set"));
        }
        write_json(id, names[i], &json);
        json_release(&json);
    }
    snprintf(directory, sizeof directory, "%s/%s", folder, id);
    ck_assert_msg(spec_load(directory, &spec, &err) == -1, "%s accepted", at);
    ck_assert_ptr_null(spec);
    ck_assert_int_eq(err.owner, ERROR_CHALLENGE);
    snprintf(expected, sizeof expected, "%s/%s: %s", directory, json_text(&row, "blamed", file),
             json_text(&row, "message", "?"));
    ck_assert_str_eq(err.text, expected);
}
END_TEST

START_TEST(test_copies_are_good) {
    static const char *const ids[] = {"good-scale", "good-pair"};
    char directory[PATH_MAX + 64];

    for (size_t i = 0; i < 2; i++) {
        struct json_file json;
        make_pack(ids[i]);
        read_pack_json(ids[i], "challenge.json", &json);
        write_json(ids[i], "challenge.json", &json);
        json_release(&json);
        snprintf(directory, sizeof directory, "%s/%s/", folder, ids[i]);
        struct spec *spec = load_good(directory);
        ck_assert_uint_eq(spec->hidden_count, 0);
        spec_free(spec);
    }
}
END_TEST

static const char *const needed[] = {"README.md", "good-scale.h", "reference.c", "starter.c"};
static const char *const purposes[] = {"the statement of the challenge",
                                       "the contract, with the prototype of each entry", "the oracle and the baseline",
                                       "what a candidate starts from"};

START_TEST(test_missing_file) {
    char directory[PATH_MAX + 64], path[PATH_MAX + 128], expected[PATH_MAX + 256];
    struct json_file json;
    struct spec *spec;
    struct error err = {0};

    make_pack("good-scale");
    read_pack_json("good-scale", "challenge.json", &json);
    write_json("good-scale", "challenge.json", &json);
    json_release(&json);
    snprintf(directory, sizeof directory, "%s/good-scale", folder);
    snprintf(path, sizeof path, "%s/%s", directory, needed[_i]);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(spec_load(directory, &spec, &err), -1);
    snprintf(expected, sizeof expected, "%s is missing; every challenge needs it (%s).", path, purposes[_i]);
    ck_assert_str_eq(err.text, expected);
    ck_assert_int_eq(err.owner, ERROR_CHALLENGE);
}
END_TEST

START_TEST(test_no_pack) {
    char expected[PATH_MAX + 256], directory[PATH_MAX + 64];
    struct spec *spec;
    struct error err = {0};

    ck_assert_int_eq(spec_load("/nowhere/at-all", &spec, &err), -1);
    ck_assert_str_eq(err.text, "There is no challenge in '/nowhere/at-all': No such file or directory; give the "
                               "folder of a pack.");
    ck_assert_int_eq(err.owner, ERROR_USER);

    ck_assert_int_eq(spec_load(PACKS "/broken.json", &spec, &err), -1);
    ck_assert_str_eq(err.text, "'" PACKS "/broken.json' is not a folder; give the folder of a pack.");
    ck_assert_int_eq(err.owner, ERROR_USER);

    make_pack("good-scale");
    snprintf(directory, sizeof directory, "%s/good-scale", folder);
    ck_assert_int_eq(spec_load(directory, &spec, &err), -1);
    snprintf(expected, sizeof expected,
             "'%s/challenge.json' cannot be opened: No such file or directory; check the "
             "name and its permissions.",
             directory);
    ck_assert_str_eq(err.text, expected);
    ck_assert_int_eq(err.owner, ERROR_CHALLENGE);

    write_text("good-scale", "challenge.json", "{\n \"spec\": 1,\n \"spec\": 1\n}");
    ck_assert_int_eq(spec_load(directory, &spec, &err), -1);
    snprintf(expected, sizeof expected, "%s/challenge.json: /spec is there twice; remove one of the two.", directory);
    ck_assert_str_eq(err.text, expected);

    write_text("good-scale", "challenge.json", "{\n \"spec\": 1\n} x");
    ck_assert_int_eq(spec_load(directory, &spec, &err), -1);
    snprintf(expected, sizeof expected, "%s/challenge.json:3:3: this is not valid JSON;", directory);
    ck_assert_int_eq(strncmp(err.text, expected, strlen(expected)), 0);
}
END_TEST

START_TEST(test_too_many_arguments) {
    char directory[PATH_MAX + 64], expected[PATH_MAX + 256], pointer[64], field[128];
    struct json_file json;
    struct spec *spec;
    struct error err = {0};

    make_pack("good-scale");
    read_pack_json("good-scale", "challenge.json", &json);
    for (int i = 2; i < SPEC_ARGUMENTS_MAX; i++) {
        snprintf(pointer, sizeof pointer, "/entries/0/arguments/0/fields/%d", i);
        snprintf(field, sizeof field, "{\"name\":\"s%d\",\"role\":\"scalar\",\"type\":\"f32\",\"value\":1}", i);
        cJSON *value = cJSON_Parse(field);
        edit(&json, pointer, value);
        cJSON_Delete(value);
    }
    write_json("good-scale", "challenge.json", &json);
    json_release(&json);
    snprintf(directory, sizeof directory, "%s/good-scale", folder);
    ck_assert_int_eq(spec_load(directory, &spec, &err), -1);
    snprintf(expected, sizeof expected,
             "%s/challenge.json: /entries/0/arguments/1 is one argument too many; "
             "'good_scale' may have 40 with all fields counted.",
             directory);
    ck_assert_str_eq(err.text, expected);
}
END_TEST

START_TEST(test_special_values) {
    struct json_file json;
    char directory[PATH_MAX + 64];
    cJSON *fill = cJSON_Parse("{\"x\":{\"kind\":\"list\",\"values\":[\"nan\",\"inf\",\"-inf\"],"
                              "\"then\":[{\"kind\":\"tail\",\"from\":\"n\",\"value\":\"nan\"}]}}");

    make_pack("good-scale");
    read_pack_json("good-scale", "challenge.json", &json);
    edit(&json, "/cases/0/fill", fill);
    write_json("good-scale", "challenge.json", &json);
    json_release(&json);
    cJSON_Delete(fill);
    snprintf(directory, sizeof directory, "%s/good-scale", folder);
    struct spec *spec = load_good(directory);
    const struct fill *x = &spec->cases[0].fill[2];
    ck_assert(isnan(x->list[0]) && x->list[1] == INFINITY && x->list[2] == -INFINITY);
    ck_assert(x->overlay[0].kind == FILL_TAIL && x->overlay[0].from == 7 && isnan(x->overlay[0].value));
    spec_free(spec);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("spec_broken");
    TCase *tcase = tcase_create("broken");
    struct error err = {0};

    if (json_read(PACKS "/broken.json", ERROR_HARNESS, &broken, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_test(tcase, test_copies_are_good);
    tcase_add_test(tcase, test_special_values);
    tcase_add_loop_test(tcase, test_missing_file, 0, 4);
    tcase_add_test(tcase, test_no_pack);
    tcase_add_test(tcase, test_too_many_arguments);
    tcase_add_loop_test(tcase, test_broken, 0, cJSON_GetArraySize(broken.root));
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    json_release(&broken);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
