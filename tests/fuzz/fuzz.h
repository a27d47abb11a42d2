/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share. A target is one file fuzz_NAME.c with the entry of libFuzzer; it feeds the bytes to one
 * door of the harness and then looks at what came out, so that a wrong answer is found as well as a crash. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Says what is wrong and ends the process, which libFuzzer takes for a crash and keeps the input. */
void fuzz_stop(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4), noreturn));

#define MUST(condition, ...)                                                                                           \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            fuzz_stop(__FILE__, __LINE__, __VA_ARGS__);                                                                \
    } while (0)

/* A decoder of its own, so that the one of the harness is judged and not asked. */
bool fuzz_is_utf8(const char *bytes, size_t size);

/* One line for a person: not empty, UTF-8, no control character, and its end was not cut off. */
void fuzz_must_be_sentence(const char *text);

/* Lines for a terminal: UTF-8 (or ASCII), no control character but the line feed and, if `colour`, our own sequences,
 * no command of a CI system, and, unless `wide`, at most 80 columns (counted in ASCII only). */
void fuzz_must_be_screen(const char *text, bool utf8, bool colour, bool wide);

/* The bytes of an input, taken from the front; what is not there any more is zero. Texts live until fuzz_end. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
    char *text[128];
    size_t text_count;
};

void fuzz_begin(struct fuzz_bytes *bytes, const uint8_t *data, size_t size);
void fuzz_end(struct fuzz_bytes *bytes);
uint64_t fuzz_take(struct fuzz_bytes *bytes, size_t count);
size_t fuzz_below(struct fuzz_bytes *bytes, size_t limit); /* 0 .. limit-1 */
bool fuzz_flag(struct fuzz_bytes *bytes);
int64_t fuzz_whole(struct fuzz_bytes *bytes);                        /* small, or anything up to the ends of the type */
double fuzz_double(struct fuzz_bytes *bytes);                        /* small, special, or any bit pattern */
char *fuzz_text(struct fuzz_bytes *bytes);                           /* NUL-terminated; NULL now and then */
void fuzz_field(struct fuzz_bytes *bytes, char *field, size_t size); /* the same into an array */
char *fuzz_rest(struct fuzz_bytes *bytes, size_t *size);             /* all that is left, with a NUL behind it */

#endif
