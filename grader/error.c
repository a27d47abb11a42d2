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

void error_cut(char *text, size_t size) {
    size_t at = size - sizeof "...";

    while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    memcpy(text + at, "...", sizeof "...");
}

/* An argument may point into err->text (an error that wraps an older one), so the text is built beside it. */
static void format_text(struct error *err, enum error_owner owner, const char *format, va_list arguments) {
    struct error fresh = {.owner = owner};

    const int length = vsnprintf(fresh.text, sizeof fresh.text, format, arguments);
    if (length < 0)
        (void)snprintf(fresh.text, sizeof fresh.text, "%s", format);
    else if ((size_t)length >= sizeof fresh.text)
        error_cut(fresh.text, sizeof fresh.text);
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

const char *error_remedy(int code) {
    switch (code) {
    case EMFILE:
        return "; raise the limit on open files (ulimit -n 256)";
    case ENFILE:
        return "; close other programs, the machine has no open files left";
    case EAGAIN:
        return "; raise the limit on processes (ulimit -u)";
    case EFBIG:
        return "; raise the limit on the size of files (ulimit -f)";
    case ENOMEM:
        return "; free some memory, or raise the limit on it (ulimit -v)";
    default:
        return "";
    }
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
        (void)snprintf(err->text + used, sizeof err->text - used, ": %s%s", text, error_remedy(number));
    }
    errno = number;
    return -1;
}
