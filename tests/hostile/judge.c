/* SPDX-License-Identifier: MIT */
#include "tests/hostile/judge.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { UNSTABLE_TRIES = 3, GAIN_TRIES = 3 };

/* How much faster than the honest loops counts as a gain: what two measurements of the same thing may differ by. */
static const double gain = 1.2;

static const double budget_s = 2, second_budget_s = 8;

void judge_complain(struct cell *cell, const char *format, ...) {
    const size_t used = strlen(cell->why);
    int length = used > 0 ? snprintf(cell->why + used, sizeof cell->why - used, "; ") : 0;
    va_list arguments;
    if (used + (size_t)length >= sizeof cell->why)
        return;
    va_start(arguments, format);
    vsnprintf(cell->why + used + length, sizeof cell->why - used - (size_t)length, format, arguments);
    va_end(arguments);
}

/* Level D has to be asked for by name; the default demands C. */
static enum sandbox_level demanded(const struct place *place) {
    return place->support.level == SANDBOX_D ? SANDBOX_D : SANDBOX_C;
}

/* `unstable` is the machine's verdict and not the program's; where many want the processor, so may be a deadline that
 * nobody expected. */
static bool blames_machine(const struct place *place, const struct program *program, const struct attempt *attempt) {
    return attempt->end == ATTEMPT_VERDICT && !program_promises(program, (int)place->support.level, attempt->verdict) &&
           (attempt->verdict == VERDICT_UNSTABLE || attempt->verdict == VERDICT_TIME_LIMIT);
}

static void grade(struct shard *shard, const struct place *place, const struct program *program, const char *path,
                  double timing_s, struct attempt *attempt, struct cell *cell) {
    for (int i = 0; i < UNSTABLE_TRIES; i++) {
        shard_attempt(shard, place, program, path, demanded(place), timing_s, attempt, cell);
        if (!blames_machine(place, program, attempt))
            return;
        cell->retried = true;
        if (attempt->verdict == VERDICT_UNSTABLE)
            timing_s = second_budget_s;
        else
            i++;
    }
}

/* What is decided by the clock can show only where there is one. */
static bool as_promised(const struct place *place, const struct program *program, const struct attempt *attempt,
                        bool measured) {
    if (attempt->end != ATTEMPT_VERDICT)
        return false;
    return program_promises(program, (int)place->support.level, attempt->verdict) ||
           (program->timing && !measured && attempt->verdict == VERDICT_PASSED);
}

/* No solution earns anything by a verdict of the machine's, so it cannot break a promise about speed. */
static bool is_undecided(const struct program *program, const struct attempt *attempt, const struct cell *cell) {
    return cell->measured && program->timing && attempt->end == ATTEMPT_VERDICT && attempt->verdict == VERDICT_UNSTABLE;
}

static void compare(const struct place *place, const struct program *program, const struct attempt *attempt,
                    struct cell *cell) {
    char promise[200];
    program_promise_text(program, (int)place->support.level, promise, sizeof promise);
    cell->undecided =
        is_undecided(program, attempt, cell) && !program_promises(program, (int)place->support.level, VERDICT_UNSTABLE);
    if (attempt->end == ATTEMPT_VERDICT && !cell->undecided && !as_promised(place, program, attempt, cell->measured))
        judge_complain(cell, "promised %s, got %s%s%s", promise, verdict_code(attempt->verdict),
                       attempt->detail[0] != '\0' ? ": " : "", attempt->detail);
    else if (attempt->end == ATTEMPT_ERROR)
        judge_complain(cell, "promised %s, got an error: %s", promise, attempt->detail);
    else if (attempt->end != ATTEMPT_VERDICT)
        judge_complain(cell, "promised %s, but %s", promise, attempt->detail);
    if (attempt->gained)
        judge_complain(cell, "it says %s", attempt->said);
    if (attempt->leaked)
        judge_complain(cell, "the secret of the canary is in what the grader reports");
}

static struct shard_honest *honest_at(struct shard *shard, const struct place *place, const struct spec *spec) {
    size_t i = 0;
    while (i < shard->honest_count && (shard->honest_ratio[i].place != place || shard->honest_ratio[i].spec != spec))
        i++;
    assert(i < SHARD_PACKS_MAX);
    if (i == shard->honest_count)
        shard->honest_ratio[shard->honest_count++] = (struct shard_honest){.place = place, .spec = spec};
    return &shard->honest_ratio[i];
}

static void measure_honest(struct shard *shard, const struct place *place, const struct program *program,
                           double timing_s, struct shard_honest *known, struct cell *cell) {
    struct cell control = {0};
    grade(shard, place, program, program->honest, timing_s, shard->honest, &control);
    cell->wall_ns += control.wall_ns;
    if (shard->honest->end == ATTEMPT_VERDICT && shard->honest->verdict == VERDICT_PASSED)
        known->ratio = shard->honest->ratio;
}

/* A time is held against that of the honest loops at the same place. If it seems to be a gain, both are measured again
 * right after each other, and the best of some tries counts: what is left then is not noise. */
static void compare_speed(struct shard *shard, const struct place *place, const struct program *program,
                          struct cell *cell) {
    struct attempt *attempt = shard->attempt;
    struct shard_honest *known = honest_at(shard, place, program->spec);
    double ratio = attempt->ratio;
    if (!(known->ratio > 0))
        measure_honest(shard, place, program, budget_s, known, cell);
    for (int i = 0; i < GAIN_TRIES && !(ratio <= gain * known->ratio); i++) {
        grade(shard, place, program, program->path, second_budget_s, attempt, cell);
        if (attempt->end == ATTEMPT_VERDICT && attempt->verdict == VERDICT_PASSED)
            ratio = attempt->ratio;
        if (!(ratio <= gain * known->ratio))
            measure_honest(shard, place, program, second_budget_s, known, cell);
    }
    if (!(known->ratio > 0) && shard->honest->verdict == VERDICT_UNSTABLE)
        cell->undecided = true;
    else if (!(known->ratio > 0))
        judge_complain(cell, "the honest loops beside it got no time: %s", shard->honest->detail);
    else if (!(ratio <= gain * known->ratio))
        judge_complain(cell, "it passed with a gain: %.2fx, where honest loops reach %.2fx", ratio, known->ratio);
}

void judge_program(struct shard *shard, const struct place *place, const struct program *program, struct cell *cell) {
    struct attempt *attempt = shard->attempt;
    cell->measured = hunt_measures(shard->hunt, place, program);
    grade(shard, place, program, program->path, cell->measured ? budget_s : 0, attempt, cell);
    cell->verdict = attempt->verdict;
    cell->ratio = attempt->ratio;
    compare(place, program, attempt, cell);
    /* Honest code may be as fast as it can. */
    const bool honest = strcmp(program->row, "H") == 0;
    if (cell->why[0] == '\0' && cell->measured && attempt->verdict == VERDICT_PASSED && program->honest[0] != '\0' &&
        !honest)
        compare_speed(shard, place, program, cell);
}

void judge_demand(struct shard *shard, const struct place *place, struct cell *cell) {
    const struct hunt *hunt = shard->hunt;
    const struct program *any = NULL;
    for (size_t i = 0; i < hunt->program_count && any == NULL; i++)
        if (hunt->program[i].fault[0] == '\0')
            any = &hunt->program[i];
    cell->verdict = VERDICT_COUNT;
    if (any == NULL)
        return;
    const enum sandbox_level above = (enum sandbox_level)(place->support.level - 1);
    shard_attempt(shard, place, any, any->path, above, 0, shard->attempt, cell);
    if (shard->attempt->end != ATTEMPT_ERROR || strstr(shard->attempt->detail, "is required") == NULL)
        judge_complain(cell, "level %c was demanded where only %c is, and the grader did not refuse: %s",
                       sandbox_level_letter(above), sandbox_level_letter(place->support.level), shard->attempt->detail);
}
