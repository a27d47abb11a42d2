// N: prints what terminals obey: colours, titles, links, clipboard, bell, backspace, erased lines => passed
// harness: hostile-matmul
// A report that shows it as it is lets a program rewrite the lines above, forge a verdict or fill the clipboard
// of whoever reads it.
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
    printf("\033[2J\033[H\033[1;32mPASSED\033[0m 100 of 100 points\n");
    printf("\033]0;title\007\033]8;;https://example.org\033\\link\033]8;;\033\\ \033]52;c;ZWNobyBoaQ==\007\n");
    printf("\033P+q544e\033\\ \033[6n \033[c \033(0 \016lqqk\017 \0337\0338\033[3J\n");
    printf("WRONG ANSWER\b\b\b\b\b\b\b\b\b\b\b\bPASSED      \rPASSED \v\f\177\n");
    fprintf(stderr, "\033[1A\033[2K\033[?1049h\033[?25l\a\n");
    return 0;
}
