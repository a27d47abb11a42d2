/* SPDX-License-Identifier: MIT */
/* Challenges that are about memory: how much may be written to without asking, and that nobody can be asked.
 *
 * Too many functions of the C library allocate (qsort does) to list those, so what may be called is listed instead,
 * by name: a version or a library in the file is the candidate's word. */
#include <string.h>

#include "grader/sandbox/elfvet_image.h"

/* Thread-local data that is not zero is counted twice, in its segment and here. */
int elfvet_check_static(struct elfvet_image *image) {
    const uint64_t allowed = image->rules->static_bytes;
    uint64_t total = image->tls_bytes;
    for (size_t i = 0; i < image->load_count; i++)
        total += image->load[i].writable ? image->load[i].memory_bytes : 0;
    if (allowed == 0 || total <= allowed)
        return 0;
    return elfvet_refuse(image, "has %llu KiB of static data that it may write to; %llu KiB are allowed",
                         (unsigned long long)(total + 1023) >> 10, (unsigned long long)allowed >> 10);
}

/* Those of printing are for finding mistakes. The buffer that they allocate is the C library's, out of reach. */
static const char *const plain_calls[] = {
    "memcpy",
    "memmove",
    "mempcpy",
    "memset",
    "memcmp",
    "memchr",
    "memrchr",
    "bcmp",
    "strlen",
    "strnlen",
    "strcmp",
    "strncmp",
    "strcpy",
    "strncpy",
    "strchr",
    "free",
    "strrchr",
    "abort",
    "__assert_fail",
    "__stack_chk_fail",
    "__errno_location",
    "__tls_get_addr",
    "printf",
    "vprintf",
    "fprintf",
    "vfprintf",
    "snprintf",
    "vsnprintf",
    "puts",
    "putchar",
    "putc",
    "fputs",
    "fputc",
    "fwrite",
    "fflush",
    "stdout",
    "stderr",
    "time",
    "clock",
    "clock_gettime",
    "fegetround",
    "fesetround",
    "feclearexcept",
    "fetestexcept",
    "feraiseexcept",
};

/* Each also with an f or an l at its end. */
static const char *const mathematics[] = {
    "acos",    "acosh",     "asin",      "asinh",      "atan",  "atan2",     "atanh",  "cbrt",  "ceil",   "copysign",
    "cos",     "cosh",      "erf",       "erfc",       "exp",   "exp10",     "exp2",   "expm1", "fabs",   "fdim",
    "floor",   "fma",       "fmax",      "fmin",       "fmod",  "frexp",     "hypot",  "ilogb", "ldexp",  "lgamma",
    "llrint",  "llround",   "log",       "log10",      "log1p", "log2",      "logb",   "lrint", "lround", "modf",
    "nan",     "nearbyint", "nextafter", "nexttoward", "pow",   "remainder", "remquo", "rint",  "round",  "roundeven",
    "scalbln", "scalbn",    "sin",       "sincos",     "sinh",  "sqrt",      "tan",    "tanh",  "tgamma", "trunc",
};

static bool is_mathematics(const char *name) {
    static const char vectorised[] = "_ZGV"; /* how the vector versions of all of them begin */
    if (strncmp(name, vectorised, strlen(vectorised)) == 0)
        return true;
    for (size_t i = 0; i < sizeof mathematics / sizeof *mathematics; i++) {
        const size_t length = strlen(mathematics[i]);
        const char *end = name + length;
        if (strncmp(name, mathematics[i], length) == 0 &&
            (end[0] == '\0' || ((end[0] == 'f' || end[0] == 'l') && end[1] == '\0')))
            return true;
    }
    return false;
}

/* A compiler with _FORTIFY_SOURCE, which is the default of some distributions, calls __memcpy_chk for memcpy. */
static bool is_plain(const char *name) {
    static const char before[] = "__", behind[] = "_chk";
    const size_t all = strlen(name), around = strlen(before) + strlen(behind);
    const bool checked =
        all > around && strncmp(name, before, strlen(before)) == 0 && strcmp(name + all - strlen(behind), behind) == 0;
    const char *inner = checked ? name + strlen(before) : name;
    const size_t length = checked ? all - around : all;
    for (size_t i = 0; i < sizeof plain_calls / sizeof *plain_calls; i++)
        if (strlen(plain_calls[i]) == length && strncmp(inner, plain_calls[i], length) == 0)
            return true;
    return false;
}

int elfvet_check_call(struct elfvet_image *image, const char *name) {
    const struct elfvet_rules *rules = image->rules;
    if (!rules->no_allocation || name == NULL || name[0] == '\0' || is_mathematics(name) || is_plain(name))
        return 0;
    if (rules->call != NULL) {
        strncpy(rules->call, name, ELFVET_CALL - 1);
        rules->call[ELFVET_CALL - 1] = '\0';
    }
    return elfvet_refuse(image, "calls %.60s, which may allocate memory", name);
}
