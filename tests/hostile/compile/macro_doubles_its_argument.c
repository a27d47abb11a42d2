// E4: macros that double their argument: 2^30 tokens => compile_error
// harness: hostile-matmul
// The argument is written out before it is doubled, thirty times. The address space of the compiler ends at 1 GiB.

#define TWICE(x) x x
static const int big =
    TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(
    TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(TWICE(1 +)))))))))))))))
    ))))))))))))))) 0;

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)big;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
