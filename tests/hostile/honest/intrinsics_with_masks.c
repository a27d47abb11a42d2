// H: AVX2 with unaligned loads, and masked ones for the tail => passed
// harness: hostile-matmul
// test: timing
// A masked load behind the last element does not touch the page that is not there.
#include "hostile-matmul.h"

#include <immintrin.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j += 8) {
            const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(n - j), lanes);
            __m256 sum = _mm256_setzero_ps();
            for (int32_t k = 0; k < n; k++)
                sum =
                    _mm256_fmadd_ps(_mm256_set1_ps(alpha * a[i * n + k]), _mm256_maskload_ps(b + k * n + j, mask), sum);
            _mm256_maskstore_ps(c + i * n + j, mask, sum);
        }
    return 0;
}
