// E4: thousands of messages by _Pragma => passed
// harness: hostile-matmul
// Messages are no errors. They fill the log, which is cut at one megabyte, not the memory of the grader.

#define M _Pragma("message \"x\"")
#define R0 M
#define R1 R0 R0
#define R2 R1 R1
#define R3 R2 R2
#define R4 R3 R3
#define R5 R4 R4
#define R6 R5 R5
#define R7 R6 R6
#define R8 R7 R7
#define R9 R8 R8
#define R10 R9 R9
#define R11 R10 R10
#define R12 R11 R11
#define R13 R12 R12
#define R14 R13 R13
R14

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
