/* SPDX-License-Identifier: MIT */
/* The rows of all options; only options*.c include this. */
#ifndef HARNESS_OPTIONS_TABLE_H
#define HARNESS_OPTIONS_TABLE_H

#include <argp.h>
#include <stddef.h>

/* Keys of options without a short form. */
enum options_key {
    OPTION_COLOR = 0x100,
    OPTION_CHALLENGES,
    OPTION_VERSION,
    OPTION_JSON,
    OPTION_JUNIT,
    OPTION_CASE,
    OPTION_SEED,
    OPTION_NO_TIMING,
    OPTION_CHALLENGE,
    OPTION_REQUIRE_SANDBOX,
    OPTION_THREADS,
    OPTION_RAW,
    OPTION_SANDBOX_AT_MOST,
    OPTION_TIMING_BUDGET,
    OPTION_UPDATE_EXAMPLE,
    OPTION_FROM,
    OPTION_FAILED,
    OPTION_EXIT_ZERO,
    OPTION_SHARD,
    OPTION_SHARD_BY,
    OPTION_RESULTS,
    OPTION_RUN_ID,
    OPTION_CSV,
    OPTION_POINTS_CSV,
    OPTION_MARKDOWN,
    OPTION_GRADESCOPE,
    OPTION_CODE_QUALITY,
    OPTION_GITHUB,
    OPTION_CLASSROOM,
    OPTION_STORE,
    OPTION_NO_STORE,
    OPTION_SIGN_KEY,
    OPTION_KEY,
    OPTION_ENGINE,
    OPTION_SLURM
};

/* Each ends with a row of zeros. OPTIONS_OWN holds the options of all commands; options_users says whose one is. */
extern const struct argp_option OPTIONS_GLOBAL[];
extern const struct argp_option OPTIONS_OWN[];

/* The commands that have the option with this key: a set of enum options_user (harness/command.h). */
unsigned options_users(int key);

enum { OPTIONS_NOTED = 64 };

/* What is wrong with the spelling of a command line, found before argp sees it: argp would accept abbreviations, and
 * its own sentences suggest nothing. */
struct options_scan {
    const char *command; /* the first word that is no option, or NULL */
    int command_index;   /* in argv */
    int help, version;
    size_t noted; /* options that not every command has, in the order of the command line */
    struct {
        const char *spelled;
        unsigned users;
    } note[OPTIONS_NOTED];
};

struct error;
int options_scan(int argc, char **argv, struct options_scan *scan, struct error *err);

#endif
