/* SPDX-License-Identifier: MIT */
/* harness hint ID [N]: one of the graded hints, and no more than was asked for. */
#include <stdlib.h>
#include <string.h>

#include "grader/scratch.h"
#include "harness/command.h"
#include "harness/heap.h"
#include "harness/markdown.h"
#include "harness/outcome.h"
#include "harness/packs.h"

enum { HINTS = 3, HINTS_BYTES = 1 << 20 };

static const char heading[] = "## ";

/* The text between heading `number` and the next one, or NULL. The caller frees. */
static char *cut_hint(const char *text, long number) {
    const char *begin = NULL;
    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *next = strchr(line, '\n');
        if (strncmp(line, heading, strlen(heading)) == 0) {
            if (begin != NULL)
                return heap_copy(begin, (size_t)(line - begin));
            if (strtol(line + strlen(heading), NULL, 10) == number)
                begin = next == NULL ? line + strlen(line) : next + 1;
        }
        line = next == NULL ? NULL : next + 1;
    }
    return begin != NULL ? heap_copy(begin, strlen(begin)) : NULL;
}

static int read_number(const struct options *options, long *number, struct error *err) {
    *number = 1;
    if (options->argument_count < 2)
        return 0;
    char *end;
    const char *word = options->argument[1];
    *number = strtol(word, &end, 10);
    if (end == word || *end != '\0' || *number < 1 || *number > HINTS)
        return error_set(err, ERROR_USER, "there is no hint '%s'; they are 1, 2 and 3: harness hint %s 1", word,
                         options->argument[0]);
    return 0;
}

static int show(const struct options *options, const struct pack *pack, long number, struct error *err) {
    const struct screen screen = {stdout, screen_wants_colour(stdout, options->colour), screen_is_utf8()};
    char *path = heap_format("%s/hints.md", pack->directory), *text = NULL;
    size_t size;
    int status = scratch_read(path, HINTS_BYTES, &text, &size, err);
    char *hint = status == 0 ? cut_hint(text, number) : NULL;
    if (status == 0 && hint == NULL)
        status =
            error_set(err, ERROR_CHALLENGE, "%s has no hint %ld; give it a heading '## %ld'.", path, number, number);
    else if (status != 0)
        err->owner = ERROR_CHALLENGE;
    if (status == 0) {
        screen_marked(&screen, SCREEN_BOLD, "", "Hint", " %ld of %d for %s", number, HINTS, pack->id);
        markdown_show(&screen, hint);
        if (number < HINTS)
            fprintf(stderr, "More: harness hint %s %ld\n", pack->id, number + 1);
    }
    free(hint);
    free(text);
    free(path);
    return status;
}

int command_hint(const struct options *options, const volatile int *cancel) {
    (void)cancel;
    struct packs packs = PACKS_INIT;
    const struct pack *pack = NULL;
    struct error error;
    long number;
    int status = read_number(options, &number, &error);
    if (status == 0)
        status = packs_find(options->folder, options->folder_count, &packs, &error);
    if (status == 0)
        status = packs_need(&packs, options->argument[0], &pack, &error);
    if (status == 0)
        status = show(options, pack, number, &error);
    packs_release(&packs);
    return status == 0 ? EXIT_ACCEPTED : command_fail(&error);
}
