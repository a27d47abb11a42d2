/* SPDX-License-Identifier: MIT */
/* Signatures: every byte of a signed document counts, and key files are what they should be. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/scratch.h"
#include "harness/result/sign.h"

static const char DOCUMENT[] = "{\"schema\":\"x/1\",\"points\":40,\"text\":\"\\\"signature\\\":{\\\"algorithm\\\"\"}";
static char folder[64], by[SIGN_KEY_TEXT];
static struct error error;
static struct sign_key key;

static void make_key(void) {
    snprintf(folder, sizeof folder, "/tmp/harness-test-XXXXXX");
    ck_assert_ptr_ne(mkdtemp(folder), NULL);
    ck_assert_int_eq(chdir(folder), 0);
    ck_assert_int_eq(sign_make_key("key", &error), 0);
    ck_assert_int_eq(sign_read_secret("key", &key, &error), 0);
}

static void remove_key(void) {
    ck_assert_int_eq(chdir("/"), 0);
    scratch_remove_tree(folder);
}

START_TEST(signs_and_verifies) {
    unsigned char public_key[SIGN_PUBLIC_BYTES];
    char *text = sign_text(&key, DOCUMENT);
    ck_assert_int_eq(sign_read_public("key.pub", public_key, &error), 0);
    ck_assert_int_eq(sign_check(text, strlen(text), NULL, by), SIGN_GOOD);
    ck_assert_uint_eq(strlen(by), SIGN_KEY_TEXT - 1);
    ck_assert_int_eq(sign_check(text, strlen(text), public_key, by), SIGN_GOOD);
    ck_assert_int_eq(sign_check(DOCUMENT, strlen(DOCUMENT), NULL, by), SIGN_NONE);
    free(text);
}
END_TEST

START_TEST(every_byte_counts) {
    char *text = sign_text(&key, DOCUMENT);
    const size_t size = strlen(text) - 1; /* the line feed is not part of the document */
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ (1 << bit));
            ck_assert_msg(sign_check(text, size, NULL, by) != SIGN_GOOD, "byte %zu, bit %d", i, bit);
            text[i] = (char)(text[i] ^ (1 << bit));
        }
    for (size_t cut = 1; cut < size; cut++)
        ck_assert_int_ne(sign_check(text, size - cut, NULL, by), SIGN_GOOD);
    free(text);
}
END_TEST

START_TEST(another_key_is_not_ours) {
    unsigned char ours[SIGN_PUBLIC_BYTES];
    struct sign_key other;
    memcpy(ours, key.public_key, sizeof ours);
    ck_assert_int_eq(sign_make_key("other", &error), 0);
    ck_assert_int_eq(sign_read_secret("other", &other, &error), 0);
    char *text = sign_text(&other, DOCUMENT);
    ck_assert_int_eq(sign_check(text, strlen(text), NULL, by), SIGN_GOOD);
    ck_assert_int_eq(sign_check(text, strlen(text), ours, by), SIGN_FORGED);
    free(text);
}
END_TEST

START_TEST(nothing_hides_behind_a_nul) {
    static const char MORE[] = "\0,\"points\":100";
    char *text = sign_text(&key, DOCUMENT), forged[2048];
    const size_t head = strlen(DOCUMENT) - 1, size = strlen(text);
    memcpy(forged, text, head);
    memcpy(forged + head, MORE, sizeof MORE - 1);
    memcpy(forged + head + sizeof MORE - 1, text + head, size - head);
    ck_assert_int_eq(sign_check(forged, size + sizeof MORE - 1, NULL, by), SIGN_FORGED);
    free(text);
}
END_TEST

START_TEST(a_moved_signature_is_forged) {
    char *text = sign_text(&key, DOCUMENT), moved[2048];
    snprintf(moved, sizeof moved, "%.*s,\"points\":100}", (int)strlen(text) - 2, text);
    ck_assert_int_eq(sign_check(moved, strlen(moved), NULL, by), SIGN_FORGED);
    free(text);
}
END_TEST

START_TEST(an_empty_object_and_line_feeds) {
    char *text = sign_text(&key, "{\n  \"a\": 1\n}\n");
    ck_assert_int_eq(sign_check(text, strlen(text), NULL, by), SIGN_GOOD);
    free(text);
}
END_TEST

START_TEST(key_files) {
    struct sign_key other;
    unsigned char public_key[SIGN_PUBLIC_BYTES];
    struct stat about;
    ck_assert_int_eq(stat("key", &about), 0);
    ck_assert_int_eq(about.st_mode & 07777, 0600);
    ck_assert_int_eq(sign_make_key("key", &error), -1); /* never over one that is there */
    ck_assert_int_eq(unlink("key"), 0);
    ck_assert_int_eq(sign_make_key("key", &error), -1); /* nor over its public half */
    ck_assert_int_eq(access("key", F_OK), -1);
    ck_assert_int_eq(sign_make_key("open", &error), 0);
    ck_assert_int_eq(chmod("open", 0640), 0);
    ck_assert_int_eq(sign_read_secret("open", &other, &error), -1);
    ck_assert_ptr_ne(strstr(error.text, "chmod 600"), NULL);
    ck_assert_int_eq(chmod("open.pub", 0600), 0);
    ck_assert_int_eq(sign_read_secret("open.pub", &other, &error), -1); /* the wrong half */
    ck_assert_int_eq(sign_read_public("open", public_key, &error), -1);
    ck_assert_int_eq(sign_read_secret("/dev/zero", &other, &error), -1);
    ck_assert_int_eq(sign_read_public("none", public_key, &error), -1);
    ck_assert_int_eq(error.owner, ERROR_USER);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sign");
    TCase *tests = tcase_create("sign");
    tcase_add_checked_fixture(tests, make_key, remove_key);
    tcase_add_test(tests, signs_and_verifies);
    tcase_add_test(tests, every_byte_counts);
    tcase_add_test(tests, another_key_is_not_ours);
    tcase_add_test(tests, nothing_hides_behind_a_nul);
    tcase_add_test(tests, a_moved_signature_is_forged);
    tcase_add_test(tests, an_empty_object_and_line_feeds);
    tcase_add_test(tests, key_files);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
