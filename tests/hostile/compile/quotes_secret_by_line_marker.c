// E5: line markers make the compiler quote another file => compile_error
// harness: hostile-matmul
// gcc looks up the lines that its messages are about. Messages about other files than the candidate's are shown
// without their source line.

# 1 "@CANARY@/secret"
int broken = undeclared_name;
#line 1 "/etc/shadow"
int broken_too = undeclared_name_too;

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
