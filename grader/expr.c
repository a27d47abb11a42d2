/* SPDX-License-Identifier: MIT */
/* Recursive descent over the grammar of expr.h, evaluating on the way. The depth is limited because the text comes
 * from a file: "((((..." must be an error and not a stack overflow. */
#include "grader/expr.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/names.h"

struct parser {
    const char *text;
    size_t at;
    const struct expr_names *names;
    bool whole; /* values have to be whole numbers here */
    int depth;
    struct error *err;
};

enum function { FUNCTION_SQRT, FUNCTION_LOG2, FUNCTION_FLOOR, FUNCTION_CEIL, FUNCTION_MIN, FUNCTION_MAX, FUNCTIONS };

struct function_info {
    const char *name;
    size_t least, most;
    bool rounds; /* its operand may have a fraction even where whole numbers are asked for */
};

static const struct function_info function_table[FUNCTIONS] = {
    [FUNCTION_SQRT] = {.name = "sqrt", .least = 1, .most = 1},
    [FUNCTION_LOG2] = {.name = "log2", .least = 1, .most = 1},
    [FUNCTION_FLOOR] = {.name = "floor", .least = 1, .most = 1, .rounds = true},
    [FUNCTION_CEIL] = {.name = "ceil", .least = 1, .most = 1, .rounds = true},
    [FUNCTION_MIN] = {.name = "min", .least = 2, .most = EXPR_OPERANDS_MAX},
    [FUNCTION_MAX] = {.name = "max", .least = 2, .most = EXPR_OPERANDS_MAX},
};

static int parse_sum(struct parser *p, double *value);

__attribute__((format(printf, 3, 4))) static int fail(struct parser *p, size_t at, const char *format, ...) {
    char why[400];
    va_list list;

    va_start(list, format);
    vsnprintf(why, sizeof why, format, list);
    va_end(list);
    return error_set(p->err, ERROR_CHALLENGE, "at character %zu of '%s': %s", at + 1, p->text, why);
}

static char peek(struct parser *p) {
    while (p->text[p->at] == ' ') {
        p->at++;
    }
    return p->text[p->at];
}

static bool take(struct parser *p, char wanted) {
    bool there = peek(p) == wanted;
    p->at += there;
    return there;
}

/* Every value, intermediate or final, passes through here. */
static int settle(struct parser *p, size_t at, double value, double *out) {
    if (!isfinite(value)) {
        return fail(p, at, "overflow: the value is not a finite number; use smaller sizes.");
    }
    if (p->whole && value != floor(value)) {
        return fail(p, at, "%.10g is not a whole number; say how to round with floor() or ceil().", value);
    }
    if (p->whole && fabs(value) > EXPR_WHOLE_MAX) {
        return fail(p, at, "overflow: %.10g is beyond 2^53; use smaller sizes.", value);
    }
    *out = value;
    return 0;
}

static int parse_number(struct parser *p, double *value) {
    size_t start = p->at, at = start;
    const char *text = p->text;
    char digits[EXPR_LENGTH_MAX + 1];

    while (isdigit((unsigned char)text[at])) {
        at++;
    }
    if (text[at] == '.') {
        do {
            at++;
        } while (isdigit((unsigned char)text[at]));
    }
    if (text[at] == 'e' || text[at] == 'E') {
        size_t exponent = at + 1 + (text[at + 1] == '+' || text[at + 1] == '-');
        at = exponent;
        while (isdigit((unsigned char)text[at])) {
            at++;
        }
        if (at == exponent) {
            return fail(p, at, "a digit has to follow the 'e' of a number.");
        }
    }
    if (isalpha((unsigned char)text[at]) || text[at] == '_') {
        return fail(p, at, "an operator has to stand between a number and a name; write 2*n, not 2n.");
    }
    memcpy(digits, text + start, at - start);
    digits[at - start] = '\0';
    p->at = at;
    return settle(p, start, strtod(digits, NULL), value);
}

static double apply(enum function function, const double *operand, size_t count) {
    double value = operand[0];

    switch (function) {
    case FUNCTION_SQRT:
        return sqrt(value);
    case FUNCTION_LOG2:
        return log2(value);
    case FUNCTION_FLOOR:
        return floor(value);
    case FUNCTION_CEIL:
        return ceil(value);
    default:
        for (size_t i = 1; i < count; i++) {
            value = function == FUNCTION_MIN ? fmin(value, operand[i]) : fmax(value, operand[i]);
        }
        return value;
    }
}

/* p->at stands behind the "(". */
static int parse_call(struct parser *p, size_t start, enum function function, double *value) {
    const struct function_info *info = &function_table[function];
    double operand[EXPR_OPERANDS_MAX];
    size_t count = 0;
    bool whole = p->whole;

    p->whole = whole && !info->rounds;
    do {
        if (count == info->most) {
            return fail(p, p->at, "%s() takes at most %zu operand%s.", info->name, info->most,
                        info->most == 1 ? "" : "s");
        }
        if (parse_sum(p, &operand[count++]) != 0) {
            return -1;
        }
    } while (take(p, ','));
    p->whole = whole;
    if (!take(p, ')')) {
        return fail(p, p->at, "a ')' is missing for %s().", info->name);
    }
    if (count < info->least) {
        return fail(p, start, "%s() needs at least %zu operands.", info->name, info->least);
    }
    double result = apply(function, operand, count);
    if (!isfinite(result)) {
        return fail(p, start, "%s(%.10g) is not a finite number; keep the operand in range with max().", info->name,
                    operand[0]);
    }
    return settle(p, start, result, value);
}

static int unknown_name(struct parser *p, size_t start, const char *name, bool called) {
    const char *functions[FUNCTIONS], *near;

    for (size_t i = 0; i < FUNCTIONS; i++) {
        functions[i] = function_table[i].name;
    }
    near = called ? names_nearest(name, functions, FUNCTIONS) : names_nearest(name, p->names->name, p->names->count);
    const char *kind = called ? "function" : "size or scalar";
    if (near != NULL) {
        return fail(p, start, "'%s' is not a %s here; did you mean '%s'?", name, kind, near);
    }
    if (called) {
        return fail(p, start, "'%s' is not a function here; there are sqrt log2 floor ceil min max.", name);
    }
    return fail(p, start, "'%s' is not a size or scalar here; use the name of one that the entry has.", name);
}

static int parse_name(struct parser *p, double *value) {
    size_t start = p->at, length = 0;
    char name[EXPR_LENGTH_MAX + 1];

    while (isalnum((unsigned char)p->text[p->at]) || p->text[p->at] == '_') {
        name[length++] = p->text[p->at++];
    }
    name[length] = '\0';
    if (take(p, '(')) {
        for (size_t i = 0; i < FUNCTIONS; i++) {
            if (strcmp(name, function_table[i].name) == 0) {
                return parse_call(p, start, (enum function)i, value);
            }
        }
        return unknown_name(p, start, name, true);
    }
    for (size_t i = 0; i < p->names->count; i++) {
        if (strcmp(name, p->names->name[i]) == 0) {
            return settle(p, start, p->names->value[i], value);
        }
    }
    return unknown_name(p, start, name, false);
}

static int parse_factor(struct parser *p, double *value) {
    char c = peek(p);
    int rc;

    if (p->depth == EXPR_DEPTH_MAX) {
        return fail(p, p->at, "nested more than %d deep; write it simpler.", EXPR_DEPTH_MAX);
    }
    p->depth++;
    if (take(p, '-')) {
        rc = parse_factor(p, value);
        *value = rc == 0 ? -*value : 0;
    } else if (take(p, '(')) {
        rc = parse_sum(p, value);
        if (rc == 0 && !take(p, ')')) {
            rc = fail(p, p->at, "a ')' is missing.");
        }
    } else if (isdigit((unsigned char)c)) {
        rc = parse_number(p, value);
    } else if (isalpha((unsigned char)c) || c == '_') {
        rc = parse_name(p, value);
    } else {
        rc = fail(p, p->at, "a number, a name or '(' was expected.");
    }
    p->depth--;
    return rc;
}

static int parse_product(struct parser *p, double *value) {
    if (parse_factor(p, value) != 0) {
        return -1;
    }
    for (;;) {
        double right;
        char sign = peek(p);
        size_t at = p->at;
        if (sign != '*' && sign != '/') {
            return 0;
        }
        p->at++;
        if (parse_factor(p, &right) != 0) {
            return -1;
        }
        if (sign == '/' && right == 0) {
            return fail(p, at, "division by zero; guard a size that may be 0, as in 1/max(d,1).");
        }
        if (sign == '/' && p->whole && fmod(*value, right) != 0) {
            return fail(p, at, "%.10g/%.10g is not a whole number; say how to round with floor() or ceil().", *value,
                        right);
        }
        if (settle(p, at, sign == '*' ? *value * right : *value / right, value) != 0) {
            return -1;
        }
    }
}

static int parse_sum(struct parser *p, double *value) {
    if (parse_product(p, value) != 0) {
        return -1;
    }
    for (;;) {
        double right;
        char sign = peek(p);
        size_t at = p->at;
        if (sign != '+' && sign != '-') {
            return 0;
        }
        p->at++;
        if (parse_product(p, &right) != 0 || settle(p, at, sign == '+' ? *value + right : *value - right, value) != 0) {
            return -1;
        }
    }
}

static int evaluate(const char *text, const struct expr_names *names, bool whole, double *value, struct error *err) {
    struct parser p = {.text = text, .names = names, .whole = whole, .err = err};

    if (strnlen(text, EXPR_LENGTH_MAX + 1) > EXPR_LENGTH_MAX) {
        return error_set(err, ERROR_CHALLENGE, "the expression is longer than %d characters; write it shorter.",
                         EXPR_LENGTH_MAX);
    }
    if (parse_sum(&p, value) != 0) {
        return -1;
    }
    if (peek(&p) != '\0') {
        return fail(&p, p.at, "an operator was expected; there are + - * /.");
    }
    return 0;
}

int expr_real(const char *text, const struct expr_names *names, double *value, struct error *err) {
    return evaluate(text, names, false, value, err);
}

int expr_count(const char *text, const struct expr_names *names, int64_t *value, struct error *err) {
    double number = 0;

    if (evaluate(text, names, true, &number, err) != 0) {
        return -1;
    }
    assert(number == floor(number) && fabs(number) <= EXPR_WHOLE_MAX);
    *value = (int64_t)number;
    return 0;
}
