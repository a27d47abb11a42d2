/* SPDX-License-Identifier: MIT */
/* What `harness`, `harness --help` and `harness COMMAND --help` print. */
#include <argp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "harness/command.h"
#include "harness/heap.h"
#include "harness/options_table.h"

static const char EXIT_CODES[] = "Exit codes:\n"
                                 "  0    everything was accepted\n"
                                 "  1    graded and not accepted: the candidate's turn\n"
                                 "  2    wrong command line, no such file or challenge: the user's turn\n"
                                 "  3    the challenge is broken: its author's turn\n"
                                 "  4    the harness or the machine failed, or was too noisy: try again\n"
                                 "  5    there was nothing to grade\n"
                                 "  130  interrupted (143: terminated); what was finished was reported\n";

static char *command_rows(void) {
    struct heap_text into;
    heap_text_open(&into);
    for (int group = 0; group < COMMAND_GROUPS; group++)
        for (size_t i = 0; i < COMMAND_COUNT; i++)
            if ((int)COMMAND[i].group == group)
                fprintf(into.stream, "  %-13s %-13s %s\n", COMMAND[i].name, COMMAND[i].arguments, COMMAND[i].summary);
    return heap_text_take(&into, NULL);
}

void options_overview(FILE *out) {
    static const char *const WHOSE[COMMAND_GROUPS] = {[COMMAND_OF_CANDIDATES] = "candidates",
                                                      [COMMAND_OF_INSTRUCTORS] = "instructors",
                                                      [COMMAND_OF_GRADING] = "many at once",
                                                      [COMMAND_OF_OPERATORS] = "operators"};
    fputs("harness grades solutions to machine learning engineering challenges in C.\n\n", out);
    for (int group = 0; group < COMMAND_GROUPS; group++) {
        fprintf(out, "  %-14s", WHOSE[group]);
        for (size_t i = 0; i < COMMAND_COUNT; i++)
            if ((int)COMMAND[i].group == group)
                fprintf(out, " %s", COMMAND[i].name);
        fputc('\n', out);
    }
    fputs("\n  harness start attention-causal     copy a starting point\n"
          "  harness run attention_causal.c     grade what you made of it\n"
          "More: harness --help, harness COMMAND --help\n",
          out);
}

/* The rows of the options that the command has, with their headings. The caller frees. */
static struct argp_option *rows_of(const struct command *command) {
    size_t count = 0;
    while (OPTIONS_OWN[count].name != NULL || OPTIONS_OWN[count].doc != NULL)
        count++;
    struct argp_option *rows = heap_zeroed(count + 1, sizeof *rows);
    size_t n = 0;
    for (size_t i = 0; i < count && command != NULL && command->options != 0; i++) {
        const bool heading = OPTIONS_OWN[i].name == NULL;
        if (!heading && (options_users(OPTIONS_OWN[i].key) & command->options) == 0)
            continue;
        if (heading && n > 0 && rows[n - 1].name == NULL) /* nothing came under the one before */
            n--;
        rows[n++] = OPTIONS_OWN[i];
    }
    if (n > 0 && rows[n - 1].name == NULL)
        rows[n - 1] = (struct argp_option){0};
    return rows;
}

void options_help(const struct command *command, FILE *out) {
    struct argp_option *own = rows_of(command);
    const struct argp_child children[] = {{.argp = &(const struct argp){.options = OPTIONS_GLOBAL}}, {0}};
    char *rows = command_rows(), *text, *name;
    if (command == NULL) {
        text = heap_format("Grades solutions to machine learning engineering challenges in C.\n\n"
                           "  harness start attention-causal\n  harness run attention_causal.c\n\n"
                           "Commands (harness COMMAND --help says more):\n%s\v%s",
                           rows, EXIT_CODES);
        name = heap_format("harness");
    } else {
        text = heap_format("%s\v%s", command->help, EXIT_CODES);
        name = heap_format("harness %s", command->name);
    }
    const struct argp argp = {.options = own[0].doc != NULL || own[0].name != NULL ? own : NULL,
                              .args_doc = command != NULL ? command->arguments : "COMMAND [ARGUMENT...]",
                              .doc = text,
                              .children = children};
    argp_help(&argp, out, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC, name);
    free(name);
    free(text);
    free(rows);
    free(own);
}
