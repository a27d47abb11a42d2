// E5: redefines keywords and names of headers => passed
// harness: hostile-matmul
// The contract has been read before.

#define static
#define const volatile
#undef const
#define inline static
#define HOSTILE_MATMUL_H
#define float float
#define return ; return
#define if(condition) while (condition)

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
