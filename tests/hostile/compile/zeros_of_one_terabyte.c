// E4: a terabyte of zeros in .bss => rejected_binary | compile_error
// harness: hostile-matmul
// Costs nothing in the file. What an object takes in memory is limited before it is loaded.

__asm__(".bss\n.globl big\nbig: .skip 1099511627776\n.text");

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
