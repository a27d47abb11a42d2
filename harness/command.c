/* SPDX-License-Identifier: MIT */
/* See command.h. */
#include "harness/command.h"

#include <string.h>

#include "harness/outcome.h"
#include "harness/screen.h"

const struct command COMMAND[COMMAND_COUNT] = {
    {.name = "list",
     .group = COMMAND_OF_CANDIDATES,
     .arguments = "",
     .summary = "the challenges there are",
     .help = "Shows every challenge that can be found, one a line.\n",
     .run = command_list},
    {.name = "show",
     .group = COMMAND_OF_CANDIDATES,
     .arguments = "ID",
     .needs = "the id of a challenge",
     .summary = "the statement of a challenge and its public cases",
     .help = "Shows the statement of a challenge and its public cases.\n\n  harness show attention-causal\n",
     .least = 1,
     .most = 1,
     .run = command_show},
    {.name = "start",
     .group = COMMAND_OF_CANDIDATES,
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
     .group = COMMAND_OF_CANDIDATES,
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
     .group = COMMAND_OF_CANDIDATES,
     .arguments = "ID [N]",
     .needs = "the id of a challenge",
     .summary = "a hint for a challenge",
     .help = "Shows hint N of a challenge, 1 to 3; the first one if N is not given. Each tells more than the one "
             "before.\n\n  harness hint attention-causal\n  harness hint attention-causal 2\n",
     .least = 1,
     .most = 2,
     .run = command_hint},
    {.name = "log",
     .group = COMMAND_OF_CANDIDATES,
     .arguments = "[ID]",
     .summary = "the runs that were kept",
     .help = "Lists what was graded, newest first, of one challenge when its id is given. The number in front is what "
             "`harness show-run' takes. A speed with * was measured on another machine than this one.\n\n"
             "  harness log\n"
             "  harness log attention-causal --json -\n",
     .most = 1,
     .options = OPTIONS_OF_LOG,
     .run = command_log},
    {.name = "show-run",
     .group = COMMAND_OF_CANDIDATES,
     .arguments = "N",
     .needs = "the number of a run",
     .summary = "what a run that was kept has said",
     .help =
         "Shows run N of `harness log' again: the verdict, the cases that failed, the times, the machine, and how it "
         "stands among the earlier runs of the same file.\n\n"
         "  harness show-run 17\n"
         "  harness show-run 17 -v\n",
     .least = 1,
     .most = 1,
     .options = OPTIONS_OF_LOG,
     .run = command_show_run},
    {.name = "new",
     .group = COMMAND_OF_INSTRUCTORS,
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
     .group = COMMAND_OF_INSTRUCTORS,
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
    {.name = "grade",
     .group = COMMAND_OF_GRADING,
     .arguments = "DIR|FILE|ARCHIVE...",
     .needs = "a folder of submissions",
     .summary = "grade the submissions of many people",
     .help =
         "Finds submissions and grades them side by side: a folder with one folder for each person, a folder of flat "
         "files (person__challenge.c), an archive of either, or single files. Each is timed alone.\n\n"
         "  harness grade submissions/\n"
         "  harness grade week2.zip --results out --points-csv points.csv\n"
         "  harness grade submissions/ --shard 3/8 --results out\n\n"
         "With --results it can be stopped at any moment: the same command grades what is missing then.\n",
     .least = 1,
     .most = (size_t)-1,
     .options = OPTIONS_OF_GRADE,
     .run = command_grade},
    {.name = "merge",
     .group = COMMAND_OF_GRADING,
     .arguments = "DIR...",
     .needs = "a folder of results",
     .summary = "put the shards of a run together",
     .help =
         "Puts the results of `harness grade --shard I/N --results DIR' together. It fails unless the folders are of "
         "one run, all N shards are there and every submission has exactly one result; then it writes the reports "
         "and gives the exit code of the whole run.\n\n"
         "  harness merge results-*/ --junit junit.xml --points-csv points.csv\n"
         "  harness merge results-*/ --key key.pub\n",
     .least = 1,
     .most = (size_t)-1,
     .options = OPTIONS_OF_MERGE,
     .run = command_merge},
    {.name = "doctor",
     .group = COMMAND_OF_OPERATORS,
     .arguments = "",
     .summary = "what this machine offers, and what is missing",
     .help = "Looks at everything that grading needs: sandbox, compiler, reference library, clock, speed. Exit code 0 "
             "when grading is possible, else 4.\n",
     .run = command_doctor},
    {.name = "keygen",
     .group = COMMAND_OF_GRADING,
     .arguments = "FILE",
     .needs = "a name for the file of the key",
     .summary = "make a key to sign results with",
     .help = "Writes a secret key to FILE, readable by its owner only, and the public key that belongs to it to "
             "FILE.pub. It never overwrites. `harness run' and `harness grade' sign with --sign-key FILE.\n\n"
             "  harness keygen ~/.config/harness/key\n",
     .least = 1,
     .most = 1,
     .run = command_keygen},
    {.name = "verify-result",
     .group = COMMAND_OF_GRADING,
     .arguments = "FILE...",
     .needs = "a result file",
     .summary = "tell a signed result from a forged one",
     .help = "Says of each result file whether it is byte for byte as its grader signed it. Exit code 0 when all are, "
             "1 when one is unsigned, edited, or signed by another key than that of --key.\n\n"
             "  harness verify-result --key key.pub results/*.json\n",
     .least = 1,
     .most = (size_t)-1,
     .options = OPTIONS_OF_VERIFY,
     .run = command_verify_result},
};

const struct command *command_find(const char *name) {
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(COMMAND[i].name, name) == 0)
            return &COMMAND[i];
    return NULL;
}

int command_fail(const struct error *error) {
    screen_note(error->text);
    return outcome_exit_of_error(error->owner);
}
