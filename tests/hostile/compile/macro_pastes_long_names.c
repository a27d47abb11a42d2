// E4: pasted names that double: an identifier of a million letters => rejected_binary | compile_error
// harness: hostile-matmul
// The binary becomes too large, or gcc runs out of stack: both are the fault of the file.

#define PASTE(a, b) a##b
#define JOIN(a, b) PASTE(a, b)
#define N0 abcdefgh
#define N1 JOIN(N0, N0)
#define N2 JOIN(N1, N1)
#define N3 JOIN(N2, N2)
#define N4 JOIN(N3, N3)
#define N5 JOIN(N4, N4)
#define N6 JOIN(N5, N5)
#define N7 JOIN(N6, N6)
#define N8 JOIN(N7, N7)
#define N9 JOIN(N8, N8)
#define N10 JOIN(N9, N9)
#define N11 JOIN(N10, N10)
#define N12 JOIN(N11, N11)
#define N13 JOIN(N12, N12)
#define N14 JOIN(N13, N13)
#define N15 JOIN(N14, N14)
#define N16 JOIN(N15, N15)
#define N17 JOIN(N16, N16)
int N17;

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
