/* SPDX-License-Identifier: MIT */
/* Edit distance with swaps of neighbours ("optimal string alignment"), which is what typing errors look like. */
#include "grader/names.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { LENGTH_MAX = 64, PREFIX_MIN = 3 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static int letter(const char *text, size_t i) {
    return tolower((unsigned char)text[i]);
}

size_t names_distance(const char *a, const char *b) {
    size_t rows = strnlen(a, LENGTH_MAX), columns = strnlen(b, LENGTH_MAX);
    size_t line[3][LENGTH_MAX + 1]; /* the rows i-2, i-1 and i of the table, by i modulo 3 */

    for (size_t j = 0; j <= columns; j++) {
        line[0][j] = j;
    }
    for (size_t i = 1; i <= rows; i++) {
        size_t *now = line[i % 3];
        const size_t *above = line[(i + 2) % 3], *two_above = line[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t differs = letter(a, i - 1) != letter(b, j - 1);
            now[j] = least(above[j - 1] + differs, least(above[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && letter(a, i - 1) == letter(b, j - 2) && letter(a, i - 2) == letter(b, j - 1)) {
                now[j] = least(now[j], two_above[j - 2] + 1);
            }
        }
    }
    return line[rows % 3][columns];
}

/* One edit for 2 to 4 letters, so that 'dd' finds 'd'; two for 5 to 7; single letters may differ only by case. */
static size_t tolerated(const char *wrong, const char *name) {
    size_t a = strnlen(wrong, LENGTH_MAX), b = strnlen(name, LENGTH_MAX), longer = a > b ? a : b;
    return (longer + 1) / 3;
}

const char *names_nearest(const char *wrong, const char *const *names, size_t count) {
    const char *nearest = NULL;
    size_t best = SIZE_MAX, length = strlen(wrong);

    for (size_t i = 0; i < count; i++) {
        size_t limit = tolerated(wrong, names[i]), distance = names_distance(wrong, names[i]);
        if (distance > limit && length >= PREFIX_MIN && strncasecmp(wrong, names[i], length) == 0) {
            distance = limit;
        }
        if (distance <= limit && distance < best) {
            nearest = names[i];
            best = distance;
        }
    }
    return nearest;
}
