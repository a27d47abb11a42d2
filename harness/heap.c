/* SPDX-License-Identifier: MIT */
/* See heap.h. */
#include "harness/heap.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/outcome.h"

static void *need(void *pointer) {
    if (pointer == NULL) {
        fputs("harness: there is not enough memory to go on; end other programs and try again.\n", stderr);
        exit(EXIT_OPERATOR);
    }
    return pointer;
}

void *heap_zeroed(size_t count, size_t size) {
    return need(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *heap_resize(void *old, size_t count, size_t size) {
    return need(reallocarray(old, count > 0 ? count : 1, size));
}

char *heap_copy(const char *text, size_t size) {
    char *copy = heap_zeroed(size + 1, 1);
    if (size > 0)
        memcpy(copy, text, size);
    return copy;
}

char *heap_format(const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    return need(text);
}

void heap_text_open(struct heap_text *into) {
    *into = (struct heap_text){0};
    into->stream = need(open_memstream(&into->text, &into->size));
}

char *heap_text_take(struct heap_text *from, size_t *size) {
    if (fclose(from->stream) != 0)
        need(NULL);
    if (size != NULL)
        *size = from->size;
    return need(from->text);
}
