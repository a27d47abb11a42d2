/* SPDX-License-Identifier: MIT */
/* Private to grader/spec*.c: what the parts of the reader share while a pack is loaded. */
#ifndef GRADER_SPEC_LOAD_H
#define GRADER_SPEC_LOAD_H

#include "grader/expr.h"
#include "grader/json.h"
#include "grader/spec.h"

enum spec_file { SPEC_PUBLIC, SPEC_HIDDEN, SPEC_FILES };

enum { SPEC_CASES_MAX = 256, SPEC_TIMING_MAX = 32, SPEC_FAMILIES_MAX = 32 };

#define SPEC_TENSOR_BYTES_MAX ((int64_t)1 << 30)

struct spec_loader {
    struct spec *spec;
    struct json_file file[SPEC_FILES];
    bool has_hidden;
    /* Where each argument of the flattened prototypes is declared: its default fill or value and its formulas. */
    struct json_place argument[SPEC_ENTRIES_MAX][SPEC_ARGUMENTS_MAX];
};

/* The sizes and scalars of one case, for the formulas; sizes come first (behind `stage` in the formulas of a stage). */
struct spec_names {
    const char *case_name; /* for messages */
    size_t count;
    const char *name[SPEC_ARGUMENTS_MAX + 1];
    double value[SPEC_ARGUMENTS_MAX + 1];
};

/* spec.c: all the steps below, over the files that the loader holds. Touches no file. */
int spec_read(struct spec_loader *loader, struct error *err);

extern const struct json_form spec_form_id, spec_form_name, spec_form_identifier, spec_form_version;

/* strdup with an error; `text` may be NULL, which gives NULL. */
int spec_copy(const char *text, char **copy, struct error *err);

/* The text of a formula: a string as it is, a number in decimal. */
int spec_copy_formula(const struct json_place *at, char **copy, struct error *err);

/* spec_head.c: everything at the top level but entries, families, cases and timing cases. */
int spec_read_head(struct spec_loader *loader, struct error *err);

/* spec_entry.c */
int spec_read_entries(struct spec_loader *loader, struct error *err);
bool spec_is_tensor(const struct spec_argument *argument);
bool spec_is_filled(const struct spec_argument *argument);   /* input, inout or secret */
bool spec_is_compared(const struct spec_argument *argument); /* output or inout */

/* The argument of entry e with this name, or SPEC_ARGUMENTS_MAX. */
size_t spec_find_argument(const struct spec_entry *entry, const char *name);

/* spec_tolerance.c: the tolerance of one argument; then the order of an entry's arguments, and whether enough of them
 * are judged. `places` are those of the arguments in `list`. */
int spec_read_tolerance(const struct json_place *at, struct spec_argument *argument, struct error *err);
int spec_check_judges(const struct spec_entry *entry, const struct json_place *list, const struct json_place *places,
                      struct error *err);

/* spec_fill.c: spec_check_fill looks at the keys alone, so that a family nobody uses is checked too. */
int spec_check_fill(const struct json_place *at, struct error *err);
int spec_read_fill(const struct json_place *at, enum dtype type, const struct spec_names *names, struct fill *fill,
                   struct error *err);

/* spec_dataset.c: the rest of a fill of the kind `dataset`, for argument a of a case whose shapes are known: the file,
 * which is opened, and the field, which must suit the argument. `file` is where the case stands. */
int spec_read_dataset(const struct spec_loader *loader, enum spec_file file, const struct json_place *at,
                      struct spec_case *c, size_t a, struct error *err);

/* A formula's value. `special` allows the strings "nan", "inf" and "-inf". */
int spec_read_formula(const struct json_place *at, const struct spec_names *names, bool special, double *value,
                      struct error *err);

/* spec_family.c: families are {"name": {"argument": fill, ...}}. */
int spec_check_families(struct spec_loader *loader, struct error *err);

/* The family named by the string at `name`, which stands in `file`: public cases do not see hidden families. */
int spec_find_family(const struct spec_loader *loader, enum spec_file file, const struct json_place *name,
                     struct json_place *family, struct error *err);

/* spec_case.c: `family_name` has no node when there is none. The caller has set c->name. */
int spec_read_case(const struct spec_loader *loader, enum spec_file file, const struct json_place *at,
                   const struct json_place *family_name, struct spec_case *c, struct error *err);
int spec_read_cases(struct spec_loader *loader, struct error *err);
void spec_case_names(const struct spec *spec, const struct spec_case *c, struct spec_names *names);
void spec_case_release(struct spec_case *c);

/* An error when a case or a timing case has this name already. */
int spec_refuse_name(const struct spec *spec, const struct json_place *at, const char *name, struct error *err);

/* spec_values.c: the steps of spec_read_case, in this order. */
int spec_read_sizes(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                    struct error *err);
int spec_read_scalars(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                      struct error *err);
int spec_read_shapes(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                     struct error *err);
int spec_read_reductions(const struct spec_loader *loader, struct spec_case *c, struct error *err);

/* spec_gate.c: the gates themselves, before the cases; the gate of one case; that none is empty, after the cases. */
int spec_read_gates(struct spec_loader *loader, struct error *err);
int spec_read_case_gate(const struct spec *spec, const struct json_place *at, struct spec_case *c, struct error *err);
int spec_check_gates(struct spec_loader *loader, struct error *err);

/* Parts of them, for stages: every key of the object names an argument of that role; a value is fit for the size; the
 * scalar's value from its formula, fit for its type. */
int spec_check_names(const struct spec_entry *entry, const struct json_place *object, enum spec_role role,
                     struct error *err);
int spec_check_size(const struct spec_entry *entry, size_t a, const struct json_place *at, double value,
                    struct error *err);
int spec_read_scalar(const struct spec_argument *argument, const struct json_place *at, const struct spec_names *names,
                     double *value, struct error *err);

/* spec_stage.c: which output each input carries on from the stage before; `at` is where each argument is declared. */
int spec_read_carries(struct spec_entry *entry, const struct json_place *at, struct error *err);

/* The case itself is complete but for its stages; `at` is where it stands. */
int spec_read_stages(const struct spec_loader *loader, const struct json_place *at, struct spec_case *c,
                     struct error *err);

/* spec_timing.c */
int spec_read_timing(struct spec_loader *loader, struct error *err);

/* spec_generate.c: after all cases and timing cases */
int spec_check_generators(struct spec_loader *loader, struct error *err);

#endif
