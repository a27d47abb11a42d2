/* SPDX-License-Identifier: MIT */
/* See format.h. Nothing here depends on the locale: main() leaves LC_NUMERIC at "C". */
#include "harness/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/heap.h"

const char *format_not_finite(double value) {
    if (isnan(value))
        return "nan";
    if (isinf(value))
        return value > 0 ? "inf" : "-inf";
    return NULL;
}

/* Three digits that matter, and never an exponent for what people count in. */
static int digits_after_point(double value) {
    return value < 9.995 ? 2 : value < 999.5 ? 1 : 0;
}

char *format_duration(char text[FORMAT_SIZE], double ns) {
    static const struct {
        double below, unit;
        const char *name;
    } UNIT[] = {{999.5, 1, "ns"}, {999.5e3, 1e3, "us"}, {999.5e6, 1e6, "ms"}, {INFINITY, 1e9, "s"}};
    if (!(ns >= 0) || isinf(ns)) {
        snprintf(text, FORMAT_SIZE, "-");
        return text;
    }
    size_t i = 0;
    while (!(ns < UNIT[i].below))
        i++;
    snprintf(text, FORMAT_SIZE, "%.*f %s", digits_after_point(ns / UNIT[i].unit), ns / UNIT[i].unit, UNIT[i].name);
    return text;
}

char *format_seconds(char text[FORMAT_SIZE], int64_t ns) {
    snprintf(text, FORMAT_SIZE, "%.1f s", ns > 0 ? (double)ns / 1e9 : 0.0);
    return text;
}

char *format_share(char text[FORMAT_SIZE], double share) {
    if (format_not_finite(share) != NULL)
        snprintf(text, FORMAT_SIZE, "%s", format_not_finite(share));
    else if (share > 0 && share < 0.0005)
        snprintf(text, FORMAT_SIZE, "<0.1 %%");
    else if (share > 0 && share < 0.0995)
        snprintf(text, FORMAT_SIZE, "%.1f %%", 100 * share);
    else if (share < 1e6)
        snprintf(text, FORMAT_SIZE, "%.0f %%", 100 * share);
    else
        snprintf(text, FORMAT_SIZE, "%.1e %%", 100 * share);
    return text;
}

char *format_ratio(char text[FORMAT_SIZE], double ratio) {
    if (format_not_finite(ratio) != NULL)
        snprintf(text, FORMAT_SIZE, "%s", format_not_finite(ratio));
    else if (ratio >= 1e6)
        snprintf(text, FORMAT_SIZE, "%.1ex", ratio);
    else
        snprintf(text, FORMAT_SIZE, "%.*fx", ratio < 0.095 ? 3 : ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0, ratio);
    return text;
}

char *format_value(char text[FORMAT_SIZE], double value) {
    if (format_not_finite(value) != NULL)
        snprintf(text, FORMAT_SIZE, "%s", format_not_finite(value));
    else
        snprintf(text, FORMAT_SIZE, "%.6g", value);
    return text;
}

char *format_bytes(char text[FORMAT_SIZE], double bytes) {
    static const char *const UNIT[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t i = 0;
    while (bytes >= 1024 && i + 1 < sizeof UNIT / sizeof UNIT[0]) {
        bytes /= 1024;
        i++;
    }
    snprintf(text, FORMAT_SIZE, "%.4g %s", bytes, UNIT[i]);
    return text;
}

char *format_element(const char *name, size_t rank, const struct compare_element *element) {
    struct heap_text into;
    heap_text_open(&into);
    fputs(name != NULL ? name : "?", into.stream);
    for (size_t i = 0; i < rank && i < SPEC_RANK_MAX; i++)
        fprintf(into.stream, "[%" PRId64 "]", element->index[i]);
    return heap_text_take(&into, NULL);
}

char *format_exact(char text[FORMAT_SIZE], double value) {
    for (int digits = 6; digits <= 17; digits++) {
        snprintf(text, FORMAT_SIZE, "%.*g", digits, value);
        if (!(strtod(text, NULL) != value))
            break;
    }
    return text;
}
