/* SPDX-License-Identifier: MIT */
/* [spec]: a pack's challenge.json (and hidden.json, if there) read strictly into plain structs.
 *
 * Everything that can be known without running anything is resolved here: expressions of sizes are evaluated, a case's
 * fills are merged (argument default <- family <- case), so the later rooms never see JSON or an expression.
 *
 * Errors are ERROR_CHALLENGE and name the file and the JSON pointer: an unknown key suggests the nearest one; duplicate
 * keys, trailing bytes, wrong types, unknown sizes in an expression, and shapes that overflow are refused. */
#ifndef GRADER_SPEC_H
#define GRADER_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grader/dtype.h"
#include "grader/error.h"
#include "grader/fill.h"

enum { SPEC_RANK_MAX = 6, SPEC_ARGUMENTS_MAX = 24, SPEC_ENTRIES_MAX = 8, SPEC_LIBRARIES_MAX = 4 };

enum spec_role { SPEC_INPUT, SPEC_OUTPUT, SPEC_INOUT, SPEC_SIZE, SPEC_SCALAR };

enum spec_rule { SPEC_RULE_GAUGE, SPEC_RULE_FROBENIUS, SPEC_RULE_EXACT, SPEC_RULE_ULP };

struct spec_tolerance {
    enum spec_rule rule;
    char *reduction; /* expression of sizes: total sequential reduction length n_red (gauge, frobenius) */
    double limit;    /* rule ulp: ULPs; rule frobenius: the cap; else unused */
};

/* In the order of the C prototype; the fields of a parameter struct stand where the struct stands. */
struct spec_argument {
    char *name;
    enum dtype type;
    enum spec_role role;
    char *group;      /* "attention_params" when this is a field of `const struct attention_params *`, else NULL */
    char *group_name; /* the prototype's name for that pointer: "p" */
    size_t rank;      /* tensors: 1 .. SPEC_RANK_MAX */
    char *shape[SPEC_RANK_MAX];
    bool nullable;                   /* may be passed as NULL (inputs only) */
    bool gradient;                   /* outputs: the derivative of the pack's objective_<entry> */
    char *insensitive;               /* inputs, scalars: why the answer need not depend on it, or NULL */
    int64_t minimum, maximum;        /* sizes */
    struct spec_tolerance tolerance; /* outputs */
};

struct spec_entry {
    char *name; /* the C function; it returns int, 0 for success */
    size_t argument_count;
    struct spec_argument argument[SPEC_ARGUMENTS_MAX];
};

struct spec_case {
    char *name;    /* unique in the pack, [a-z0-9_.-]+ */
    char *catches; /* which bug it is there to catch */
    bool hidden;
    size_t entry;                         /* index into spec.entry */
    double value[SPEC_ARGUMENTS_MAX];     /* sizes and scalars, by argument */
    struct fill fill[SPEC_ARGUMENTS_MAX]; /* inputs and inouts, by argument */
    bool null[SPEC_ARGUMENTS_MAX];
    int64_t shape[SPEC_ARGUMENTS_MAX][SPEC_RANK_MAX]; /* evaluated */
    double reduction[SPEC_ARGUMENTS_MAX];             /* outputs: n_red, evaluated */
    char *generate;       /* suffix of the function in reference.c that rewrites inputs, or NULL */
    bool strict_denormal; /* flush-to-zero is an error here, not a warning */
    char *no_power;       /* why lazy outputs may come near the tolerance here (grader/prove/prove.h), or NULL */
};

struct spec_timing {
    char *name;
    size_t family_count; /* the contents rotate through these, all of the same sizes */
    struct spec_case *family;
    double flops, bytes; /* of one call */
    bool cold;           /* inputs are evicted from the caches before each GO */
};

struct spec_limits {
    uint64_t memory_bytes; /* beyond the arguments */
    uint64_t stack_bytes;
    uint64_t binary_bytes;
    int64_t call_ms; /* wall time of one call */
};

struct spec {
    char *directory; /* absolute */
    char *id, *version, *title, *summary, *track, *difficulty, *bound;
    int64_t minutes;
    size_t entry_count;
    struct spec_entry entry[SPEC_ENTRIES_MAX];
    size_t case_count; /* public ones first, then hidden */
    size_t hidden_count;
    struct spec_case *cases;
    size_t timing_count;
    struct spec_timing *timing;
    unsigned threads; /* a solution may use this many in timed runs */
    double ratio_zero, ratio_full;
    double points_correct, points_speed;
    bool partial;         /* each case gives its share of points_correct */
    size_t library_count; /* the candidate may link: "m", "gomp", "openblas" */
    char *library[SPEC_LIBRARIES_MAX];
    struct spec_limits limits;
};

/* Reads `directory`/challenge.json and hidden.json. On success *spec owns everything until spec_free. */
int spec_load(const char *directory, struct spec **spec, struct error *err);
void spec_free(struct spec *spec);

/* Elements of argument `a` in this case (1 for sizes and scalars). */
int64_t spec_case_count(const struct spec *spec, const struct spec_case *c, size_t a);

/* "b=1 h=2 t=33 d=16" of a case: the sizes in the order of the prototype. Truncates to `size`. */
void spec_case_sizes(const struct spec *spec, const struct spec_case *c, char *text, size_t size);

/* The prototype of entry e as C text, wrapped at 72 columns (reports indent it). The caller frees. */
char *spec_prototype(const struct spec *spec, size_t e);

#endif
