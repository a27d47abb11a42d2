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

enum { SPEC_RANK_MAX = 6, SPEC_ARGUMENTS_MAX = 40, SPEC_ENTRIES_MAX = 12, SPEC_LIBRARIES_MAX = 4, SPEC_GATES_MAX = 16 };
enum { SPEC_STAGES_MAX = 512, SPEC_CONTENTS_MAX = 2, SPEC_DATASETS_MAX = 8 };

/* A secret is an input that only the reference's side is given; a measure is what measure_<entry> of the pack computes
 * from what was handed in. Both stand behind all other arguments, and the candidate's function has neither. */
enum spec_role { SPEC_INPUT, SPEC_OUTPUT, SPEC_INOUT, SPEC_SIZE, SPEC_SCALAR, SPEC_SECRET, SPEC_MEASURE };

/* What the function leaves behind, and the caller looks at. */
static inline bool spec_role_is_output(enum spec_role role) {
    return role == SPEC_OUTPUT || role == SPEC_INOUT;
}
/* What has contents before the call. */
static inline bool spec_role_is_filled(enum spec_role role) {
    return role == SPEC_INPUT || role == SPEC_INOUT || role == SPEC_SECRET;
}

enum spec_rule {
    SPEC_RULE_GAUGE,
    SPEC_RULE_FROBENIUS,
    SPEC_RULE_EXACT,
    SPEC_RULE_ULP,
    SPEC_RULE_JUDGED,   /* finite and written; the measures say whether it is right */
    SPEC_RULE_CURVE,    /* absolute: sixteen times what float32 costs on this content, at least `floor` */
    SPEC_RULE_AT_LEAST, /* measures only */
    SPEC_RULES
};

struct spec_tolerance {
    enum spec_rule rule;
    char *reduction; /* expression of sizes: total sequential reduction length n_red (gauge, frobenius) */
    double limit;    /* rule ulp: ULPs; frobenius and curve: the cap; at_least: the least value; else unused */
    double floor;    /* rule curve: what is forgiven however exact float32 is */
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
    bool nullable;     /* may be passed as NULL (inputs only) */
    bool gradient;     /* outputs: the derivative of the pack's objective_<entry> */
    bool infinite;     /* outputs: an element's right value may be infinite */
    bool curve;        /* outputs and measures of rank 1: reports draw it over its index */
    char *insensitive; /* inputs, scalars: why the answer need not depend on it, or NULL */
    size_t carry;      /* inputs: in later stages the contents are this output's (its index); else SPEC_ARGUMENTS_MAX */
    int64_t minimum, maximum;        /* sizes */
    struct spec_tolerance tolerance; /* outputs, inouts and measures */
};

struct spec_entry {
    char *name; /* the C function; it returns int, 0 for success */
    size_t argument_count;
    struct spec_argument argument[SPEC_ARGUMENTS_MAX];
};

/* A part of the challenge that earns points of its own. */
struct spec_gate {
    char *name, *title;
};

struct spec_case {
    char *name;    /* unique in the pack, [a-z0-9_.-]+ */
    char *catches; /* which bug it is there to catch */
    bool hidden;
    size_t entry;                         /* index into spec.entry */
    size_t gate;                          /* index into spec.gate; 0 if the challenge has none */
    double value[SPEC_ARGUMENTS_MAX];     /* sizes and scalars, by argument */
    struct fill fill[SPEC_ARGUMENTS_MAX]; /* inputs, inouts and secrets, by argument */
    bool null[SPEC_ARGUMENTS_MAX];
    int64_t shape[SPEC_ARGUMENTS_MAX][SPEC_RANK_MAX]; /* evaluated */
    double reduction[SPEC_ARGUMENTS_MAX];             /* outputs: n_red, evaluated */
    char *generate;       /* suffix of the function in reference.c that rewrites inputs, or NULL */
    bool strict_denormal; /* flush-to-zero is an error here, not a warning */
    char *no_power;       /* why lazy outputs may come near the tolerance here (grader/prove/prove.h), or NULL */
    unsigned contents;    /* how many different values of the inputs it is called with: 1 or SPEC_CONTENTS_MAX */
    /* An episode: the entry is called once per stage, in order. Each stage is a case of its own, which shares the name
     * and has no fills: its inputs are leading parts of this case's. */
    size_t stage_count; /* 0: one call */
    struct spec_case *stage;
    bool fresh; /* of a stage: it runs in a new process */
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
    uint64_t static_bytes; /* writable data and thread-local storage; 0: no limit but that of the binary in memory */
    bool no_allocation;    /* only static memory and the stack */
    int64_t call_ms;       /* wall time of one call */
};

struct spec {
    char *directory; /* absolute */
    char *id, *version, *title, *summary, *track, *difficulty, *bound;
    int64_t minutes;
    size_t entry_count;
    struct spec_entry entry[SPEC_ENTRIES_MAX];
    size_t gate_count; /* 0, or every case is of one of them */
    struct spec_gate gate[SPEC_GATES_MAX];
    size_t case_count; /* public ones first, then hidden */
    size_t hidden_count;
    struct spec_case *cases;
    size_t timing_count;
    struct spec_timing *timing;
    size_t dataset_count; /* the data files that fills name, open */
    struct dataset *dataset[SPEC_DATASETS_MAX];
    unsigned threads; /* a solution may use this many in timed runs */
    double ratio_zero, ratio_full;
    double points_correct, points_speed;
    bool partial;         /* each gate, or without gates each case, gives its share of points_correct */
    bool strict_build;    /* warnings are errors, undefined behaviour ends the candidate's process */
    size_t library_count; /* the candidate may link: "m", "gomp", "openblas" */
    char *library[SPEC_LIBRARIES_MAX];
    struct spec_limits limits;
};

/* Reads `directory`/challenge.json and hidden.json. On success *spec owns everything until spec_free. */
int spec_load(const char *directory, struct spec **spec, struct error *err);
void spec_free(struct spec *spec);

/* Does the candidate's function take it? All but secrets and measures. */
bool spec_is_shown(const struct spec_argument *argument);
bool spec_has_measures(const struct spec_entry *entry);

/* Elements of argument `a` in this case (1 for sizes and scalars). */
int64_t spec_case_count(const struct spec *spec, const struct spec_case *c, size_t a);

/* Calls of one visit to the case: its stages, or 1. */
size_t spec_case_calls(const struct spec_case *c);

/* "b=1 h=2 t=33 d=16" of a case: the sizes in the order of the prototype, and " stages=60" behind them if it has
 * stages. Truncates to `size`. */
void spec_case_sizes(const struct spec *spec, const struct spec_case *c, char *text, size_t size);

/* The prototype of entry e as C text, wrapped at 72 columns (reports indent it). The caller frees. */
char *spec_prototype(const struct spec *spec, size_t e);

#endif
