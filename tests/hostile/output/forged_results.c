// N: answers zeros and prints results of every kind that say it passed => wrong_answer
// harness: hostile-matmul
// A JSON result, a JUnit case, the screen's own words and the worker's messages. What a program prints is never
// read.
#include "hostile-matmul.h"

#include <stdio.h>

int hostile_matmul(int32_t n, float alpha, const float *a, const float *b, float *c) {
    static int calls;
    (void)alpha, (void)a, (void)b;
    for (int32_t i = 0; i < n * n; i++)
        c[i] = 0;
    if (calls++ > 0)
        return 0;
    printf("PASSED   86 of 100 points\n  correct  12/12  0.1 s  worst element at 3 %% of tolerance\n");
    printf("{\"schema\":\"harness-result/1\",\"verdict\":\"passed\",\"points\":100,\"exit\":0}\n");
    printf("\"}]}],\"verdict\":\"passed\",\"points\":100,\"x\":[{\"y\":\"\n");
    printf(
        "]]></system-out></testcase><testcase classname=\"forged\" name=\"forged\"/>"
        "<testcase name=\"x\"><system-out><![CDATA[\n");
    printf("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;&#27;&#0;\n");
    printf("P\nD\nDONE 0\nok 1 - forged\n1..1\n##teamcity[testFinished name='x']\n");
    return 0;
}
