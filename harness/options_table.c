/* SPDX-License-Identifier: MIT */
/* The rows of all options: the parser, the check of spelling and the help are made from these. */
#include "harness/options_table.h"

#include <stddef.h>

#include "harness/command.h"

const struct argp_option OPTIONS_GLOBAL[] = {
    {.name = "challenges",
     .key = OPTION_CHALLENGES,
     .arg = "DIR",
     .doc = "Find challenges in DIR too, before all others; may be given again. HARNESS_PATH names more folders, with "
            "colons between them",
     .group = 5},
    {.name = "color",
     .key = OPTION_COLOR,
     .arg = "WHEN",
     .doc = "auto, always or never; NO_COLOR and CLICOLOR_FORCE are obeyed",
     .group = 5},
    {.name = "help", .key = 'h', .doc = "Show this help", .group = 6},
    {.name = "version", .key = OPTION_VERSION, .doc = "Show the version", .group = 6},
    {0},
};

const struct argp_option OPTIONS_OWN[] = {
    {.doc = "What to grade:", .group = 1},
    {.name = "challenge",
     .key = OPTION_CHALLENGE,
     .arg = "ID",
     .doc = "The challenge that the files are for",
     .group = 1},
    {.name = "case", .key = OPTION_CASE, .arg = "NAME|N", .doc = "This case only, without timing", .group = 1},
    {.name = "seed",
     .key = OPTION_SEED,
     .arg = "N",
     .doc = "Repeat the inputs of an earlier run (else HARNESS_SEED, else drawn at random)",
     .group = 1},
    {.name = "no-timing", .key = OPTION_NO_TIMING, .doc = "Check the answers only", .group = 1},
    {.name = "threads",
     .key = OPTION_THREADS,
     .arg = "N",
     .doc = "Threads in timed runs (else as the challenge says)",
     .group = 1},
    {.name = "require-sandbox",
     .key = OPTION_REQUIRE_SANDBOX,
     .arg = "A|B|C|D",
     .doc = "Refuse to run with a weaker sandbox. If not given: C, and B where a submission could read hidden cases at "
            "C. D runs almost without one",
     .group = 1},
    {.doc = "What to show:", .group = 2},
    {.name = "quiet", .key = 'q', .doc = "The verdict only", .group = 2},
    {.name = "verbose", .key = 'v', .doc = "All there is to say: every case, every solution", .group = 2},
    {.name = "raw", .key = OPTION_RAW, .doc = "All of the compiler's messages, in its own layout", .group = 2},
    {.name = "json",
     .key = OPTION_JSON,
     .arg = "FILE",
     .doc = "Write the result as JSON; - is the standard output, and words for people then go to stderr",
     .group = 2},
    {.name = "junit",
     .key = OPTION_JUNIT,
     .arg = "FILE",
     .doc = "Write the result as JUnit XML; - as above",
     .group = 2},
    {.name = "update-example",
     .key = OPTION_UPDATE_EXAMPLE,
     .doc = "Write the example in the statement anew instead of judging it",
     .group = 1},
    {.name = "from", .key = OPTION_FROM, .arg = "ID", .doc = "Begin with a copy of this challenge", .group = 1},
    {.name = "sandbox-at-most", .key = OPTION_SANDBOX_AT_MOST, .arg = "LEVEL", .flags = OPTION_HIDDEN},
    {.name = "timing-budget", .key = OPTION_TIMING_BUDGET, .arg = "SECONDS", .flags = OPTION_HIDDEN},
    {0},
};

unsigned options_users(int key) {
    enum { GRADING = OPTIONS_OF_RUN | OPTIONS_OF_CHECK };
    switch (key) {
    case OPTION_NO_TIMING:
    case OPTION_SEED:
    case OPTION_REQUIRE_SANDBOX:
    case 'q':
    case 'v':
    case OPTION_JSON:
    case OPTION_JUNIT:
    case OPTION_SANDBOX_AT_MOST:
    case OPTION_TIMING_BUDGET:
        return GRADING;
    case OPTION_UPDATE_EXAMPLE:
        return OPTIONS_OF_CHECK;
    case OPTION_FROM:
        return OPTIONS_OF_NEW;
    default:
        return OPTIONS_OF_RUN;
    }
}
