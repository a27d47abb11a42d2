/* SPDX-License-Identifier: MIT */
/* The command line: options mean the same in every place, and a mistake gets one sentence. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/command.h"
#include "harness/options.h"

enum { WORDS_MAX = 24 };

static struct error error;

/* Words are separated by single spaces; "~" stands for an empty word. */
static int parse(const char *line, struct options *options) {
    static char copy[256];
    static char *words[WORDS_MAX];
    int count = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *rest = copy, *word; (word = strsep(&rest, " ")) != NULL && count < WORDS_MAX - 1;)
        words[count++] = strcmp(word, "~") == 0 ? word + 1 : word;
    words[count] = NULL;
    return options_parse(count, words, options, &error);
}

static const struct {
    const char *line, *contains;
} WRONG[] = {
    {"harness rum a.c", "did you mean 'run'"},
    {"harness a.c", "did you mean 'harness run a.c'"},
    {"harness help", "did you mean '--help'"},
    {"harness qqqqqqqq", "`harness --help` shows all"},
    {"harness run", "needs a C file"},
    {"harness run --", "needs a C file"},
    {"harness show", "needs the id"},
    {"harness show a b", "'b' is one word too many"},
    {"harness list a", "'a' is one word too many"},
    {"harness start a b c", "'c' is one word too many"},
    {"harness run --js x a.c", "there is no option '--js'; did you mean '--json'"},
    {"harness run --jsno=x a.c", "there is no option '--jsno'; did you mean '--json'"},
    {"harness run --verb a.c", "did you mean '--verbose'"},
    {"harness run -x a.c", "there is no option '-x'"},
    {"harness run -json a.c", "did you mean '--json'"},
    {"harness run --sandbox-at a.c", "there is no option '--sandbox-at'"},
    {"harness run --quiet=1 a.c", "takes no value"},
    {"harness grade a -j", "needs a value"},
    {"harness grade a -jx", "jobs"},
    {"harness grade a -qj 0", "jobs"},
    {"harness run a.c --json", "needs a value"},
    {"harness run a.c --json ~", "is empty"},
    {"harness --color", "needs a value"},
    {"harness run --color alwys a.c", "did you mean 'always'"},
    {"harness run --color 7 a.c", "auto, always or never"},
    {"harness run --seed -1 a.c", "whole number"},
    {"harness run --seed 1e3 a.c", "whole number"},
    {"harness run --seed 18446744073709551616 a.c", "whole number"},
    {"harness run --seed= a.c", "whole number"},
    {"harness run --threads 0 a.c", "from 1 to"},
    {"harness run --threads 5000 a.c", "from 1 to"},
    {"harness run --require-sandbox E a.c", "A (strongest), B, C or D"},
    {"harness run --require-sandbox AB a.c", "A (strongest), B, C or D"},
    {"harness run --timing-budget 0 a.c", "number of seconds"},
    {"harness run --timing-budget -1 a.c", "number of seconds"},
    {"harness run --timing-budget nan a.c", "number of seconds"},
    {"harness run --timing-budget 2s a.c", "number of seconds"},
    {"harness run --timing-budget 3601 a.c", "number of seconds"},
    {"harness run --timing-budget= a.c", "number of seconds"},
    {"harness run --timing-budg 2 a.c", "there is no option"},
    {"harness run -q -v a.c", "contradict"},
    {"harness run --json - --junit - a.c", "cannot both go to"},
    {"harness run --json x --junit x a.c", "cannot both go to"},
    {"harness list --json x", "is an option of `harness run`"},
    {"harness -q doctor", "is an option of `harness run`"},
    {"harness --json x", "the command is missing"},
};

START_TEST(mistakes_get_a_sentence) {
    struct options options;
    ck_assert_int_eq(parse(WRONG[_i].line, &options), -1);
    ck_assert_int_eq(error.owner, ERROR_USER);
    ck_assert_msg(strstr(error.text, WRONG[_i].contains) != NULL, "%s: %s", WRONG[_i].line, error.text);
    ck_assert_ptr_eq(strchr(error.text, '\n'), NULL);
}
END_TEST

static const char *const SAME[] = {
    "harness run --json x --seed 0x10 -v --challenges /p --threads 2 --case 3 --no-timing a.c b.c",
    "harness --json=x --seed=16 -v --challenges=/p --threads=2 --case=3 --no-timing run a.c b.c",
    "harness --seed 16 run a.c --json x b.c --no-timing --verbose --case 3 --challenges /p --threads 2",
    "harness -v --no-timing run --seed 9 --seed 16 --json x --case 3 --challenges /p --threads 2 -- a.c b.c",
};

START_TEST(place_does_not_matter) {
    struct options options;
    ck_assert_msg(parse(SAME[_i], &options) == 0, "%s", error.text);
    ck_assert_int_eq(options.action, OPTIONS_COMMAND);
    ck_assert_str_eq(options.command->name, "run");
    ck_assert_str_eq(options.json, "x");
    ck_assert(options.seed_given && options.seed == 16 && !options.seed_secret);
    ck_assert(options.verbose && !options.quiet && options.no_timing);
    ck_assert_uint_eq(options.threads, 2);
    ck_assert_str_eq(options.only_case, "3");
    ck_assert_uint_eq(options.folder_count, 1);
    ck_assert_str_eq(options.folder[0], "/p");
    ck_assert_uint_eq(options.argument_count, 2);
    ck_assert_str_eq(options.argument[0], "a.c");
    ck_assert_str_eq(options.argument[1], "b.c");
    options_release(&options);
}
END_TEST

static const char *const JOBS[] = {
    "harness grade work -j 12",  "harness grade work -j12",  "harness grade -j12 work",      "harness -j 12 grade work",
    "harness grade work -qj 12", "harness -qj12 grade work", "harness grade --jobs=12 work",
};

START_TEST(a_letter_with_a_value) {
    struct options options;
    ck_assert_msg(parse(JOBS[_i], &options) == 0, "%s", error.text);
    ck_assert_str_eq(options.command->name, "grade");
    ck_assert_uint_eq(options.jobs, 12);
    ck_assert_uint_eq(options.argument_count, 1);
    ck_assert_str_eq(options.argument[0], "work");
    options_release(&options);
}
END_TEST

START_TEST(order_of_files_survives_posix_mode) {
    struct options options;
    setenv("POSIXLY_CORRECT", "1", 1);
    ck_assert_int_eq(parse("harness run a.c -q b.c", &options), 0);
    unsetenv("POSIXLY_CORRECT");
    ck_assert(options.quiet);
    ck_assert_uint_eq(options.argument_count, 2);
    options_release(&options);
}
END_TEST

START_TEST(names_that_look_like_options) {
    struct options options;
    ck_assert_int_eq(parse("harness run -- -q --json", &options), 0);
    ck_assert(!options.quiet && options.json == NULL);
    ck_assert_str_eq(options.argument[0], "-q");
    ck_assert_str_eq(options.argument[1], "--json");
    options_release(&options);
    ck_assert_int_eq(parse("harness run --json - a.c", &options), 0);
    ck_assert_str_eq(options.json, "-");
    options_release(&options);
}
END_TEST

START_TEST(help_wins) {
    static const char *const ASK[] = {"harness -h",           "harness run --help",     "harness run --bogus -h",
                                      "harness -h list",      "harness run -qh a.c",    "harness list --json x -h",
                                      "harness bogus --help", "harness run a.c b.c -h", "harness run -h --json"};
    for (size_t i = 0; i < sizeof ASK / sizeof ASK[0]; i++) {
        struct options options;
        ck_assert_msg(parse(ASK[i], &options) == 0, "%s: %s", ASK[i], error.text);
        ck_assert_int_eq(options.action, OPTIONS_HELP);
    }
    struct options options;
    ck_assert_int_eq(parse("harness run --json -h a.c", &options), 0); /* here -h is the value of --json */
    ck_assert_int_eq(options.action, OPTIONS_COMMAND);
    options_release(&options);
    ck_assert_int_eq(parse("harness --version", &options), 0);
    ck_assert_int_eq(options.action, OPTIONS_VERSION);
    ck_assert_int_eq(parse("harness", &options), 0);
    ck_assert_int_eq(options.action, OPTIONS_OVERVIEW);
}
END_TEST

START_TEST(sandbox_levels) {
    struct options options;
    ck_assert_int_eq(parse("harness run a.c", &options), 0);
    ck_assert_int_eq(options.require, SANDBOX_C);
    ck_assert(!options.require_given);
    ck_assert_int_eq(options.at_most, SANDBOX_A);
    options_release(&options);
    ck_assert_int_eq(parse("harness run --require-sandbox d --sandbox-at-most=B a.c", &options), 0);
    ck_assert_int_eq(options.require, SANDBOX_D);
    ck_assert(options.require_given);
    ck_assert_int_eq(options.at_most, SANDBOX_B);
    options_release(&options);
}
END_TEST

START_TEST(timing_budgets) {
    struct options options;
    ck_assert_int_eq(parse("harness run a.c", &options), 0);
    ck_assert(options.timing_budget_s == 0);
    options_release(&options);
    ck_assert_int_eq(parse("harness run --timing-budget 2.5 a.c", &options), 0);
    ck_assert(options.timing_budget_s == 2.5);
    options_release(&options);
}
END_TEST

START_TEST(seed_of_the_environment_is_secret) {
    struct options options;
    setenv("HARNESS_SEED", "77", 1);
    ck_assert_int_eq(parse("harness run a.c", &options), -1);
    ck_assert_ptr_ne(strstr(error.text, "too small"), NULL);
    setenv("HARNESS_SEED", "281474976710733", 1);
    ck_assert_int_eq(parse("harness run a.c", &options), 0);
    ck_assert(options.seed_given && options.seed_secret && options.seed == 281474976710733u);
    options_release(&options);
    ck_assert_int_eq(parse("harness run --seed 5 a.c", &options), 0);
    ck_assert(options.seed_given && !options.seed_secret && options.seed == 5);
    options_release(&options);
    setenv("HARNESS_SEED", "seven", 1);
    ck_assert_int_eq(parse("harness run a.c", &options), -1);
    ck_assert_ptr_ne(strstr(error.text, "HARNESS_SEED"), NULL);
    ck_assert_int_eq(parse("harness list", &options), 0);
    options_release(&options);
    unsetenv("HARNESS_SEED");
}
END_TEST

START_TEST(help_fits_the_screen) {
    for (size_t i = 0; i <= COMMAND_COUNT; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        options_help(i < COMMAND_COUNT ? &COMMAND[i] : NULL, out);
        options_overview(out);
        fclose(out);
        ck_assert_ptr_ne(strstr(text, "Exit codes:"), NULL);
        ck_assert_ptr_eq(strstr(text, "sandbox-at-most"), NULL);
        ck_assert_ptr_eq(strstr(text, "timing-budget"), NULL);
        for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
            ck_assert_uint_le(strlen(line), SCREEN_COLUMNS);
        free(text);
    }
}
END_TEST

int main(void) {
    unsetenv("HARNESS_SEED");
    Suite *suite = suite_create("options");
    TCase *tests = tcase_create("options");
    tcase_add_loop_test(tests, mistakes_get_a_sentence, 0, sizeof WRONG / sizeof WRONG[0]);
    tcase_add_loop_test(tests, place_does_not_matter, 0, sizeof SAME / sizeof SAME[0]);
    tcase_add_loop_test(tests, a_letter_with_a_value, 0, (int)(sizeof JOBS / sizeof JOBS[0]));
    tcase_add_test(tests, order_of_files_survives_posix_mode);
    tcase_add_test(tests, names_that_look_like_options);
    tcase_add_test(tests, help_wins);
    tcase_add_test(tests, sandbox_levels);
    tcase_add_test(tests, timing_budgets);
    tcase_add_test(tests, seed_of_the_environment_is_secret);
    tcase_add_test(tests, help_fits_the_screen);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
