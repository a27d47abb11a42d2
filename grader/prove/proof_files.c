/* SPDX-License-Identifier: MIT */
/* Is everything there that a pack is made of, and does it say what it must? Nothing is run yet. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "grader/prove/edit.h"
#include "grader/prove/proof.h"

enum { HINTS = 3, FAMILIES_LEAST = 4, FILE_BYTES = 1 << 20, PATH_BYTES = 1024 };

struct part {
    const char *format; /* of the id */
    const char *what, *remedy;
};

static const struct part parts[] = {
    {"README.md", "the statement is missing", "write what is to be computed, for which shapes, and how it is scored"},
    {"%s.h", "the contract is missing", "write the header with one documented prototype for each entry"},
    {"starter.c", "the starting point is missing", "write a file that compiles and does not pass"},
    {"reference.c", "the reference is missing", "compose reference/*.h, and add the gauges"},
    {"hints.md", "there are no hints", "write three, each telling more than the one before"},
    {"hidden.json", "there are no hidden cases", "add some that no reading of challenge.json can foresee"},
};

/* What a file's name says about the verdict it may promise. */
struct kind {
    const char *prefix;
    bool may_pass, may_fail;
};
static const struct kind kinds[] = {
    {"accepted_", true, false}, {"wrong_", false, true}, {"slow_", false, true},
    {"crash_", false, true},    {"cheat_", false, true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static char *read_part(const struct proof *proof, const char *name) {
    char *path = proof_text("%s/%s", proof->spec->directory, name), *text = NULL;
    size_t size;
    if (scratch_read(path, FILE_BYTES, &text, &size, NULL) != 0)
        text = NULL;
    free(path);
    return text;
}

static void look_for_parts(struct proof *proof, struct prove_step *step) {
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char name[200];
        struct stat status;
        const char *mark = strstr(parts[i].format, "%s");
        snprintf(name, sizeof name, "%s%s", mark != NULL ? proof->spec->id : "",
                 mark != NULL ? mark + 2 : parts[i].format);
        char *path = proof_text("%s/%s", proof->spec->directory, name);
        if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
            proof_find(step, PROVE_FAILED, name, parts[i].what, parts[i].remedy);
        free(path);
    }
}

static void look_at_starter(struct proof *proof, struct prove_step *step) {
    char *path = proof_text("%s/starter.c", proof->spec->directory);
    proof_gates_look(proof->spec, step, "starter.c", path, false);
    free(path);
}

/* `harness hint` shows one at a time, by its number. */
static void count_hints(struct proof *proof, struct prove_step *step) {
    char *text = read_part(proof, "hints.md");
    bool found[HINTS] = {false};
    size_t hints = 0;
    for (const char *line = text; line != NULL && *line != '\0';) {
        if (strncmp(line, "## ", 3) == 0) {
            const long number = strtol(line + 3, NULL, 10);
            hints++;
            if (number >= 1 && number <= HINTS)
                found[number - 1] = true;
        }
        line = strchr(line, '\n');
        line += line != NULL;
    }
    if (text != NULL && (hints != HINTS || !found[0] || !found[1] || !found[2])) {
        char *what = proof_text("it holds %zu hints, of which %d are numbered 1 to 3; all three are shown by number",
                                hints, found[0] + found[1] + found[2]);
        proof_find(step, PROVE_FAILED, "hints.md", what, "give it three headings: ## 1, ## 2, ## 3");
        free(what);
    }
    free(text);
}

static void look_at_schema(struct proof *proof, struct prove_step *step) {
    char *text = read_part(proof, "challenge.json");
    if (text != NULL && strstr(text, "\"$schema\"") == NULL)
        proof_find(step, PROVE_NOTED, "challenge.json", "it names no \"$schema\"",
                   "add \"$schema\": \"../challenge.schema.json\": editors then complete and check as you type");
    free(text);
}

static void judge_solution(const struct spec *spec, struct prove_step *step, const char *folder, const char *name,
                           size_t *found) {
    char *path = proof_text("%s/%s", folder, name), *place = proof_text("solutions/%s", name);
    const enum verdict promise = proof_promise(path);
    struct edit edit = {0};
    struct error why;
    size_t k = 0;
    while (k < KINDS && strncmp(name, kinds[k].prefix, strlen(kinds[k].prefix)) != 0)
        k++;
    if (k == KINDS)
        proof_find(step, PROVE_FAILED, place, "its name does not say what it is",
                   "begin it with accepted_, wrong_, slow_, crash_ or cheat_");
    else if (promise == VERDICT_COUNT)
        proof_find(
            step, PROVE_FAILED, place, "its first line promises no verdict that there is",
            "make it `// expect: VERDICT` with passed, wrong_answer, not_finite, unwritten_output, out_of_bounds, "
            "too_slow, time_limit, memory_limit, crashed, exited, forbidden_call, tampered, compile_error or "
            "rejected_binary");
    else if (edit_is(name) && edit_read(path, &edit, &why) != 0)
        proof_find(step, PROVE_FAILED, place, why.text,
                   "man 5 harness-challenge, SOLUTIONS, shows what an edit looks like");
    else if (promise == VERDICT_PASSED ? !kinds[k].may_pass : !kinds[k].may_fail)
        proof_find(step, PROVE_FAILED, place, "its name says something else than its first line",
                   "rename it, or promise another verdict");
    proof_gates_look(spec, step, place, path, promise == VERDICT_PASSED);
    if (k < KINDS)
        found[k]++;
    edit_release(&edit);
    free(place);
    free(path);
}

static void count_solutions(struct proof *proof, struct prove_step *step, size_t found[KINDS]) {
    char *folder = proof_text("%s/solutions", proof->spec->directory);
    struct dirent **entry = NULL;
    const int count = scandir(folder, &entry, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (edit_is_solution(entry[i]->d_name))
            judge_solution(proof->spec, step, folder, entry[i]->d_name, found);
        free(entry[i]);
    }
    free(entry);
    if (found[0] == 0)
        proof_find(step, PROVE_FAILED, "solutions/", "no accepted_*.c shows that the task can be done",
                   "add one, better two that work in different ways");
    else if (found[0] == 1)
        proof_find(step, PROVE_NOTED, "solutions/", "only one accepted solution: another algorithm might be refused",
                   "add one that works in a different way");
    if (found[1] == 0)
        proof_find(step, PROVE_FAILED, "solutions/", "no wrong_*.c shows that wrong answers are refused",
                   "add one for each mistake that the cases say they catch");
    if (found[2] == 0 && proof->spec->timing_count > 0)
        proof_find(step, PROVE_NOTED, "solutions/", "no slow_*.c shows that the speed limit works", "add one");
    free(folder);
}

static void count_families(struct proof *proof, struct prove_step *step) {
    const struct spec *spec = proof->spec;
    for (size_t t = 0; t < spec->timing_count; t++) {
        if (spec->timing[t].family_count >= FAMILIES_LEAST)
            continue;
        char *place = proof_text("timed case %s", spec->timing[t].name);
        proof_find(step, PROVE_FAILED, place, "fewer than four families of inputs: a shortcut may fit them all",
                   "list at least four in \"families\"");
        free(place);
    }
    if (spec->timing_count == 0)
        proof_find(step, PROVE_NOTED, "challenge.json", "nothing is timed",
                   "say in the statement why speed is no goal");
}

int proof_files(struct proof *proof, struct prove_step *step, struct error *err) {
    struct prove_report *report = proof->report;
    size_t found[KINDS] = {0};
    if (spec_load(report->directory, &proof->spec, err) != 0) {
        if (err->owner == ERROR_HARNESS)
            return -1;
        proof_find(step, PROVE_FAILED, "challenge.json", err->text, "mend the line that is named");
        snprintf(step->summary, sizeof step->summary, "the spec cannot be read");
        return 0;
    }
    const struct spec *spec = proof->spec;
    report->id = proof_text("%s", spec->id);
    report->version = proof_text("%s", spec->version);
    report->case_count = spec->case_count;
    report->hidden_count = spec->hidden_count;
    for (size_t k = 0; k < spec->gate_count; k++)
        report->gate[report->gate_count++] = proof_text("%s", spec->gate[k].name);
    look_for_parts(proof, step);
    look_at_schema(proof, step);
    look_at_starter(proof, step);
    count_hints(proof, step);
    count_families(proof, step);
    count_solutions(proof, step, found);
    snprintf(step->summary, sizeof step->summary,
             "%zu public and %zu hidden cases, %zu timed; %zu accepted, %zu wrong, %zu slow, %zu crash, %zu cheat",
             spec->case_count - spec->hidden_count, spec->hidden_count, spec->timing_count, found[0], found[1],
             found[2], found[3], found[4]);
    return 0;
}
