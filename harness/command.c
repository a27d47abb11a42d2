/* SPDX-License-Identifier: MIT */
/* See command.h. */
#include "harness/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/outcome.h"
#include "harness/text_escape.h"

const struct command COMMAND[COMMAND_COUNT] = {
    {.name = "list",
     .arguments = "",
     .summary = "the challenges there are",
     .help = "Shows every challenge that can be found, one a line.\n",
     .run = command_list},
    {.name = "show",
     .arguments = "ID",
     .needs = "the id of a challenge",
     .summary = "the statement of a challenge and its public cases",
     .help = "Shows the statement of a challenge and its public cases.\n\n  harness show attention-causal\n",
     .least = 1,
     .most = 1,
     .run = command_show},
    {.name = "start",
     .arguments = "ID [DIR]",
     .needs = "the id of a challenge",
     .summary = "copy the starting point of a challenge",
     .help = "Copies the starting point of a challenge and its header into DIR (here, if not given). It never "
             "overwrites. The path of the new file is all that goes to the standard output.\n\n"
             "  harness start attention-causal\n",
     .least = 1,
     .most = 2,
     .run = command_start},
    {.name = "run",
     .arguments = "FILE...",
     .needs = "a C file to grade",
     .summary = "grade C files",
     .help = "Compiles each file, runs it on the cases of its challenge, times it against the reference, and says what "
             "came out.\n\n"
             "  harness run attention_causal.c\n"
             "  harness run --case 3 attention_causal.c\n"
             "  harness run --json result.json --junit junit.xml attention_causal.c\n\n"
             "The challenge is the one of --challenge; else of a line `// harness: ID' at the top of the file; else of "
             "the contract that it includes (#include \"ID.h\"); else of its name (ID.c, or with _ for -).\n",
     .least = 1,
     .most = (size_t)-1,
     .grades = true,
     .run = command_run},
    {.name = "doctor",
     .arguments = "",
     .summary = "what this machine offers, and what is missing",
     .help = "Looks at everything that grading needs: sandbox, compiler, reference library, clock, speed. Exit code 0 "
             "when grading is possible, else 4.\n",
     .run = command_doctor},
};

const struct command *command_find(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(COMMAND[i].name, name) == 0)
            return &COMMAND[i];
    return NULL;
}

int command_fail(const struct error *error) {
    char *text = text_escape(error->text, strlen(error->text), screen_is_utf8());
    fprintf(stderr, "harness: %s\n", text);
    free(text);
    return outcome_exit_of_error(error->owner);
}
