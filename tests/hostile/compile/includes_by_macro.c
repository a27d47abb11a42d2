// E2: builds the name of the included file from macros => compile_error
// harness: hostile-matmul
// test: files
// The same as the plain path in the end: what counts is what the compiler can open.

#define TEXT(x) #x
#define NAME(x) TEXT(x)
#define FOLDER @CANARY@
#define JOIN(a, b) a/b
#include NAME(JOIN(FOLDER, secret))

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
