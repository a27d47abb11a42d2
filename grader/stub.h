/* SPDX-License-Identifier: MIT */
/* The C text that is generated from a spec: call stubs and the prototypes of a pack's reference.
 *
 * A stub is compiled against the contract header <id>.h, so a spec that disagrees with the header is a compile error of
 * the challenge. It defines harness_stub_call (grader/worker/protocol.h). */
#ifndef GRADER_STUB_H
#define GRADER_STUB_H

#include <stdbool.h>
#include <stddef.h>

#include "grader/spec.h"

enum { STUB_FUNCTIONS_MAX = 64 };

/* The functions of a reference, in the order of the stub's function_index: reference_X and plain_X for each entry X,
 * then generate_N for each different generator N that a case names, then objective_X for each entry X that declares
 * gradients, then measure_X for each entry X that has measures. Secrets are parameters of all of them, measures of
 * measure_X only. */
struct stub_functions {
    size_t count, first_objective, first_measure;
    char name[STUB_FUNCTIONS_MAX][64];
    size_t entry[STUB_FUNCTIONS_MAX]; /* whose arguments it takes */
};

void stub_reference_functions(const struct spec *spec, struct stub_functions *functions);
size_t stub_reference_index(size_t entry);
size_t stub_plain_index(size_t entry);
/* Index of generate_<name>; the spec is known to hold such a case. */
size_t stub_generate_index(const struct spec *spec, const char *name);

/* Does an output of this entry declare itself a gradient? */
bool stub_has_objective(const struct spec_entry *entry);
/* Index of objective_<entry's name>; the entry is known to have one. Its stub leaves the loss in the first element of
 * the first gradient. */
size_t stub_objective_index(const struct spec *spec, size_t entry);
/* Index of measure_<entry's name>; the entry is known to have measures. */
size_t stub_measure_index(const struct spec *spec, size_t entry);

/* Texts; the caller frees. NULL when out of memory. */
char *stub_candidate_text(const struct spec *spec);
char *stub_reference_text(const struct spec *spec);  /* needs -DREAL_IS_DOUBLE and the prototypes below */
char *stub_prototypes_text(const struct spec *spec); /* force-included before reference.c */

#endif
