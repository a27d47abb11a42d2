/* SPDX-License-Identifier: MIT */
#include "tests/hostile/hunt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/clock.h"

enum { RESTARTS = 20 };

struct cell *hunt_cell(const struct hunt *hunt, size_t place, size_t program) {
    return &hunt->cell[place * (hunt->program_count + 1) + program];
}

/* Where one place is asked for by name, its user wants to see all of it. */
bool hunt_measures(const struct hunt *hunt, const struct place *place, const struct program *program) {
    return program->timing && !hunt->untimed && (place->timed || hunt->only_place != NULL);
}

static enum cell_state plan_cell(const struct place *place, const struct program *program) {
    const enum sandbox_level level = place->support.level;
    if (!place->offered)
        return CELL_ABSENT;
    if (program->fault[0] != '\0')
        return CELL_NOT_PROMISED;
    if (level == SANDBOX_D && (program->files || program->system))
        return CELL_REFUSED;
    /* Without Landlock the compiler is kept from files by its uid or by nothing. */
    if (level == SANDBOX_C && program->files && !place_kind_is_root(place->kind))
        return CELL_NOT_PROMISED;
    return CELL_WAITING;
}

int hunt_plan(struct hunt *hunt, struct error *err) {
    const size_t cells = PLACES * (hunt->program_count + 1);
    void *memory = mmap(NULL, cells * sizeof *hunt->cell + sizeof *hunt->next, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return error_errno(err, "cannot map memory for the results");
    hunt->next = memory;
    hunt->cell = (struct cell *)((char *)memory + sizeof *hunt->next);
    for (size_t p = 0; p < PLACES; p++) {
        struct place *place = &hunt->place[p];
        if (hunt->only_place != NULL && strcmp(hunt->only_place, place->name) != 0 && place->offered) {
            place->offered = false;
            place->why[0] = '\0';
        }
        for (size_t i = 0; i < hunt->program_count; i++)
            hunt_cell(hunt, p, i)->state = plan_cell(place, &hunt->program[i]);
        struct cell *demand = hunt_cell(hunt, p, hunt->program_count);
        demand->state = !place->offered                     ? CELL_ABSENT
                        : place->support.level == SANDBOX_A ? CELL_NOT_PROMISED
                                                            : CELL_WAITING;
    }
    return 0;
}

void hunt_keep_results(const struct hunt *hunt) {
    madvise(hunt->next, PLACES * (hunt->program_count + 1) * sizeof *hunt->cell + sizeof *hunt->next, MADV_DONTFORK);
}

static size_t count_waiting(const struct hunt *hunt, enum place_kind kind, bool measured) {
    size_t count = 0;
    for (size_t p = 0; p < PLACES; p++)
        for (size_t i = 0; i <= hunt->program_count; i++) {
            const bool timed = i < hunt->program_count && hunt_measures(hunt, &hunt->place[p], &hunt->program[i]);
            const struct cell *cell = hunt_cell(hunt, p, i);
            count += hunt->place[p].kind == kind && cell->state == CELL_WAITING && timed == measured;
        }
    return count;
}

static pid_t start_shard(const struct hunt *hunt, enum place_kind kind, unsigned number, bool measured) {
    const pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    shard_run(hunt, kind, number, measured);
}

/* A shard that died took one cell with it; the others are done by its successor. */
static void run_kind(struct hunt *hunt, enum place_kind kind, bool measured) {
    unsigned alive = 0, number = 0, restarts = 0;
    const unsigned jobs = measured ? 1 : hunt->jobs;
    int status = 0;

    atomic_store(hunt->next, 0);
    while (alive < jobs && alive < count_waiting(hunt, kind, measured))
        alive += start_shard(hunt, kind, number++, measured) > 0;
    while (alive > 0) {
        if (wait(&status) < 0 && errno == EINTR)
            continue;
        alive--;
        if (status != 0 && restarts++ < RESTARTS && count_waiting(hunt, kind, measured) > 0)
            alive += start_shard(hunt, kind, number++, measured) > 0;
    }
}

static void close_cells(struct hunt *hunt) {
    for (size_t i = 0; i < PLACES * (hunt->program_count + 1); i++) {
        struct cell *cell = &hunt->cell[i];
        if (cell->state == CELL_RUNNING)
            snprintf(cell->why, sizeof cell->why, "the process that watched this grading died");
        else if (cell->state == CELL_WAITING)
            snprintf(cell->why, sizeof cell->why, "it was never graded");
        if (cell->state == CELL_RUNNING || cell->state == CELL_WAITING) {
            cell->state = CELL_GRADED;
            cell->verdict = VERDICT_COUNT;
        }
    }
}

void hunt_run(struct hunt *hunt) {
    const int64_t start_ns = clock_now_ns();
    /* What looks at the clock goes last and alone. */
    for (int measured = 0; measured <= 1; measured++)
        for (int kind = 0; kind < PLACE_KINDS; kind++) {
            const size_t count = count_waiting(hunt, (enum place_kind)kind, measured != 0);
            const int64_t kind_ns = clock_now_ns();
            if (count == 0)
                continue;
            run_kind(hunt, (enum place_kind)kind, measured != 0);
            printf("%-14s %4zu gradings%s in %.0f s\n", place_kind_name((enum place_kind)kind), count,
                   measured != 0 ? " with timing" : "", (double)(clock_now_ns() - kind_ns) / 1e9);
            fflush(stdout);
        }
    close_cells(hunt);
    hunt->wall_ns = clock_now_ns() - start_ns;
}
