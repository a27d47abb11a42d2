/* SPDX-License-Identifier: MIT */
/* What gcc, the linker and addr2line print about a candidate's file, which decides on much of it: the file's text, a
 * line "%%", then the output. Whatever it is, it becomes a list within its limits, and every report of it is whole. */
#include <string.h>

#include "grader/crash_place.h"
#include "grader/diagnostics.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/report_sound.h"
#include "tests/harness/fixture.h"

enum { DIAGNOSTICS_MAX = 64, SOURCE_LINE_MAX = 400 };

static void diagnostic_must_be_sound(const struct diagnostic *d, const char *source) {
    MUST(d->kind != NULL && d->message != NULL, "a message without words");
    MUST(d->line >= 0 && d->column >= 0 && d->caret >= 0 && d->caret_end >= 0, "a negative place");
    if (d->source == NULL)
        return;
    MUST(d->line >= 1 && strlen(d->source) <= SOURCE_LINE_MAX && strpbrk(d->source, "\r\n") == NULL, "a source line");
    MUST(strstr(source, d->source) != NULL, "a source line that is not in the file");
}

static void place_must_be_sound(const char *output, size_t size) {
    char place[48];
    memset(place, 'x', sizeof place);
    if (!crash_place_read(output, size, place, sizeof place)) {
        MUST(place[0] == 'x', "a place that is none was written");
        return;
    }
    MUST(memchr(place, 0, sizeof place) != NULL && strchr(place, '\n') == NULL, "a place of more than a line");
    const char *second = memchr(output, '\n', size);
    MUST(second != NULL && strncmp(place, second + 1, strcspn(place, " ")) == 0, "the place %s is not the second line",
         place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct fixture f;
    struct fuzz_bytes bytes;
    size_t rest;
    fuzz_begin(&bytes, data, size);
    char *source = fuzz_rest(&bytes, &rest), *split = memmem(source, rest, "\n%%\n", 4);
    const char *output = split != NULL ? split + 4 : source;
    size_t output_size = rest - (size_t)(output - source);
    if (split != NULL)
        *split = '\0';
    fixture_base(&f);
    fixture_fail_build(&f, VERDICT_COMPILE_ERROR);
    struct diagnostics *all = &f.grade.build.diagnostics;
    diagnostics_read(output, output_size, "submission.c", "work/mine.c", split != NULL ? source : "", all);
    MUST(all->count <= DIAGNOSTICS_MAX, "%zu messages were kept", all->count);
    MUST(all->error_count + all->warning_count <= output_size, "more messages than bytes");
    for (size_t i = 0; i < all->count; i++)
        diagnostic_must_be_sound(&all->item[i], source);
    place_must_be_sound(output, output_size);
    f.grade.build.raw = (char *)output;
    report_must_be_sound(&f.item, 1, (unsigned)size);
    diagnostics_release(all);
    fuzz_end(&bytes);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    report_sound_init();
    return 0;
}
