/* SPDX-License-Identifier: MIT */
/* See options.h. argp parses the values and prints the help; options_scan.c has already checked the spelling. */
#include "harness/options.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grader/names.h"
#include "harness/command.h"
#include "harness/heap.h"
#include "harness/options_table.h"
#include "harness/outcome.h"

struct parse {
    struct options *options;
    struct error *err;
};

static int parse_unsigned(const char *text, uint64_t most, uint64_t *value) {
    char *end;
    int base = strncmp(text, "0x", 2) == 0 ? 16 : 10;
    if (!isxdigit((unsigned char)text[0]))
        return -1;
    errno = 0;
    unsigned long long parsed = strtoull(text, &end, base);
    if (errno != 0 || *end != '\0' || parsed > most)
        return -1;
    *value = parsed;
    return 0;
}

static int set_colour(struct parse *parse, const char *text) {
    static const char *const NAME[] = {[SCREEN_AUTO] = "auto", [SCREEN_ALWAYS] = "always", [SCREEN_NEVER] = "never"};
    for (size_t i = 0; i < sizeof NAME / sizeof NAME[0]; i++) {
        if (strcmp(text, NAME[i]) == 0) {
            parse->options->colour = (enum screen_choice)i;
            return 0;
        }
    }
    const char *near = names_nearest(text, NAME, sizeof NAME / sizeof NAME[0]);
    if (near != NULL)
        return error_set(parse->err, ERROR_USER, "option --color cannot be '%s'; did you mean '%s'?", text, near);
    return error_set(parse->err, ERROR_USER, "option --color cannot be '%s'; it is auto, always or never.", text);
}

static int set_level(struct parse *parse, const char *name, const char *text, enum sandbox_level *level) {
    static const char LETTERS[] = "ABCD";
    const char *found = text[0] != '\0' && text[1] == '\0' ? strchr(LETTERS, toupper((unsigned char)text[0])) : NULL;
    if (found == NULL)
        return error_set(parse->err, ERROR_USER, "option --%s cannot be '%s'; it is A (strongest), B, C or D.", name,
                         text);
    *level = (enum sandbox_level)(found - LETTERS);
    return 0;
}

static int set_seed(const char *source, const char *text, struct options *options, struct error *err) {
    if (parse_unsigned(text, UINT64_MAX, &options->seed) != 0)
        return error_set(err, ERROR_USER,
                         "%s cannot be '%s'; it is a whole number below 2^64, or one in hexadecimal "
                         "with 0x.",
                         source, text);
    options->seed_given = true;
    return 0;
}

static int set_count(struct parse *parse, const char *name, const char *text, unsigned *count) {
    enum { COUNT_MAX = 1024 };
    uint64_t value = 0;
    if (parse_unsigned(text, COUNT_MAX, &value) != 0 || value == 0)
        return error_set(parse->err, ERROR_USER, "option --%s cannot be '%s'; it is a whole number from 1 to %d.", name,
                         text, COUNT_MAX);
    *count = (unsigned)value;
    return 0;
}

static int set_budget(struct parse *parse, const char *text) {
    char *end;
    const double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value > 0 && value <= 3600))
        return error_set(parse->err, ERROR_USER, "option --timing-budget cannot be '%s'; it is a number of seconds.",
                         text);
    parse->options->timing_budget_s = value;
    return 0;
}

static int set_text(struct parse *parse, const char *name, const char *text, const char **into) {
    if (text[0] == '\0')
        return error_set(parse->err, ERROR_USER, "the value of option --%s is empty.", name);
    *into = text;
    return 0;
}

static void append(char ***list, size_t *count, char *text) {
    *list = heap_resize(*list, *count + 1, sizeof **list);
    (*list)[(*count)++] = text;
}

/* Options that only have to be kept: a flag that is set, or a text that may not be empty. */
enum plain_kind { PLAIN_FLAG, PLAIN_TEXT };
struct plain_option {
    int key;
    enum plain_kind kind;
    size_t offset; /* in struct options, of a bool or a const char * */
    const char *name;
};
#define FLAG(KEY, MEMBER)                                                                                              \
    { KEY, PLAIN_FLAG, offsetof(struct options, MEMBER), NULL }
#define TEXT(KEY, MEMBER, NAME)                                                                                        \
    { KEY, PLAIN_TEXT, offsetof(struct options, MEMBER), NAME }
static const struct plain_option PLAIN[] = {
    FLAG('q', quiet),
    FLAG('v', verbose),
    FLAG(OPTION_RAW, raw),
    FLAG(OPTION_NO_TIMING, no_timing),
    FLAG(OPTION_UPDATE_EXAMPLE, update_example),
    FLAG(OPTION_FAILED, failed),
    FLAG(OPTION_EXIT_ZERO, exit_zero),
    FLAG(OPTION_GITHUB, github),
    FLAG(OPTION_CLASSROOM, classroom),
    FLAG(OPTION_NO_STORE, no_store),
    TEXT(OPTION_JSON, json, "json"),
    TEXT(OPTION_JUNIT, junit, "junit"),
    TEXT(OPTION_CASE, only_case, "case"),
    TEXT(OPTION_CHALLENGE, challenge, "challenge"),
    TEXT(OPTION_FROM, from, "from"),
    TEXT(OPTION_SHARD, shard, "shard"),
    TEXT(OPTION_SHARD_BY, shard_by, "shard-by"),
    TEXT(OPTION_RESULTS, results, "results"),
    TEXT(OPTION_RUN_ID, run_id, "run-id"),
    TEXT(OPTION_CSV, csv, "csv"),
    TEXT(OPTION_POINTS_CSV, points_csv, "points-csv"),
    TEXT(OPTION_MARKDOWN, markdown, "markdown"),
    TEXT(OPTION_GRADESCOPE, gradescope, "gradescope"),
    TEXT(OPTION_CODE_QUALITY, code_quality, "code-quality"),
    TEXT(OPTION_STORE, store, "store"),
    TEXT(OPTION_SIGN_KEY, sign_key, "sign-key"),
    TEXT(OPTION_KEY, key, "key"),
    TEXT(OPTION_ENGINE, engine, "engine"),
    TEXT(OPTION_SLURM, slurm_options, "slurm"),
};
#undef FLAG
#undef TEXT

static int set_plain(struct parse *parse, int key, const char *text) {
    for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++) {
        void *member = (char *)parse->options + PLAIN[i].offset;
        if (PLAIN[i].key != key)
            continue;
        if (PLAIN[i].kind == PLAIN_TEXT)
            return set_text(parse, PLAIN[i].name, text, member);
        *(bool *)member = true;
        return 0;
    }
    return 1;
}

static int set_value(struct parse *parse, int key, char *text) {
    struct options *options = parse->options;
    const char *folder;
    switch (key) {
    case OPTION_COLOR:
        return set_colour(parse, text);
    case OPTION_CHALLENGES:
        if (set_text(parse, "challenges", text, &folder) != 0)
            return -1;
        append(&options->folder, &options->folder_count, text);
        return 0;
    case ARGP_KEY_ARG:
        append(&options->argument, &options->argument_count, text);
        return 0;
    case OPTION_SEED:
        return set_seed("option --seed", text, options, parse->err);
    case OPTION_TIMING_BUDGET:
        return set_budget(parse, text);
    case OPTION_THREADS:
        return set_count(parse, "threads", text, &options->threads);
    case 'j':
        return set_count(parse, "jobs", text, &options->jobs);
    case OPTION_REQUIRE_SANDBOX:
        options->require_given = true;
        return set_level(parse, "require-sandbox", text, &options->require);
    case OPTION_SANDBOX_AT_MOST:
        return set_level(parse, "sandbox-at-most", text, &options->at_most);
    default:
        return 1;
    }
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct parse *parse = state->input;
    if (key == ARGP_KEY_INIT && state->child_inputs != NULL)
        state->child_inputs[0] = parse;
    int result = set_plain(parse, key, text);
    if (result == 1)
        result = set_value(parse, key, text);
    return result == 1 ? ARGP_ERR_UNKNOWN : result == 0 ? 0 : EINVAL;
}

static int unknown_command(const char *word, struct error *err) {
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = COMMAND[i].name;
    const char *near = names_nearest(word, names, COMMAND_COUNT);
    const char *dot = strrchr(word, '.');
    if (strcmp(word, "help") == 0 || strcmp(word, "version") == 0)
        return error_set(err, ERROR_USER, "there is no command '%s'; did you mean '--%s'?", word, word);
    if (dot != NULL && strcmp(dot, ".c") == 0)
        return error_set(err, ERROR_USER, "there is no command '%s'; did you mean 'harness run %s'?", word, word);
    if (near != NULL)
        return error_set(err, ERROR_USER, "there is no command '%s'; did you mean '%s'?", word, near);
    return error_set(err, ERROR_USER, "there is no command '%s'; `harness --help` shows all.", word);
}

/* What only makes sense together. */
static int check_whole(const struct options *options, struct error *err) {
    const struct command *command = options->command;
    if (options->argument_count < command->least)
        return error_set(err, ERROR_USER, "`harness %s` needs %s: harness %s %s", command->name, command->needs,
                         command->name, command->arguments);
    if (options->argument_count > command->most)
        return error_set(err, ERROR_USER, "'%s' is one word too many: harness %s%s%s", options->argument[command->most],
                         command->name, command->arguments[0] != '\0' ? " " : "", command->arguments);
    if (options->quiet && options->verbose)
        return error_set(err, ERROR_USER, "--quiet and --verbose contradict each other.");
    if (options->json != NULL && options->junit != NULL && strcmp(options->json, options->junit) == 0)
        return error_set(err, ERROR_USER, "--json and --junit cannot both go to '%s'.", options->json);
    return 0;
}

/* argv without the word of the command, as argp wants it: a program's name first. */
static int parse_values(int argc, char **argv, int without, struct parse *parse) {
    const struct argp_child children[] = {
        {.argp = &(const struct argp){.options = OPTIONS_GLOBAL, .parser = parse_option}}, {0}};
    const struct argp argp = {.options = OPTIONS_OWN, .parser = parse_option, .children = children};
    char **words = heap_zeroed((size_t)argc + 1, sizeof words[0]);
    int words_count = 0;
    for (int i = 0; i < argc; i++)
        if (i != without)
            words[words_count++] = argv[i];
    argp_err_exit_status = EXIT_USAGE;
    error_t code =
        argp_parse(&argp, words_count, words, ARGP_IN_ORDER | ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, parse);
    free(words);
    return code != 0 ? -1 : 0;
}

static const uint64_t SECRET_LEAST = (uint64_t)1 << 48;

/* --seed beats HARNESS_SEED, which is a secret of whoever grades. It may stand between blanks, as od prints it. */
static int default_seed(struct options *options, struct error *err) {
    static const char BLANK[] = " \t\r\n";
    const char *seed = getenv("HARNESS_SEED");
    if (options->seed_given || seed == NULL || (options->command->options & (OPTIONS_OF_RUN | OPTIONS_OF_GRADE)) == 0)
        return 0;
    options->seed_secret = true;
    seed += strspn(seed, BLANK);
    size_t size = strlen(seed);
    while (size > 0 && strchr(BLANK, seed[size - 1]) != NULL)
        size--;
    char *word = heap_copy(seed, size);
    const int status = set_seed("HARNESS_SEED", word, options, err);
    free(word);
    if (status != 0)
        return -1;
    if (options->seed >= SECRET_LEAST)
        return 0;
    return error_set(
        err, ERROR_USER,
        "HARNESS_SEED is too small to be a secret, since a submission can try all such numbers; take one of "
        "2^48 or more, as `od -An -N8 -tu8 /dev/urandom` gives.");
}

/* The first option that the command does not have, or NULL; `owner` is a command that has it. */
static const char *foreign_option(const struct options_scan *scan, unsigned options, const char **owner) {
    for (size_t i = 0; i < scan->noted; i++) {
        if ((scan->note[i].users & options) != 0)
            continue;
        for (size_t c = COMMAND_COUNT; c-- > 0;)
            if ((COMMAND[c].options & scan->note[i].users) != 0)
                *owner = COMMAND[c].name;
        return scan->note[i].spelled;
    }
    return NULL;
}

/* What the words ask for, when it is not simply a command with its arguments. Returns 1 if it is. */
static int choose_action(const struct options_scan *scan, struct options *options, struct error *err) {
    const struct command *command = options->command;
    const char *owner = "run", *foreign = foreign_option(scan, command != NULL ? command->options : 0, &owner);
    if (scan->version)
        options->action = OPTIONS_VERSION;
    else if (scan->command == NULL && foreign == NULL)
        options->action = OPTIONS_OVERVIEW;
    else if (scan->command == NULL)
        return error_set(err, ERROR_USER, "the command is missing; did you mean 'harness %s %s ...'?", owner, foreign);
    else if (command == NULL)
        return unknown_command(scan->command, err);
    else if (foreign != NULL)
        return error_set(err, ERROR_USER, "'%s' is an option of `harness %s`, not of `harness %s`.", foreign, owner,
                         scan->command);
    else
        return 1;
    return 0;
}

int options_parse(int argc, char **argv, struct options *options, struct error *err) {
    struct options_scan scan;
    struct parse parse = {options, err};
    *options = (struct options){.require = SANDBOX_C, .at_most = SANDBOX_A};
    int result = options_scan(argc, argv, &scan, err);
    options->command = scan.command != NULL ? command_find(scan.command) : NULL;
    if (scan.help) {
        options->action = OPTIONS_HELP;
        return 0;
    }
    if (result == 0)
        result = choose_action(&scan, options, err);
    if (result != 1)
        return result;
    result = parse_values(argc, argv, scan.command_index, &parse);
    if (result == 0)
        result = default_seed(options, err);
    if (result == 0)
        result = check_whole(options, err);
    if (result != 0)
        options_release(options);
    return result;
}

void options_release(struct options *options) {
    free(options->folder);
    free(options->argument);
    options->folder = NULL;
    options->argument = NULL;
}
