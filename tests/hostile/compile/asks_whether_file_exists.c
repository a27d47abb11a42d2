// E2: __has_include tells whether a path exists => passed
// harness: hostile-matmul
// test: files
// at B C: => compile_error
// One bit for each path that the author guesses. With namespaces (level A) the path is not there. Landlock (B) refuses
// to open it, and gcc takes any answer but "no such file" for a yes: existence shows, contents do not.

#if __has_include("@CANARY@/secret") && !__has_include("@CANARY@/nothing")
#error "the file exists"
#endif

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
