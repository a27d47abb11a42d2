/* SPDX-License-Identifier: MIT */
#include "tests/hostile/matrix.h"

#include <stdio.h>
#include <string.h>

enum { UNDECIDED_QUOTA = 3 }; /* of the measured cells, at most one in so many may be undecided */

static const char *const code[VERDICT_COUNT + 1] = {
    [VERDICT_PASSED] = "pass",         [VERDICT_WRONG_ANSWER] = "wrong",
    [VERDICT_NOT_FINITE] = "nan",      [VERDICT_UNWRITTEN_OUTPUT] = "unwr",
    [VERDICT_OUT_OF_BOUNDS] = "oob",   [VERDICT_TOO_SLOW] = "slow",
    [VERDICT_TIME_LIMIT] = "time",     [VERDICT_MEMORY_LIMIT] = "mem",
    [VERDICT_CRASHED] = "crash",       [VERDICT_EXITED] = "exit",
    [VERDICT_FORBIDDEN_CALL] = "forb", [VERDICT_TAMPERED] = "tamp",
    [VERDICT_COMPILE_ERROR] = "comp",  [VERDICT_REJECTED_BINARY] = "rejb",
    [VERDICT_UNSTABLE] = "unst",       [VERDICT_CHALLENGE_ERROR] = "chal",
    [VERDICT_HARNESS_ERROR] = "harn",  [VERDICT_SKIPPED] = "skip",
    [VERDICT_COUNT] = "none"};

static const char *const state_code[] = {[CELL_WAITING] = "?",
                                         [CELL_ABSENT] = "-",
                                         [CELL_NOT_PROMISED] = "n/a",
                                         [CELL_REFUSED] = "refd",
                                         [CELL_RUNNING] = "?"};

static void print_legend(void) {
    printf("\nr root, u ordinary user; A B C D the level of the sandbox, K inside a container's filter\n");
    for (int verdict = 0; verdict < VERDICT_COUNT; verdict++)
        printf("%s%s %s",
               verdict == 0       ? ""
               : verdict % 6 == 0 ? "\n"
                                  : ", ",
               code[verdict], verdict_code((enum verdict)verdict));
    printf("\nnone no verdict; * its speed was measured too; n/a not promised here; refd refused by default here; "
           "- not offered here\n! NOT AS PROMISED\n\n");
}

static void print_header(const struct hunt *hunt) {
    printf("%-46s %-7s", "", "row");
    for (size_t p = 0; p < PLACES; p++)
        printf(" %-7s", hunt->place[p].column);
    printf("\n");
}

static void print_cell(const struct cell *cell) {
    char text[24];
    if (cell->state == CELL_GRADED)
        snprintf(text, sizeof text, "%s%s%s", code[cell->verdict], cell->measured ? "*" : "",
                 cell->why[0] != '\0' ? "!" : "");
    else
        snprintf(text, sizeof text, "%s", state_code[cell->state]);
    printf(" %-7s", text);
}

static void print_row(const struct hunt *hunt, size_t row, const char *name, const char *label) {
    printf("%-46.46s %-7.7s", name, label);
    for (size_t p = 0; p < PLACES; p++) {
        struct cell cell = *hunt_cell(hunt, p, row);
        /* The demand for more than there is got its refusal. */
        if (row == hunt->program_count && cell.state == CELL_GRADED && cell.why[0] == '\0')
            cell.state = CELL_REFUSED;
        print_cell(&cell);
    }
    printf("\n");
}

static void print_seconds(const struct hunt *hunt) {
    printf("%-46s %-7s", "seconds", "");
    for (size_t p = 0; p < PLACES; p++) {
        int64_t sum_ns = 0;
        for (size_t i = 0; i <= hunt->program_count; i++)
            sum_ns += hunt_cell(hunt, p, i)->wall_ns;
        printf(" %-7.0f", (double)sum_ns / 1e9);
    }
    printf("\n\n");
}

static size_t print_faults(const struct hunt *hunt) {
    size_t bad = 0;
    for (size_t i = 0; i <= hunt->program_count; i++) {
        const bool demand = i == hunt->program_count;
        const char *name = demand ? "demand for a higher level" : hunt->program[i].name;
        if (!demand && hunt->program[i].fault[0] != '\0') {
            printf("BAD %s: %s\n", name, hunt->program[i].fault);
            bad++;
        }
        for (size_t p = 0; p < PLACES; p++)
            if (hunt_cell(hunt, p, i)->why[0] != '\0') {
                printf("BAD %s at %s: %s\n", name, hunt->place[p].name, hunt_cell(hunt, p, i)->why);
                bad++;
            }
    }
    return bad;
}

size_t matrix_print(const struct hunt *hunt) {
    size_t graded = 0, retried = 0, measured = 0, undecided = 0;
    print_legend();
    print_header(hunt);
    for (size_t i = 0; i < hunt->program_count; i++)
        print_row(hunt, i, hunt->program[i].name, hunt->program[i].row);
    print_row(hunt, hunt->program_count, "(demand for a higher level)", "");
    print_seconds(hunt);
    for (size_t i = 0; i < PLACES * (hunt->program_count + 1); i++) {
        graded += hunt->cell[i].state == CELL_GRADED;
        retried += hunt->cell[i].retried;
        measured += hunt->cell[i].measured;
        undecided += hunt->cell[i].undecided;
    }
    size_t bad = print_faults(hunt);
    printf("%zu programs, %zu cells graded in %.0f s, %zu of them again on a busy machine, %zu not as promised\n",
           hunt->program_count, graded, (double)hunt->wall_ns / 1e9, retried, bad);
    printf("%zu of %zu measured cells are undecided: the machine was too noisy\n", undecided, measured);
    /* A test that ran nothing has shown nothing, nor has one that could time hardly anything. */
    return graded == 0 || UNDECIDED_QUOTA * undecided > measured ? bad + 1 : bad;
}

/* What was complained of, or NULL if anything was let pass. */
static const char *complaint(const struct hunt *hunt, size_t program) {
    const char *words = hunt->program[program].reports, *found = NULL;
    if (hunt->program[program].fault[0] != '\0')
        return strstr(hunt->program[program].fault, words) != NULL ? hunt->program[program].fault : NULL;
    for (size_t p = 0; p < PLACES; p++) {
        const struct cell *cell = hunt_cell(hunt, p, program);
        if (cell->state != CELL_GRADED)
            continue;
        if (strstr(cell->why, words) == NULL)
            return NULL;
        found = cell->why;
    }
    return found;
}

size_t matrix_print_reports(const struct hunt *hunt) {
    size_t missed = 0;
    for (size_t i = 0; i < hunt->program_count; i++) {
        const struct program *program = &hunt->program[i];
        const char *found = program->reports[0] != '\0' ? complaint(hunt, i) : NULL;
        if (found != NULL)
            printf("reported      %-36s %s\n", program->name, found);
        else
            printf("NOT REPORTED  %-36s it must be said of it: '%s'\n", program->name, program->reports);
        missed += found == NULL;
    }
    printf("%zu of %zu faults were reported\n", hunt->program_count - missed, hunt->program_count);
    return missed;
}
