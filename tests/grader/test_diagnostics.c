/* SPDX-License-Identifier: MIT */
/* Messages of the real gcc and of the real linker become data, and nothing that the output may hold instead of them
 * does harm. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grader/diagnostics.h"
#include "tests/grader/compiler.h"

#define JSON "-std=gnu17 -Wall -fdiagnostics-format=json -fPIC -shared -Wl,-z,defs -o out.so -I. "

static struct compiler compiler;
static struct diagnostics said;

static void start(void) {
    compiler_open(&compiler);
}

static void stop(void) {
    diagnostics_release(&said);
    ck_assert_uint_eq(said.count, 0);
    diagnostics_release(&said);
    compiler_close(&compiler);
}

/* Compiles `source` as sub.c, which the user called dir/mine.c. */
static void compile(const char *source, const char *options) {
    char arguments[512];

    compiler_put(&compiler, "sub.c", source);
    snprintf(arguments, sizeof arguments, JSON "%s sub.c", options);
    compiler_run(&compiler, arguments);
    diagnostics_read(compiler.output, compiler.output_bytes, "sub.c", "dir/mine.c", source, &said);
}

static void read_text(const char *output, size_t size) {
    diagnostics_read(output, size, "sub.c", "dir/mine.c", "int x;\n", &said);
}

START_TEST(clean_code_says_nothing) {
    compile("int f(void);\nint f(void) { return 0; }\n", "");
    ck_assert_uint_eq(said.count, 0);
    ck_assert_uint_eq(said.error_count + said.warning_count, 0);
}
END_TEST

START_TEST(an_error_has_place_and_source) {
    compile("int f(void);\nint f(void) {\n    return missing + 1;\n}\n", "-w");
    ck_assert_uint_eq(said.count, 1);
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_str_eq(said.item[0].kind, "error");
    ck_assert_ptr_nonnull(strstr(said.item[0].message, "missing"));
    ck_assert_str_eq(said.item[0].file, "dir/mine.c");
    ck_assert_int_eq(said.item[0].line, 3);
    ck_assert_int_eq(said.item[0].column, 12);
    ck_assert_str_eq(said.item[0].source, "    return missing + 1;");
    ck_assert_int_eq(said.item[0].caret, 12);
    ck_assert_int_eq(said.item[0].caret_end, 18);
}
END_TEST

START_TEST(warnings_are_counted_apart) {
    compile("int f(int a);\nint f(int a) {\n    int b;\n    return c;\n}\n", "");
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_uint_ge(said.warning_count, 1);
    ck_assert_uint_eq(said.count, said.error_count + said.warning_count);
}
END_TEST

/* Tabs and letters of several bytes: the marks must stand under the name, whatever its column on a screen is. */
START_TEST(carets_count_bytes_of_the_source) {
    compile("int f(void);\nint f(void) {\n\tconst char *s = \"\xc3\xa9\xe2\x82\xac\"; return s[0] + n\xc3\xa4me;\n}\n",
            "");
    ck_assert_uint_eq(said.error_count, 1);
    const struct diagnostic *d = &said.item[0];
    ck_assert_ptr_nonnull(d->source);
    const char *name = strstr(d->source, "n\xc3\xa4me");
    ck_assert_ptr_nonnull(name);
    ck_assert_int_eq(d->caret, (int)(name - d->source) + 1);
    ck_assert_int_eq(d->caret_end, d->caret + 4);
}
END_TEST

START_TEST(a_macro_points_at_its_use) {
    compiler_put(&compiler, "contract.h", "#define ADD(x) ((x) + not_there)\n");
    compile("#include \"contract.h\"\nint f(void);\nint f(void) {\n    return ADD(1);\n}\n", "");
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_ptr_nonnull(strstr(said.item[0].message, "not_there"));
    ck_assert_ptr_nonnull(said.item[0].file);
    if (strcmp(said.item[0].file, "dir/mine.c") == 0)
        ck_assert_str_eq(said.item[0].source, "    return ADD(1);");
    else
        ck_assert_ptr_null(said.item[0].source);
}
END_TEST

START_TEST(an_error_in_a_header_shows_no_line_of_the_file) {
    compiler_put(&compiler, "contract.h", "int broken = nowhere;\n");
    compile("#include \"contract.h\"\n", "");
    ck_assert_uint_ge(said.error_count, 1);
    ck_assert_ptr_nonnull(strstr(said.item[0].file, "contract.h"));
    ck_assert_ptr_null(said.item[0].source);
}
END_TEST

START_TEST(a_missing_include_is_an_error) {
    compile("#include \"nowhere.h\"\n", "");
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_str_eq(said.item[0].kind, "fatal error");
    ck_assert_ptr_nonnull(strstr(said.item[0].message, "nowhere.h"));
    ck_assert_int_eq(said.item[0].line, 1);
}
END_TEST

START_TEST(the_linker_is_understood) {
    compile("int cblas_sgemm(void);\nint f(void);\nint f(void) { return cblas_sgemm() + cblas_sgemm(); }\n", "");
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_uint_eq(said.count, 1);
    ck_assert_str_eq(said.item[0].kind, "error");
    ck_assert_ptr_nonnull(strstr(said.item[0].message, "undefined reference"));
    ck_assert_ptr_nonnull(strstr(said.item[0].message, "cblas_sgemm"));
    ck_assert_ptr_null(said.item[0].source);
}
END_TEST

START_TEST(the_linker_knows_the_line_of_what_has_debug_information) {
    compile("int cblas_sgemm(void);\nint f(void);\nint f(void) {\n    return cblas_sgemm();\n}\n", "-g");
    ck_assert_uint_eq(said.count, 1);
    ck_assert_int_eq(said.item[0].line, 4);
    ck_assert_str_eq(said.item[0].source, "    return cblas_sgemm();");
    ck_assert_ptr_nonnull(said.item[0].file);
}
END_TEST

START_TEST(warnings_and_the_linker_together) {
    compiler_put(&compiler, "other.c", "int twice(void);\nint twice(void) { return 1; }\n");
    compile("int twice(void);\nint twice(void) { int unused; return 1; }\n", "other.c");
    ck_assert_uint_eq(said.warning_count, 1);
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_ptr_nonnull(strstr(said.item[1].message, "multiple definition"));
}
END_TEST

/* Only so many are kept; all are counted. */
START_TEST(two_hundred_errors) {
    char *source = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&source, &size);

    fprintf(out, "int f(void);\nint f(void) {\n    int s = 0;\n");
    for (int i = 0; i < 200; i++)
        fprintf(out, "    s += name%d;\n", i);
    fprintf(out, "    return s;\n}\n");
    fclose(out);
    compile(source, "");
    ck_assert_uint_eq(said.error_count, 200);
    ck_assert_uint_ge(said.count, 20);
    ck_assert_uint_lt(said.count, 200);
    ck_assert_int_eq(said.item[0].line, 4);
    ck_assert_str_eq(said.item[1].source, "    s += name1;");
    free(source);
}
END_TEST

START_TEST(a_long_line_is_cut) {
    char *source = malloc(20000);

    memset(source, ' ', 20000);
    strcpy(source, "int f(void);\nint f(void) { return nothing;");
    source[strlen(source)] = ' ';
    strcpy(source + 19990, "}\n");
    compile(source, "");
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_uint_le(strlen(said.item[0].source), 1000);
    free(source);
}
END_TEST

START_TEST(a_long_message_is_cut) {
    char *source = malloc(20000), *end;

    strcpy(source, "_Static_assert(0, \"");
    end = source + strlen(source);
    memset(end, 'x', 9000);
    strcpy(end + 9000, "\");\n");
    compile(source, "");
    ck_assert_uint_eq(said.error_count, 1);
    const char *message = said.item[0].message;
    ck_assert_uint_gt(strlen(message), 500);
    ck_assert_uint_le(strlen(message), 1003);
    ck_assert_str_eq(message + strlen(message) - 3, "...");
    free(source);
}
END_TEST

/* The cut never leaves a part of a character behind. */
START_TEST(a_long_message_is_cut_between_characters) {
    char text[4000] = "[{\"kind\": \"error\", \"message\": \"";
    const size_t head = strlen(text);
    size_t at = head + (size_t)_i;

    memset(text + head, 'x', (size_t)_i);
    for (; at < head + 2000; at += 3)
        memcpy(text + at, "\xe2\x82\xac", 3);
    strcpy(text + at, "\"}]");
    read_text(text, strlen(text));
    ck_assert_uint_eq(said.count, 1);
    const char *message = said.item[0].message;
    ck_assert_uint_ge(strlen(message), 1000);
    ck_assert_str_eq(message + strlen(message) - 6, "\xe2\x82\xac...");
}
END_TEST

/* Whoever forges messages chooses the numbers too, and more is computed with them. */
START_TEST(numbers_have_a_limit) {
    static const char text[] =
        "[{\"kind\": \"error\", \"message\": \"m\", \"locations\": [{\"caret\": {\"file\": \"sub.c\", \"line\": 1, "
        "\"column\": 1e99, \"byte-column\": 2147483647}, \"finish\": {\"line\": 1, \"byte-column\": 2147483647}}]}]";

    read_text(text, sizeof text - 1);
    ck_assert_uint_eq(said.count, 1);
    ck_assert_int_le(said.item[0].column, 1000000000);
    ck_assert_int_le(said.item[0].caret, 1000000000);
    ck_assert_int_le(said.item[0].caret_end, 1000000000);
}
END_TEST

START_TEST(the_assembler_is_understood) {
    compile("int f(void);\nint f(void) {\n    __asm__(\"nonsense %eax\");\n    return 0;\n}\n", "-pipe");
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_str_eq(said.item[0].kind, "error");
    ck_assert_ptr_nonnull(strstr(said.item[0].message, "nonsense"));
    ck_assert_str_eq(said.item[0].file, "dir/mine.c");
    ck_assert_int_eq(said.item[0].line, 3);
    ck_assert_str_eq(said.item[0].source, "    __asm__(\"nonsense %eax\");");
    static const char unknown[] =
        "{standard input}: Assembler messages:\n{standard input}:4: Error: junk at end of line\n"
        "other.c:4: Error: not ours\nsub.c:x: Error: no number\n";
    diagnostics_release(&said);
    read_text(unknown, sizeof unknown - 1);
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_str_eq(said.item[0].message, "junk at end of line");
    ck_assert_int_eq(said.item[0].line, 0);
}
END_TEST

/* gcc sees the NUL while it reads on for the error, and so puts the error under the warning. */
START_TEST(an_error_under_a_warning_is_an_error) {
    static const char text[] =
        "[{\"kind\": \"warning\", \"message\": \"null character ignored\", \"children\": [{\"kind\": \"error\", "
        "\"message\": \"not declared\", \"locations\": "
        "[{\"caret\": {\"file\": \"sub.c\", \"line\": 1, \"column\": 5}}]}, "
        "{\"kind\": \"note\", \"message\": \"a note\"}]}]";

    read_text(text, sizeof text - 1);
    ck_assert_uint_eq(said.warning_count, 1);
    ck_assert_uint_eq(said.error_count, 1);
    ck_assert_uint_eq(said.count, 2);
    ck_assert_str_eq(said.item[1].message, "not declared");
    ck_assert_str_eq(said.item[1].source, "int x;");
}
END_TEST

/* Output is cut off where the log is full: every prefix is harmless, and messages that are whole are kept. */
START_TEST(truncated_output_keeps_what_is_whole) {
    compile("int f(void);\nint f(void) { return one + two; }\n", "-w");
    const size_t whole = compiler.output_bytes;
    size_t kept = 0;
    ck_assert_uint_eq(said.count, 2);
    for (size_t size = 0; size < whole; size++) {
        char *part = malloc(size > 0 ? size : 1);
        memcpy(part, compiler.output, size);
        diagnostics_release(&said);
        read_text(part, size);
        ck_assert_uint_ge(said.count, kept);
        ck_assert_uint_le(said.count, 2);
        kept = said.count;
        free(part);
        if (size == whole / 2 + whole / 4)
            ck_assert_uint_eq(kept, 1);
    }
}
END_TEST

static const char *const garbage[] = {
    "[",
    "[]",
    "[[]]",
    "[1, \"two\", null, true, {}]",
    "[{\"kind\": 7, \"message\": \"x\"}]",
    "[{\"kind\": \"error\"}]",
    "[{\"kind\": \"note\", \"message\": \"x\"}]",
    "\n\n\n",
    "undefined reference",
    "\xff\xfe[{\"kind\"",
};

START_TEST(garbage_is_left_out) {
    read_text(garbage[_i], strlen(garbage[_i]));
    ck_assert_uint_eq(said.count, 0);
    ck_assert_uint_eq(said.error_count, 0);
}
END_TEST

static const char *const odd_places[] = {
    "[{\"kind\": \"error\", \"message\": \"m\", \"locations\": 5}]",
    "[{\"kind\": \"error\", \"message\": \"m\", \"locations\": [{}, {\"caret\": {}}, {\"caret\": 1}]}]",
    "[{\"kind\": \"error\", \"message\": \"m\", \"locations\": [{\"caret\": {\"file\": \"sub.c\", \"line\": 99999}}]}]",
    "[{\"kind\": \"error\", \"message\": \"m\", \"locations\": [{\"caret\": {\"file\": \"sub.c\", \"line\": -4}}]}]",
    "[{\"kind\": \"error\", \"message\": \"m\", \"locations\": [{\"caret\": {\"file\": \"sub.c\", \"line\": 1e300}}]}]",
    "[{\"kind\": \"error\", \"message\": \"m\", \"locations\": [{\"caret\": {\"file\": 3, \"line\": 1}}]}]",
};

START_TEST(an_odd_place_is_no_source) {
    read_text(odd_places[_i], strlen(odd_places[_i]));
    ck_assert_uint_eq(said.count, 1);
    ck_assert_str_eq(said.item[0].message, "m");
    ck_assert_ptr_null(said.item[0].source);
}
END_TEST

/* Brackets in numbers that a parser without a limit would recurse into. */
START_TEST(deep_nesting_is_harmless) {
    const size_t size = 1 << 20;
    char *text = malloc(size);

    memset(text, '[', size);
    read_text(text, size);
    ck_assert_uint_eq(said.count, 0);
    free(text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("diagnostics");
    TCase *tests = tcase_create("diagnostics");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 30);
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, clean_code_says_nothing);
    tcase_add_test(tests, an_error_has_place_and_source);
    tcase_add_test(tests, warnings_are_counted_apart);
    tcase_add_test(tests, carets_count_bytes_of_the_source);
    tcase_add_test(tests, a_macro_points_at_its_use);
    tcase_add_test(tests, an_error_in_a_header_shows_no_line_of_the_file);
    tcase_add_test(tests, a_missing_include_is_an_error);
    tcase_add_test(tests, the_linker_is_understood);
    tcase_add_test(tests, the_linker_knows_the_line_of_what_has_debug_information);
    tcase_add_test(tests, warnings_and_the_linker_together);
    tcase_add_test(tests, two_hundred_errors);
    tcase_add_test(tests, a_long_line_is_cut);
    tcase_add_test(tests, a_long_message_is_cut);
    tcase_add_loop_test(tests, a_long_message_is_cut_between_characters, 0, 3);
    tcase_add_test(tests, numbers_have_a_limit);
    tcase_add_test(tests, the_assembler_is_understood);
    tcase_add_test(tests, an_error_under_a_warning_is_an_error);
    tcase_add_test(tests, truncated_output_keeps_what_is_whole);
    tcase_add_loop_test(tests, garbage_is_left_out, 0, sizeof garbage / sizeof *garbage);
    tcase_add_loop_test(tests, an_odd_place_is_no_source, 0, sizeof odd_places / sizeof *odd_places);
    tcase_add_test(tests, deep_nesting_is_harmless);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
