/* SPDX-License-Identifier: MIT */
/* See crash_place.h. */
#include "grader/crash_place.h"

#include <stdio.h>
#include <string.h>

enum { FUNCTION_SHOWN = 63 };

bool crash_place_read(const char *output, size_t output_size, char *place, size_t size) {
    const char *newline = output_size > 0 ? memchr(output, '\n', output_size) : NULL;
    char line[96];
    if (newline == NULL || newline == output)
        return false;
    size_t function = (size_t)(newline - output), left = output_size - function - 1;
    snprintf(line, sizeof line, "%.*s", (int)(left < sizeof line ? left : sizeof line - 1), newline + 1);
    line[strcspn(line, "\n ")] = '\0'; /* behind a space stands "(discriminator 2)" */
    if (line[0] == '\0' || line[0] == '?' || strstr(line, ":?") != NULL)
        return false;
    snprintf(place, size, "%s in %.*s", line, (int)(function < FUNCTION_SHOWN ? function : FUNCTION_SHOWN), output);
    return true;
}
