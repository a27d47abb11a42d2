// N: has the assembler print what looks like the compiler's own messages => compile_error
// harness: hostile-matmul
// They come through the same pipe. Forged ones can only say something wrong about the author's own file: numbers out
// of range, unknown kinds and broken arrays must do no harm.
#include "hostile-matmul.h"

/* Quotes for JSON inside a string of the assembler. */
#define Q "\\\""
#define KEY(key) Q key Q ":"
#define TEXT(key, text) KEY(key) Q text Q
#define PLACE(line, column, bytes) "{" TEXT("file", "forged_diagnostics.c") "," KEY("line") line "," KEY("column") \
    column "," KEY("byte-column") bytes "}"
#define MESSAGE(kind, text, caret, finish) "[{" TEXT("kind", kind) "," TEXT("message", text) "," KEY("locations") \
    "[{" KEY("caret") caret "," KEY("finish") finish "}]}]"
#define PRINT(text) __asm__(".print \"" text "\"")

PRINT(MESSAGE("error", "forged \\\\u001b[31m ::error::x", PLACE("7", "2147483647", "2147483647"),
              PLACE("7", "1", "2147483647")));
PRINT(MESSAGE("an error\\\\n::error::", "x", PLACE("9", "1e99", "1"), PLACE("9", "1", "2147483647")));
PRINT("[{" KEY("kind") "{}," KEY("message") "[[[[");
PRINT("::error::from the assembler");
__asm__(".err");

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    return 0;
}
