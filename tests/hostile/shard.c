/* SPDX-License-Identifier: MIT */
#include "tests/hostile/shard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/hostile/judge.h"
#include "tests/hostile/leftovers.h"

enum { GRACE_AFTER_KILL_MS = 2000 };

static _Noreturn void give_up(const struct shard *shard, const char *what) {
    fprintf(stderr, "hostile: %s in %s: %s\n", what, shard->folder, strerror(errno));
    _exit(1);
}

/* Bait that was taken is laid out anew, so that only one program is blamed for it. */
static void renew_canary(struct shard *shard) {
    char folder[CANARY_PATH];
    snprintf(folder, sizeof folder, "%.200s/canary", shard->folder);
    leftovers_remove(folder);
    if (!canary_make(folder, &shard->canary))
        give_up(shard, "cannot make the canary folder");
}

/* The victim's memory is open to whoever attacks it, and must hold nothing of ours. */
static void renew_victim(struct shard *shard) {
    struct attempt *const shared[] = {shard->attempt, shard->honest};
    victim_stop(&shard->victim);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        attempt_inherit(shared[i], false);
    if (!victim_start(&shard->victim))
        give_up(shard, "cannot start the victim");
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        attempt_inherit(shared[i], true);
}

/* Packs are built once for each identity, whose shards share a home. */
static void open_folders(struct shard *shard, enum place_kind kind, unsigned number, bool measured) {
    char home[CANARY_PATH];
    const char *stage = shard->hunt->stage;
    umask(022);
    snprintf(home, sizeof home, "%.100s/runs/home-%s", stage, place_kind_is_root(kind) ? "root" : "user");
    snprintf(shard->folder, sizeof shard->folder, "%.100s/runs/%s-%s%u", stage, place_kind_name(kind),
             measured ? "t" : "", number);
    snprintf(shard->work, sizeof shard->work, "%s/work", shard->folder);
    snprintf(shard->temporary, sizeof shard->temporary, "%s/tmp", shard->folder);
    if ((mkdir(home, 0755) != 0 && errno != EEXIST) || mkdir(shard->folder, 0755) != 0 ||
        mkdir(shard->work, 0700) != 0 || mkdir(shard->temporary, 0755) != 0 || chdir(shard->work) != 0)
        give_up(shard, "cannot make the folders");
    setenv("HOME", home, 1);
    setenv("TMPDIR", shard->temporary, 1);
    unsetenv("XDG_CACHE_HOME");
}

static void look_around(struct shard *shard, const struct attempt *attempt, bool cgroup, struct cell *cell) {
    const bool killed = attempt->end == ATTEMPT_HUNG || attempt->end == ATTEMPT_UNKNOWN;
    char why[300];
    if (!leftovers_no_process(shard->victim.pid, killed ? GRACE_AFTER_KILL_MS : 0, why, sizeof why))
        judge_complain(cell, "%s", why);
    if (!canary_whole(&shard->canary, why, sizeof why)) {
        judge_complain(cell, "%s", why);
        renew_canary(shard);
    }
    if (!victim_whole(&shard->victim, why, sizeof why)) {
        judge_complain(cell, "%s", why);
        renew_victim(shard);
    }
    /* A grader that was killed may leave its folder and its groups to the next one. */
    if (!leftovers_empty_folder(shard->temporary, why, sizeof why) && !killed)
        judge_complain(cell, "%s", why);
    if (cgroup && !leftovers_no_cgroup(attempt->pid, why, sizeof why) && !killed)
        judge_complain(cell, "%s", why);
    const size_t mounts = leftovers_count_mounts(shard->hunt->stage);
    if (mounts != shard->mounts)
        judge_complain(cell, "a mount was left behind");
    shard->mounts = mounts;
}

void shard_attempt(struct shard *shard, const struct place *place, const struct program *program, const char *path,
                   enum sandbox_level require, double timing_s, struct attempt *attempt, struct cell *cell) {
    const struct attempt_request request = {.spec = program->spec,
                                            .path = path,
                                            .file = strrchr(path, '/') + 1,
                                            .folder = shard->work,
                                            .canary = &shard->canary,
                                            .victim = shard->victim.pid,
                                            .require = require,
                                            .at_most = place->at_most,
                                            .timing_s = timing_s,
                                            .deadline_s = shard->hunt->deadline_s};
    attempt_run(&request, attempt);
    look_around(shard, attempt, place->support.cgroup, cell);
    cell->wall_ns += attempt->wall_ns;
    if (shard->hunt->verbose)
        printf("  %-14s %-40.40s %-17s %5.0f ms %5.2fx %s\n", place->name, request.file,
               attempt->end == ATTEMPT_VERDICT ? verdict_code(attempt->verdict) : "no verdict",
               (double)attempt->wall_ns / 1e6, attempt->ratio, attempt->detail);
}

static void take_cells(struct shard *shard, enum place_kind kind, bool measured) {
    const struct hunt *hunt = shard->hunt;
    const size_t row = hunt->program_count + 1;
    for (size_t at; (at = atomic_fetch_add(hunt->next, 1)) < PLACES * row;) {
        const struct place *place = &hunt->place[at / row];
        const struct program *program = at % row < hunt->program_count ? &hunt->program[at % row] : NULL;
        struct cell *cell = &hunt->cell[at];
        if (place->kind != kind || cell->state != CELL_WAITING ||
            (program != NULL && hunt_measures(hunt, place, program)) != measured)
            continue;
        cell->state = CELL_RUNNING;
        if (program != NULL)
            judge_program(shard, place, program, cell);
        else
            judge_demand(shard, place, cell);
        cell->state = CELL_GRADED;
        if (cell->why[0] != '\0')
            printf("BAD %s at %s: %s\n", program != NULL ? program->name : "the demand for a higher level", place->name,
                   cell->why);
        fflush(stdout);
    }
}

_Noreturn void shard_run(const struct hunt *hunt, enum place_kind kind, unsigned number, bool measured) {
    struct shard shard = {.hunt = hunt, .victim = {.pid = -1}};
    if (!place_enter(kind) || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        give_up(&shard, "cannot become what is needed");
    sandbox_harden_self();
    open_folders(&shard, kind, number, measured);
    hunt_keep_results(hunt);
    shard.attempt = attempt_new();
    shard.honest = attempt_new();
    if (shard.attempt == NULL || shard.honest == NULL)
        give_up(&shard, "cannot map memory");
    renew_canary(&shard);
    renew_victim(&shard);
    shard.mounts = leftovers_count_mounts(hunt->stage);
    take_cells(&shard, kind, measured);
    victim_stop(&shard.victim);
    leftovers_remove(shard.folder);
    _exit(0);
}
