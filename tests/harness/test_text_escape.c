/* SPDX-License-Identifier: MIT */
/* Foreign text: what each target must never let through. */
#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "harness/text_escape.h"

static void expect(char *got, const char *wanted) {
    ck_assert_str_eq(got, wanted);
    free(got);
}

START_TEST(decodes_only_well_formed) {
    static const struct {
        const char *bytes;
        size_t length;
        uint32_t code;
    } GOOD[] = {{"A", 1, 'A'}, {"\xc3\xa9", 2, 0xe9}, {"\xe2\x82\xac", 3, 0x20ac}, {"\xf0\x9f\x98\x80", 4, 0x1f600}};
    static const char *const BAD[] = {
        "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80",
        "\xc3", "\xe2\x82", "\xc3(",        "\xff"};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        uint32_t code = 0;
        ck_assert_uint_eq(text_decode(GOOD[i].bytes, strlen(GOOD[i].bytes), &code), GOOD[i].length);
        ck_assert_uint_eq(code, GOOD[i].code);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        uint32_t code = 0;
        ck_assert_uint_eq(text_decode(BAD[i], strlen(BAD[i]), &code), 0);
    }
    uint32_t code;
    ck_assert_uint_eq(text_decode("", 0, &code), 0);
}
END_TEST

START_TEST(terminal_sees_no_control) {
    for (int c = 0; c < 256; c++) {
        char byte = (char)c, *safe = text_escape(&byte, 1, true);
        for (const char *at = safe; *at != '\0'; at++)
            ck_assert_int_ge((unsigned char)*at, ' ');
        ck_assert(c < 0x80 || safe[0] == '\\');
        free(safe);
    }
    for (unsigned c = 0x80; c < 0xa0; c++) {
        char two[2] = {(char)0xc2, (char)c}, *safe = text_escape(two, 2, true);
        ck_assert_int_eq(safe[0], '\\');
        free(safe);
    }
    expect(text_escape("\033[31mred", 8, true), "\\x1b[31mred");
    expect(text_escape("a\tb\nc\rd", 7, true), "a b\\nc\\rd");
    expect(text_escape("x\xe2\x80\xaey", 5, true), "x\\u{202e}y");
    expect(text_escape("x\xe2\x80\x8by", 5, true), "x\\u{200b}y");
    expect(text_escape("nul\0end", 7, true), "nul\\x00end");
}
END_TEST

START_TEST(letters_stay_when_the_terminal_has_them) {
    expect(text_escape("caf\xc3\xa9 \xe6\x97\xa5", 9, true), "caf\xc3\xa9 \xe6\x97\xa5");
    expect(text_escape("caf\xc3\xa9", 5, false), "caf\\u{e9}");
}
END_TEST

START_TEST(commands_of_ci_systems_are_defused) {
    expect(text_escape("::error::x", 10, true), "\\::error::x");
    expect(text_escape("  ::error::x", 12, true), "  \\::error::x");
    expect(text_escape("\xc2\xa0::error::x", 12, true), "\xc2\xa0\\::error::x");
    expect(text_escape(" \xe3\x80\x80\xe2\x80\x83\xe1\x9a\x80::error::x", 20, true),
           " \xe3\x80\x80\xe2\x80\x83\xe1\x9a\x80\\::error::x");
    expect(text_xml("\xc2\xa0\xe2\x80\xaf::x", 8), "\xc2\xa0\xe2\x80\xaf\\::x");
    expect(text_escape("std::vector", 11, true), "std::vector");
    expect(text_escape("a ##[group]b", 12, true), "a #\\#[group]b");
    expect(text_escape("##vso[task]", 11, true), "#\\#vso[task]");
    expect(text_escape("##VSO[task]", 11, true), "#\\#VSO[task]");
    expect(text_escape("###[x]", 6, true), "##\\#[x]");
    expect(text_escape("## Heading [1]", 14, true), "## Heading [1]");
    expect(text_escape("|####|", 6, true), "|####|");
    expect(text_escape_lines("a\n::b\n\nc", 8, true), "a\n\\::b\n\nc");
}
END_TEST

START_TEST(twice_is_once) {
    static const char WILD[] = "::x ##[y] \033 \xff \\ \\x1b \xe2\x80\xae";
    char *once = text_escape(WILD, sizeof WILD - 1, true), *twice = text_escape(once, strlen(once), true);
    ck_assert_str_eq(once, twice);
    free(once);
    free(twice);
}
END_TEST

START_TEST(columns_are_counted) {
    ck_assert_uint_eq(text_columns(""), 0);
    ck_assert_uint_eq(text_columns("abc"), 3);
    ck_assert_uint_eq(text_columns("caf\xc3\xa9"), 4);
    ck_assert_uint_eq(text_columns("\xe6\x97\xa5\xe6\x9c\xac"), 4);
    ck_assert_uint_eq(text_fit("\xe6\x97\xa5\xe6\x9c\xac", 3), 3);
    ck_assert_uint_eq(text_fit("abcdef", 4), 4);
    ck_assert_uint_eq(text_fit("ab", 4), 2);
}
END_TEST

START_TEST(json_gets_valid_utf8) {
    expect(text_utf8("a\xff\xc3\xa9\0b", 6), "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd"
                                             "b");
    expect(text_utf8("", 0), "");
}
END_TEST

/* What a JSON parser reads is the same; what a terminal or a build server sees on the way is not. */
START_TEST(json_obeys_nobody) {
    expect(text_json(strdup("{\"a\":\"##[error] ##vso[x] ###\"}")),
           "{\"a\":\"#\\u0023[error] #\\u0023vso[x] #\\u0023\\u0023\"}");
    expect(text_json(strdup("\"\xc2\x9b \x7f \xe2\x80\xae \xf3\xa0\x81\x81\"")),
           "\"\\u009b \\u007f \\u202e \\udb40\\udc41\"");
    expect(text_json(strdup("[\"# caf\xc3\xa9 \xf0\x9f\x98\x80\"]\n")), "[\"# caf\xc3\xa9 \xf0\x9f\x98\x80\"]\n");
}
END_TEST

START_TEST(xml_gets_legal_characters) {
    expect(text_xml("a<b>&\"'", 7), "a&lt;b&gt;&amp;&quot;'");
    expect(text_xml("]]>", 3), "]]&gt;");
    expect(text_xml("\033\001\r", 3), "[NON-XML-CHAR-0x1B][NON-XML-CHAR-0x01][NON-XML-CHAR-0x0D]");
    expect(text_xml("\xef\xbf\xbf", 3), "[NON-XML-CHAR-0xFFFF]");
    expect(text_xml("\xff", 1), "[NON-UTF-8-BYTE-0xFF]");
    expect(text_xml("\xe2\x80\xae\xe2\x80\xa8", 6), "[U+202E][U+2028]");
    expect(text_xml("a\n::b\tc", 7), "a\n\\::b\tc");
    expect(text_xml("\0x", 2), "[NON-XML-CHAR-0x00]x");
}
END_TEST

START_TEST(shell_words) {
    expect(text_shell("a/b_c-1.c"), "a/b_c-1.c");
    expect(text_shell("-rf.c"), "./-rf.c");
    expect(text_shell("-r f.c"), "'./-r f.c'");
    expect(text_shell(""), "''");
    expect(text_shell("it's $(here)"), "'it'\\''s $(here)'");
}
END_TEST

int main(void) {
    setlocale(LC_CTYPE, "C.UTF-8");
    Suite *suite = suite_create("text_escape");
    TCase *tests = tcase_create("text_escape");
    tcase_add_test(tests, decodes_only_well_formed);
    tcase_add_test(tests, terminal_sees_no_control);
    tcase_add_test(tests, letters_stay_when_the_terminal_has_them);
    tcase_add_test(tests, commands_of_ci_systems_are_defused);
    tcase_add_test(tests, twice_is_once);
    tcase_add_test(tests, columns_are_counted);
    tcase_add_test(tests, json_gets_valid_utf8);
    tcase_add_test(tests, json_obeys_nobody);
    tcase_add_test(tests, xml_gets_legal_characters);
    tcase_add_test(tests, shell_words);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
