/* SPDX-License-Identifier: MIT */
/* Heap memory for the command line. A command that cannot get a few kilobytes has nothing better to do than to say so
 * and stop, so these never return NULL: they print one sentence and exit with the code of a failed machine. */
#ifndef HARNESS_HEAP_H
#define HARNESS_HEAP_H

#include <stddef.h>
#include <stdio.h>

void *heap_zeroed(size_t count, size_t size);
void *heap_resize(void *old, size_t count, size_t size);
char *heap_copy(const char *text, size_t size); /* `size` bytes and a terminating NUL */
char *heap_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A stream that collects into memory: write to it, then take the text. */
struct heap_text {
    FILE *stream;
    char *text;
    size_t size;
};

void heap_text_open(struct heap_text *into);
char *heap_text_take(struct heap_text *from, size_t *size); /* closes; the caller frees; `size` may be NULL */

#endif
