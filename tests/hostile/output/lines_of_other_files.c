// N: pretends with #line that its errors are in files of other names => compile_error
// harness: hostile-matmul
// The name may hold controls, commands, markup or a path. No such file is read or shown, and the name is escaped
// like any text.
#include "hostile-matmul.h"

#line 1 "::error file=x::\033[31m\n##[group]x"
_Static_assert(0, "first");
#line 2147483647 "/etc/passwd"
_Static_assert(0, "second");
#line 7 "\"/><testcase name=\"forged\"/>\xff\xe2\x80\xae"
_Static_assert(0, __FILE__);

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    return 0;
}
