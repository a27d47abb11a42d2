/* SPDX-License-Identifier: MIT */
/* harness start ID [DIR]: the starting point and the contract of a challenge, copied next to each other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/scratch.h"
#include "harness/command.h"
#include "harness/heap.h"
#include "harness/outcome.h"
#include "harness/packs.h"
#include "harness/text_escape.h"

enum { STARTER_BYTES = 1 << 20 };

struct copy {
    char *from, *to;
    bool made;
};

static int refuse_existing(const struct copy *copy, struct error *err) {
    struct stat status;
    if (lstat(copy->to, &status) != 0)
        return 0;
    return error_set(err, ERROR_USER,
                     "'%s' is there already, and nothing was changed; move it away or name another "
                     "folder: harness start ID DIR",
                     copy->to);
}

/* The header may be there from an earlier start, when it is the same. */
static bool same_content(const struct copy *copy) {
    char *a = NULL, *b = NULL;
    size_t a_size, b_size;
    bool same = scratch_read(copy->from, STARTER_BYTES, &a, &a_size, NULL) == 0 &&
                scratch_read(copy->to, STARTER_BYTES, &b, &b_size, NULL) == 0 && a_size == b_size &&
                memcmp(a, b, a_size) == 0;
    free(a);
    free(b);
    return same;
}

/* Lines `// fails:` at the head of a starter are between its author and `harness check`. */
static size_t without_promises(char *text, size_t size) {
    static const char comment[] = "//", promise[] = "// fails:";
    char *line = text;
    while (strncmp(line, comment, strlen(comment)) == 0) {
        char *next = line + strcspn(line, "\n");
        next += *next == '\n';
        if (strncmp(line, promise, strlen(promise)) == 0) {
            memmove(line, next, size - (size_t)(next - text) + 1);
            size -= (size_t)(next - line);
        } else {
            line = next;
        }
    }
    return size;
}

static int make_copy(struct copy *copy, struct error *err) {
    char *text = NULL;
    size_t size;
    if (scratch_read(copy->from, STARTER_BYTES, &text, &size, err) != 0) {
        err->owner = ERROR_CHALLENGE;
        return -1;
    }
    size = without_promises(text, size);
    FILE *out = fopen(copy->to, "wx"); /* never over a file that appeared in the meantime */
    copy->made = out != NULL;
    bool good = out != NULL && fwrite(text, 1, size, out) == size;
    if (out != NULL && fclose(out) != 0)
        good = false;
    int code = errno;
    free(text);
    if (good)
        return 0;
    bool full = code == ENOSPC || code == EDQUOT || code == EIO;
    return error_set(err, full ? ERROR_HARNESS : ERROR_USER,
                     "cannot write '%s': %s; name a folder that you can write "
                     "to.",
                     copy->to, strerror(code));
}

static int make_folder(const char *folder, struct error *err) {
    if (mkdir(folder, 0777) == 0 || errno == EEXIST)
        return 0;
    return error_set(err, ERROR_USER, "cannot make the folder '%s': %s; name one inside a folder that exists.", folder,
                     strerror(errno));
}

static int start(const struct pack *pack, const char *folder, struct copy copy[2], struct error *err) {
    char *stem = heap_format("%s", pack->id);
    for (char *at = stem; *at != '\0'; at++)
        if (*at == '-')
            *at = '_';
    const char *slash = folder[0] != '\0' && folder[strlen(folder) - 1] == '/' ? "" : "/";
    bool here = strcmp(folder, ".") == 0;
    copy[0] = (struct copy){heap_format("%s/starter.c", pack->directory),
                            heap_format("%s%s%s.c", here ? "" : folder, here ? "" : slash, stem), false};
    copy[1] = (struct copy){heap_format("%s/%s.h", pack->directory, pack->id),
                            heap_format("%s%s%s.h", here ? "" : folder, here ? "" : slash, pack->id), false};
    free(stem);
    bool header_there = same_content(&copy[1]);
    if (refuse_existing(&copy[0], err) != 0 || (!header_there && refuse_existing(&copy[1], err) != 0))
        return -1;
    if (make_folder(folder, err) != 0)
        return -1;
    if (make_copy(&copy[0], err) == 0 && (header_there || make_copy(&copy[1], err) == 0))
        return 0;
    for (size_t i = 0; i < 2; i++)
        if (copy[i].made)
            unlink(copy[i].to);
    return -1;
}

int command_start(const struct options *options, const volatile int *cancel) {
    (void)cancel;
    struct packs packs = PACKS_INIT;
    const struct pack *pack = NULL;
    struct copy copy[2] = {{0}};
    struct error error;
    const char *folder = options->argument_count > 1 ? options->argument[1] : ".";
    int result = packs_find(options->folder, options->folder_count, &packs, &error);
    if (result == 0)
        result = packs_need(&packs, options->argument[0], &pack, &error);
    if (result == 0)
        result = start(pack, folder, copy, &error);
    if (result == 0) {
        char *word = text_shell(copy[0].to);
        fprintf(stderr, "Copied %s of challenge %s. Read the task: harness show %s\nThen grade it: harness run %s\n",
                "starter and header", pack->id, pack->id, word);
        printf("%s\n", copy[0].to);
        free(word);
    }
    for (size_t i = 0; i < 2; i++) {
        free(copy[i].from);
        free(copy[i].to);
    }
    packs_release(&packs);
    return result == 0 ? EXIT_ACCEPTED : command_fail(&error);
}
