/* SPDX-License-Identifier: MIT */
/* Formats the one sentence of an error; see error.h for what belongs into it. */
#include "grader/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static void format_text(struct error *err, enum error_owner owner, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* An argument may point into err->text (an error that wraps an older one), so the text is built beside it. */
static void format_text(struct error *err, enum error_owner owner, const char *format, va_list arguments) {
    struct error fresh = {.owner = owner};

    if (vsnprintf(fresh.text, sizeof fresh.text, format, arguments) < 0)
        (void)snprintf(fresh.text, sizeof fresh.text, "%s", format);
    *err = fresh;
}

int error_set(struct error *err, enum error_owner owner, const char *format, ...) {
    if (err) {
        va_list arguments;

        va_start(arguments, format);
        format_text(err, owner, format, arguments);
        va_end(arguments);
    }
    return -1;
}

int error_errno(struct error *err, const char *format, ...) {
    const int number = errno;

    if (err) {
        va_list arguments;
        char reason[128];
        size_t used;

        va_start(arguments, format);
        format_text(err, ERROR_HARNESS, format, arguments);
        va_end(arguments);
        /* The GNU strerror_r may return a constant text and leave the buffer alone. */
        const char *text = strerror_r(number, reason, sizeof reason);
        used = strlen(err->text);
        (void)snprintf(err->text + used, sizeof err->text - used, ": %s", text);
    }
    errno = number;
    return -1;
}
