/* SPDX-License-Identifier: MIT */
/* What is demanded of an output or a measure, and what an entry must have so that its answers are judged at all. */
#include <string.h>

#include "grader/spec_load.h"

#define KEY_RULE                                                                                                       \
    { .name = "rule", .type = JSON_TEXT, .required = true }
#define KEY_REDUCTION                                                                                                  \
    { .name = "reduction", .type = JSON_FORMULA, .required = true }

#define FARTHEST 1e300 /* of the numbers that a tolerance may name */

static const struct json_key gauge_keys[] = {KEY_RULE, KEY_REDUCTION};
static const struct json_key frobenius_keys[] = {
    KEY_RULE, KEY_REDUCTION, {.name = "cap", .type = JSON_NUMBER, .required = true, .low = 1e-9, .high = 1}};
static const struct json_key plain_keys[] = {KEY_RULE};
static const struct json_key ulp_keys[] = {
    KEY_RULE, {.name = "limit", .type = JSON_NUMBER, .required = true, .low = 0, .high = 1 << 20}};
static const struct json_key curve_keys[] = {
    KEY_RULE,
    {.name = "floor", .type = JSON_NUMBER, .required = true, .low = 0, .high = FARTHEST},
    {.name = "cap", .type = JSON_NUMBER, .required = true, .low = 0, .high = FARTHEST}};
static const struct json_key at_least_keys[] = {
    KEY_RULE, {.name = "limit", .type = JSON_NUMBER, .required = true, .low = -FARTHEST, .high = FARTHEST}};

#define TABLE(title, keys)                                                                                             \
    { .what = title, .key = keys, .count = sizeof keys / sizeof *keys }

/* Where a rule may stand: an integer has no rounding, and a measure is a float64 of the harness's own. */
struct rule_info {
    const char *word;
    bool of_integers, of_measures, of_outputs;
    const char *number; /* the key of spec_tolerance.limit, or NULL */
    struct json_table table;
};

static const struct rule_info rules[SPEC_RULES] = {
    [SPEC_RULE_GAUGE] = {.word = "gauge", .of_outputs = true, .table = TABLE("a gauge tolerance", gauge_keys)},
    [SPEC_RULE_FROBENIUS] = {.word = "frobenius",
                             .of_outputs = true,
                             .number = "cap",
                             .table = TABLE("a frobenius tolerance", frobenius_keys)},
    [SPEC_RULE_EXACT] = {.word = "exact",
                         .of_integers = true,
                         .of_measures = true,
                         .of_outputs = true,
                         .table = TABLE("an exact tolerance", plain_keys)},
    [SPEC_RULE_ULP] = {.word = "ulp",
                       .of_outputs = true,
                       .number = "limit",
                       .table = TABLE("an ulp tolerance", ulp_keys)},
    [SPEC_RULE_JUDGED] = {.word = "judged",
                          .of_integers = true,
                          .of_outputs = true,
                          .table = TABLE("a judged tolerance", plain_keys)},
    [SPEC_RULE_CURVE] = {.word = "curve",
                         .of_measures = true,
                         .of_outputs = true,
                         .number = "cap",
                         .table = TABLE("a curve tolerance", curve_keys)},
    [SPEC_RULE_AT_LEAST] = {.word = "at_least",
                            .of_measures = true,
                            .number = "limit",
                            .table = TABLE("an at_least tolerance", at_least_keys)},
};

static int check_rule(const struct json_place *word, const struct spec_argument *argument, const struct rule_info *rule,
                      struct error *err) {
    const struct dtype_info *type = dtype_info(argument->type);

    if (argument->role == SPEC_MEASURE && !rule->of_measures) {
        return json_error(word, err,
                          "is '%s', but '%s' is a measure, which the harness computes itself; use 'curve', 'at_least' "
                          "or 'exact'.",
                          rule->word, argument->name);
    }
    if (argument->role != SPEC_MEASURE && !rule->of_outputs) {
        return json_error(word, err, "is '%s', which is for measures only; give '%s' another rule, such as 'judged'.",
                          rule->word, argument->name);
    }
    if (!type->floating && !rule->of_integers) {
        return json_error(word, err, "is '%s', but '%s' is %s, which has no rounding; use 'exact'.", rule->word,
                          argument->name, type->name);
    }
    return 0;
}

int spec_read_tolerance(const struct json_place *at, struct spec_argument *argument, struct error *err) {
    struct json_place where = json_member(at, "tolerance");
    struct json_place word = json_member(&where, "rule"), reduction = json_member(&where, "reduction");
    struct json_place cap = json_member(&where, "cap");
    struct spec_tolerance *tolerance = &argument->tolerance;
    const char *words[SPEC_RULES];
    size_t rule;

    for (size_t i = 0; i < SPEC_RULES; i++) {
        words[i] = rules[i].word;
    }
    if (json_choice(&where, "rule", words, SPEC_RULES, &rule, err) != 0 ||
        json_check(&where, &rules[rule].table, err) != 0 || check_rule(&word, argument, &rules[rule], err) != 0) {
        return -1;
    }
    tolerance->rule = (enum spec_rule)rule;
    tolerance->limit = rules[rule].number != NULL ? json_number(&where, rules[rule].number, 0) : 0;
    tolerance->floor = json_number(&where, "floor", 0);
    if (tolerance->rule == SPEC_RULE_CURVE && !(16 * tolerance->limit >= tolerance->floor)) {
        return json_error(&cap, err,
                          "is %.3g: even 16 times that is below the 'floor' of %.3g, so no case could be "
                          "valid that needs more than the floor; raise it.",
                          tolerance->limit, tolerance->floor);
    }
    return reduction.node == NULL ? 0 : spec_copy_formula(&reduction, &tolerance->reduction, err);
}

bool spec_is_shown(const struct spec_argument *argument) {
    return argument->role != SPEC_SECRET && argument->role != SPEC_MEASURE;
}

bool spec_has_measures(const struct spec_entry *entry) {
    for (size_t a = 0; a < entry->argument_count; a++) {
        if (entry->argument[a].role == SPEC_MEASURE) {
            return true;
        }
    }
    return false;
}

int spec_check_judges(const struct spec_entry *entry, const struct json_place *list, const struct json_place *places,
                      struct error *err) {
    bool compared = false, behind = false;

    for (size_t a = 0; a < entry->argument_count; a++) {
        const struct spec_argument *argument = &entry->argument[a];
        if (behind && spec_is_shown(argument)) {
            return json_error(&places[a], err,
                              "is '%s', behind a secret or a measure; those stand behind all that the function takes, "
                              "so move it up.",
                              argument->name);
        }
        behind = behind || !spec_is_shown(argument);
        compared = compared || spec_is_compared(argument);
        if (spec_is_compared(argument) && argument->tolerance.rule == SPEC_RULE_JUDGED && !spec_has_measures(entry)) {
            return json_error(&places[a], err,
                              "is judged, but '%s' has no measure that would judge it; add an argument with the role "
                              "'measure', or give '%s' another rule.",
                              entry->name, argument->name);
        }
    }
    return compared ? 0 : json_error(list, err, "have no output or inout, so nothing could be checked; add one.");
}
