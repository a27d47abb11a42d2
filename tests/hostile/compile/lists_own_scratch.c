// E2: includes the other files of the grading from the folder above => compile_error
// harness: hostile-matmul
// test: files
// The scratch folder also holds the binaries of the reference. The compiler's rights end at its own folder; at level
// C, where nothing keeps it from the files, these are binaries that do not parse.

#include "../oracle.so"

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
