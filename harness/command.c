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
     .options = OPTIONS_OF_RUN,
     .run = command_run},
    {.name = "hint",
     .arguments = "ID [N]",
     .needs = "the id of a challenge",
     .summary = "a hint for a challenge",
     .help = "Shows hint N of a challenge, 1 to 3; the first one if N is not given. Each tells more than the one "
             "before.\n\n  harness hint attention-causal\n  harness hint attention-causal 2\n",
     .least = 1,
     .most = 2,
     .run = command_hint},
    {.name = "new",
     .arguments = "ID [DIR]",
     .needs = "an id for the challenge",
     .summary = "write a complete challenge to begin with",
     .help = "Writes a complete challenge into the folder DIR/ID (./ID, if DIR is not given): the spec, the contract, "
             "the reference, a starting point, solutions, hints and the statement. It passes `harness check` as it is, "
             "and its comments say why each part is as it is. It never overwrites.\n\n"
             "  harness new rms-norm\n"
             "  harness new my-attention --from attention-causal\n",
     .least = 1,
     .most = 2,
     .options = OPTIONS_OF_NEW,
     .run = command_new},
    {.name = "check",
     .arguments = "[ID|DIR...]",
     .summary = "prove that challenges reject wrong answers",
     .help = "Proves a challenge: its files agree, its reference is right and the same every time, every solution gets "
             "the verdict that its first line promises, lazy and wrong outputs are rejected with room to spare, and no "
             "verdict hangs on noise. All challenges that can be found, when none is named.\n\n"
             "  harness check rms-norm\n"
             "  harness check ./my-pack --json check.json\n",
     .most = (size_t)-1,
     .options = OPTIONS_OF_CHECK,
     .run = command_check},
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
