/* SPDX-License-Identifier: MIT */
/* Asks the real gcc, as test programs of generated texts and of messages need it. */
#ifndef TESTS_GRADER_COMPILER_H
#define TESTS_GRADER_COMPILER_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "grader/scratch.h"

struct compiler {
    struct scratch scratch;
    char *output; /* of the last run; NULL at first */
    size_t output_bytes;
};

static inline void compiler_open(struct compiler *compiler) {
    struct error err = {0};

    *compiler = (struct compiler){0};
    ck_assert_msg(scratch_open(&compiler->scratch, &err) == 0, "%s", err.text);
}

static inline void compiler_close(struct compiler *compiler) {
    free(compiler->output);
    scratch_release(&compiler->scratch);
}

static inline void compiler_put(const struct compiler *compiler, const char *name, const char *text) {
    char path[SCRATCH_PATH + 128];
    struct error err = {0};

    snprintf(path, sizeof path, "%.*s/%s", SCRATCH_PATH - 1, compiler->scratch.path, name);
    ck_assert_msg(scratch_write(path, text, strlen(text), &err) == 0, "%s", err.text);
}

/* Runs `gcc <arguments>` in the folder with stderr kept; returns its exit code. */
static inline int compiler_run(struct compiler *compiler, const char *arguments) {
    char command[2 * SCRATCH_PATH + 1024];

    snprintf(command, sizeof command, "cd %s && LC_ALL=C TMPDIR=. gcc %s 2>&1", compiler->scratch.path, arguments);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    free(compiler->output);
    compiler->output = NULL;
    FILE *text = open_memstream(&compiler->output, &compiler->output_bytes);
    for (int c; (c = fgetc(pipe)) != EOF;)
        fputc(c, text);
    fclose(text);
    const int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#endif
