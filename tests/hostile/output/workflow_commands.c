// N: prints commands that build servers obey => passed
// harness: hostile-matmul
// GitHub, Azure, GitLab, TeamCity and others act on lines of a job's log: a notice, a masked word, an opened
// group, a variable for the steps that follow.
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
    static const char *const command[] = {"::error file=a.c,line=1::forged",
                                          "  ::notice::forged",
                                          "\t::set-output name=points::100",
                                          "::add-mask::e",
                                          "::stop-commands::x",
                                          "::group::hidden",
                                          "::save-state name=a::b",
                                          "##[error]forged",
                                          "words ##[group]forged",
                                          "##vso[task.setvariable variable=points]100",
                                          "###[section]x",
                                          "##VSO[task.complete result=Succeeded;]",
                                          "##teamcity[testFailed name='x']",
                                          "section_start:1700000000:x[collapsed=true]\r\033[0Kx",
                                          "travis_fold:start:x\r\033[0K",
                                          "+++ group",
                                          "--- group",
                                          "\xc2\xa0::error::after a no-break space",
                                          "\xe3\x80\x80::error::after a wide space",
                                          "\xe2\x80\x83 \x1c::error::after more blanks"};
    for (size_t i = 0; i < sizeof command / sizeof *command; i++)
        printf("%s\n", command[i]);
    return 0;
}
