// N: prints NULs, bytes that are no UTF-8, overlong forms, halves of surrogate pairs => passed
// harness: hostile-matmul
// A report in JSON or XML that passes them through is neither; and an overlong slash or bracket may become one
// in the reader.
#include "hostile-matmul.h"

#include <stdio.h>

static void multiply(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++) {
        float *row = c + (int64_t)i * n;
        for (int32_t j = 0; j < n; j++)
            row[j] = 0;
        for (int32_t k = 0; k < n; k++) {
            const float factor = alpha * a[(int64_t)i * n + k], *from = b + (int64_t)k * n;
            for (int32_t j = 0; j < n; j++)
                row[j] += factor * from[j];
        }
    }
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static int calls;
    multiply(n, alpha, a, b, c);
    if (calls++ > 0)
        return 0;
    static const char bytes[] =
        "nul \0 ff \xff\xfe fe, alone \x80\xbf\xc3( cut \xe2\x82\n"
        "overlong \xc0\xaf \xe0\x80\xaf \xf0\x80\x80\xaf \xc0\x9b \xc0\x80 \xc1\xbf\n"
        "halves \xed\xa0\x80\xed\xb0\x80 beyond \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80"
        " not a letter \xef\xbf\xbf\xef\xb7\x90\n"
        "zero-width \xef\xbb\xbf\xe2\x80\x8b\xe2\x81\xa0 tags \xf3\xa0\x81\x81 half \xc3";
    fwrite(bytes, 1, sizeof bytes - 1, stdout);
    return 0;
}
