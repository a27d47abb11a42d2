// B2: sends the worker's own messages and never writes the output => unwritten_output
// harness: hostile-matmul
// H, P and D are all that the grader understands. D is a claim: the outputs are looked at, and they hold their
// poison.
#include <unistd.h>

#include "hostile-matmul.h"

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static const char *const messages[] = {"D", "P", "H", "D", "{\"verdict\": \"passed\"}", ""};
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    for (int i = 0; i < 6; i++)
        (void)!write(7, messages[i], (size_t)i % 2);
    return 0;
}
