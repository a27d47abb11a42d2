// N: has error messages that hold terminal controls and commands of build servers => compile_error
// harness: hostile-matmul
// The text of an assertion, an attribute or a message is the author's own, escape sequences included, and the
// compiler repeats it.
#include "hostile-matmul.h"

_Static_assert(0, "\033[2J\033[1;32mPASSED\033[0m \033]52;c;aGk=\a \r::error::forged \b\b\b");
_Static_assert(0, "::set-output name=points::100 ##[error]x ##vso[task.complete result=Failed;]x");
_Static_assert(0, "\xc2\x9b"
                  "31m \xe2\x80\xae"
                  "DESSAP \x9b"
                  "31m \xff\xed\xa0\x80");
_Static_assert(0, "]]></failure></testcase><testcase name=\"forged\"/><testcase><failure message=\"&#27;");
__attribute__((error("\n::error::in a line of its own\n##[group]x\n"))) void forbidden(void);

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    (void)n, (void)alpha, (void)a, (void)b, (void)c;
    forbidden();
    return 0;
}
