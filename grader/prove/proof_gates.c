/* SPDX-License-Identifier: MIT */
/* The gates that a file promises to fail: `// fails: GATE ...` among the // lines at its head. Several such lines add
 * up. A promise of a verdict is kept by any case that refuses the file; this one is kept only if the file is refused
 * for the mistake that it is there to show, and if the other gates do not mind that mistake. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grader/prove/proof.h"

enum { LINE_BYTES = 1024, LIST_BYTES = 1024 };

static const char key[] = "// fails:", blanks[] = " \t\r\n";

struct fails {
    bool said;
    unsigned gates;   /* bit k: gate k */
    char unknown[64]; /* the first word that is no gate, empty if there is none */
};

static size_t find_gate(const struct spec *spec, const char *word) {
    size_t k = 0;
    while (k < spec->gate_count && strcmp(spec->gate[k].name, word) != 0)
        k++;
    return k;
}

static void take_words(const struct spec *spec, char *words, struct fails *fails) {
    char *rest = NULL;
    for (char *word = strtok_r(words, blanks, &rest); word != NULL; word = strtok_r(NULL, blanks, &rest)) {
        const size_t k = find_gate(spec, word);
        if (k < spec->gate_count)
            fails->gates |= 1U << k;
        else if (fails->unknown[0] == '\0')
            snprintf(fails->unknown, sizeof fails->unknown, "%.63s", word);
    }
}

/* A file that cannot be read promises nothing here; whoever grades it says so. */
static struct fails read_fails(const struct spec *spec, const char *path) {
    struct fails fails = {.said = false};
    char line[LINE_BYTES];
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL && strncmp(line, "//", 2) == 0) {
        if (strncmp(line, key, strlen(key)) != 0)
            continue;
        fails.said = true;
        take_words(spec, line + strlen(key), &fails);
    }
    if (file != NULL)
        fclose(file);
    return fails;
}

/* "mask softmax", in the order of the spec. */
static char *list(const struct spec *spec, unsigned gates, char text[LIST_BYTES]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t k = 0; k < spec->gate_count && used < LIST_BYTES; k++)
        if ((gates >> k & 1U) != 0)
            used += (size_t)snprintf(text + used, LIST_BYTES - used, "%s%s", used > 0 ? " " : "", spec->gate[k].name);
    return text;
}

void proof_gates_read(const struct spec *spec, const char *path, struct prove_solution *row) {
    const struct fails fails = read_fails(spec, path);
    const bool sound = fails.gates != 0 && fails.unknown[0] == '\0';
    row->promises_gates = sound && row->expected != VERDICT_PASSED;
    row->promised_gates = row->promises_gates ? fails.gates : 0;
}

void proof_gates_look(const struct spec *spec, struct prove_step *step, const char *place, const char *path,
                      bool accepted) {
    const struct fails fails = read_fails(spec, path);
    char names[LIST_BYTES], *what = NULL, *remedy = NULL;
    if (!fails.said)
        return;
    if (spec->gate_count == 0) {
        what = proof_text("it promises to fail gates, and the pack has none");
        remedy = proof_text("leave out its line `%s`, or declare \"gates\"", key);
    } else if (accepted) {
        what = proof_text("it is to be accepted and promises to fail gates");
        remedy = proof_text("leave out its line `%s`: what is accepted passes them all", key);
    } else if (fails.unknown[0] != '\0') {
        what = proof_text("it promises to fail %s, which is no gate of the pack", fails.unknown);
        remedy = proof_text("name some of: %s", list(spec, ~0U, names));
    } else if (fails.gates == 0) {
        what = proof_text("its line `%s` names no gate", key);
        remedy = proof_text("leave it out, or name some of: %s", list(spec, ~0U, names));
    }
    if (what != NULL)
        proof_find(step, PROVE_FAILED, place, what, remedy);
    free(what);
    free(remedy);
}

unsigned proof_gates_failed(const struct grade *grade) {
    unsigned failed = 0;
    for (size_t k = 0; k < grade->gate_count; k++)
        failed |= grade_gate_passed(&grade->gate[k]) ? 0 : 1U << k;
    return failed;
}

void proof_gates_judge(const struct spec *spec, struct prove_step *step, const char *place,
                       const struct prove_solution *row) {
    const unsigned promised = row->promised_gates, found = row->failed_gates;
    char names[LIST_BYTES], *what, *remedy;
    if (!row->promises_gates || row->got == VERDICT_COUNT || promised == found)
        return;
    const unsigned missed = promised & ~found;
    char *said = proof_text("%s", list(spec, promised, names));
    char *line = found != 0 ? proof_text("make the line `%s %s`", key, list(spec, found, names))
                            : proof_text("leave the line `%s` out", key);
    what = proof_text("it promises to fail %s and fails %s", said, found != 0 ? list(spec, found, names) : "none");
    if (missed != 0)
        remedy = proof_text("add cases to %s in which this mistake shows, or %s", list(spec, missed, names), line);
    else
        remedy = proof_text("choose cases for %s that do not mind this mistake, or %s",
                            list(spec, found & ~promised, names), line);
    proof_find(step, PROVE_FAILED, place, what, remedy);
    free(what);
    free(remedy);
    free(said);
    free(line);
}
