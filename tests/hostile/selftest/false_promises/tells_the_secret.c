// T: prints what it must not read => passed
// harness: hostile-matmul
// reports: secret of the canary is in what the grader reports
// At level D it runs as the very user who owns the file.
#include "hostile-matmul.h"

#include <stdio.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    char secret[64] = "";
    FILE *file = fopen("@CANARY@/secret", "r");
    if (file != NULL) {
        if (fgets(secret, sizeof secret, file) != NULL)
            printf("%s\n", secret);
        fclose(file);
    }
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[(int64_t)i * n + k] * b[(int64_t)k * n + j];
            c[(int64_t)i * n + j] = alpha * sum;
        }
    return 0;
}
