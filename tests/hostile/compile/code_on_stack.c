// E5: a nested function, whose address needs code on the stack => crashed
// harness: hostile-matmul
// The stack is not executable.

static int apply(int (*function)(int), int value) {
    return function(value);
}

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    int add(int value) {
        return value + (int)alpha + n;
    }
    if (((int (*volatile)(int (*)(int), int))apply)(add, 1) < 0)
        return 1;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++) {
            float sum = 0;
            for (int32_t k = 0; k < n; k++)
                sum += a[i * n + k] * b[k * n + j];
            c[i * n + j] = alpha * sum;
        }
    return 0;
}
