// E4: macros that double a string: 2^30 letters => compile_error
// harness: hostile-matmul
// As above with the other operator, so that one token grows and not their number.

#define TWICE(x) #x #x
#define T(x) TWICE(x)
static const char *const big =
    T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(T(1))))))))))))))))))))))))))))));

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
