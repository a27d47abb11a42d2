/* SPDX-License-Identifier: MIT */
/* Grades every program of the corpus of hostile solutions at every level of the sandbox, as root and as an ordinary
 * user, with and without a container's filter around everything, and holds what happens against what the program's head
 * promises (tests/hostile/program.h). Besides the verdict: no secret is seen, no file, process or memory of others is
 * touched, nothing is left behind, nothing hangs, and no time is better than that of honest code.
 *
 *   hostile ROOT [--only WORD] [--family F] [--place NAME] [--jobs N]
 *
 * Exits with 0 only if everything is as promised. --refuses turns that round for programs whose promises are false:
 * each must be complained of in the words that its head quotes.
 *
 * The program prepares a folder that all can read (stage.h) and executes its own copy there. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/hunt.h"
#include "tests/hostile/matrix.h"
#include "tests/hostile/stage.h"

enum { PROGRAMS_MAX = 2000, PACKS_MAX = 32, USAGE = 2 };

static const char stage_variable[] = "HOSTILE_STAGE";

struct options {
    const char *root, *packs, *only, *family;
    bool refuses;
};

struct packs { /* loaded so far */
    size_t count;
    struct spec *spec[PACKS_MAX];
    char id[PACKS_MAX][64];
};

static bool read_options(int argc, char **argv, struct options *options, struct hunt *hunt) {
    static const struct option known[] = {
        {"only", required_argument, NULL, 'o'},  {"family", required_argument, NULL, 'f'},
        {"place", required_argument, NULL, 'p'}, {"jobs", required_argument, NULL, 'j'},
        {"packs", required_argument, NULL, 'c'}, {"deadline", required_argument, NULL, 'd'},
        {"refuses", no_argument, NULL, 'r'},     {"verbose", no_argument, NULL, 'v'},
        {"no-timing", no_argument, NULL, 'n'},   {0}};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    hunt->jobs = cores > 0 ? (unsigned)cores : 1;
    hunt->deadline_s = 60;
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;)
        switch (option) {
        case 'o':
            options->only = optarg;
            break;
        case 'f':
            options->family = optarg;
            break;
        case 'p':
            hunt->only_place = optarg;
            break;
        case 'j':
            hunt->jobs = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'c':
            options->packs = optarg;
            break;
        case 'd':
            hunt->deadline_s = strtod(optarg, NULL);
            break;
        case 'r':
            options->refuses = true;
            break;
        case 'v':
            hunt->verbose = true;
            break;
        case 'n':
            hunt->untimed = true;
            break;
        default:
            return false;
        }
    options->root = optind == argc - 1 ? argv[optind] : NULL;
    return options->root != NULL && hunt->jobs > 0 && hunt->deadline_s > 0;
}

/* The pack of the corpus, or of the harness itself. */
static void find_pack(struct packs *packs, const char *stage, struct program *program) {
    static const char *const folders[] = {"packs", "share/harness/challenges"};
    static const char *const honest[] = {"accepted_loops.c"};
    struct error err = {0};
    char path[PROGRAM_PATH];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t known = 0;
        snprintf(path, sizeof path, "%s/%s/%s", stage, folders[i], program->pack);
        if (access(path, R_OK) != 0)
            continue;
        while (known < packs->count && strcmp(packs->id[known], program->pack) != 0)
            known++;
        if (known == packs->count && known < PACKS_MAX && spec_load(path, &packs->spec[known], &err) == 0)
            snprintf(packs->id[packs->count++], sizeof packs->id[0], "%s", program->pack);
        program->spec = known < packs->count ? packs->spec[known] : NULL;
        snprintf(program->honest, sizeof program->honest, "%.900s/solutions/%s", path, honest[0]);
        if (access(program->honest, R_OK) != 0)
            program->honest[0] = '\0';
    }
    if (program->spec == NULL && program->fault[0] == '\0')
        snprintf(program->fault, sizeof program->fault, "its pack '%s' cannot be used: %.120s", program->pack,
                 err.text[0] != '\0' ? err.text : "there is none of that name");
}

static int is_source(const struct dirent *entry) {
    const size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 2 && strcmp(entry->d_name + length - 2, ".c") == 0;
}

static int is_family(const struct dirent *entry) {
    static const char *const others[] = {"packs", "selftest"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(entry->d_name, others[i]) == 0)
            return 0;
    return entry->d_type == DT_DIR && entry->d_name[0] != '.';
}

static void collect_family(const struct options *options, const char *family, struct packs *packs, struct hunt *hunt) {
    struct dirent **entry = NULL;
    char folder[PROGRAM_PATH - 256], path[PROGRAM_PATH];
    snprintf(folder, sizeof folder, "%s/corpus/%s", hunt->stage, family);
    const int count = scandir(folder, &entry, is_source, alphasort);
    for (int i = 0; i < count; i++) {
        struct program *program = &hunt->program[hunt->program_count];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        if (hunt->program_count < PROGRAMS_MAX) {
            program_read(path, family, entry[i]->d_name, program);
            if (options->only == NULL || strstr(program->name, options->only) != NULL) {
                find_pack(packs, hunt->stage, program);
                hunt->program_count++;
            }
        }
        free(entry[i]);
    }
    free(entry);
}

static int collect(const struct options *options, struct packs *packs, struct hunt *hunt) {
    struct dirent **entry = NULL;
    char folder[PROGRAM_PATH];
    hunt->program = calloc(PROGRAMS_MAX, sizeof *hunt->program);
    snprintf(folder, sizeof folder, "%s/corpus", hunt->stage);
    const int count = hunt->program != NULL ? scandir(folder, &entry, is_family, alphasort) : -1;
    for (int i = 0; i < count; i++) {
        if (options->family == NULL || strcmp(options->family, entry[i]->d_name) == 0)
            collect_family(options, entry[i]->d_name, packs, hunt);
        free(entry[i]);
    }
    free(entry);
    return hunt->program_count > 0 ? 0 : -1;
}

static void print_places(const struct hunt *hunt) {
    for (size_t p = 0; p < PLACES; p++) {
        const struct place *place = &hunt->place[p];
        if (place->offered)
            printf("%s %-14s level %c: %s\n", place->column, place->name, sandbox_level_letter(place->support.level),
                   place->support.active);
        else if (place->why[0] != '\0')
            printf("SKIP %s: %s\n", place->name, place->why);
    }
    fflush(stdout);
}

static int run_stage(const struct options *options, struct hunt *hunt) {
    static struct packs packs;
    struct error err = {0};
    if (collect(options, &packs, hunt) != 0) {
        fprintf(stderr, "hostile: no program is chosen in %s\n", options->root);
        return USAGE;
    }
    if (hunt->only_place != NULL && !place_exists(hunt->only_place)) {
        fprintf(stderr, "hostile: there is no place %s; root-A, user-D and user-container are some\n",
                hunt->only_place);
        return USAGE;
    }
    if (places_probe(hunt->place, &err) != 0 || hunt_plan(hunt, &err) != 0) {
        fprintf(stderr, "hostile: %s\n", err.text);
        return USAGE;
    }
    print_places(hunt);
    hunt_run(hunt);
    const size_t bad = options->refuses ? matrix_print_reports(hunt) : matrix_print(hunt);
    for (size_t i = 0; i < packs.count; i++)
        spec_free(packs.spec[i]);
    free(hunt->program);
    return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Executes the copy, waits for it, and clears the stage away, also when it is interrupted. */
static int enter_stage(const char *stage, char **argv) {
    sigset_t watched, before;
    int status = 0, signal = 0;
    char path[STAGE_PATH + 16];
    snprintf(path, sizeof path, "%s/bin/hostile", stage);
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGTERM);
    sigprocmask(SIG_BLOCK, &watched, &before);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        sigprocmask(SIG_SETMASK, &before, NULL);
        if (setenv(stage_variable, stage, 1) == 0)
            execv(path, argv);
        fprintf(stderr, "hostile: cannot execute %s: %s\n", path, strerror(errno));
        _exit(USAGE);
    }
    while (pid > 0 && waitpid(pid, &status, WNOHANG) == 0)
        if (sigwait(&watched, &signal) == 0 && signal != SIGCHLD)
            kill(pid, SIGKILL);
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    struct options options = {0};
    struct hunt hunt = {.stage = getenv(stage_variable)};
    struct error err = {0};
    char stage[STAGE_PATH] = "", packs[PROGRAM_PATH];

    if (!read_options(argc, argv, &options, &hunt)) {
        fprintf(stderr, "usage: hostile ROOT [--only WORD] [--family F] [--place NAME] [--jobs N] [--packs DIR]\n"
                        "               [--deadline SECONDS] [--no-timing] [--refuses] [--verbose]\n");
        return USAGE;
    }
    if (hunt.stage != NULL)
        return run_stage(&options, &hunt);
    snprintf(packs, sizeof packs, "%.900s/packs", options.root);
    int status = stage_make(options.root, options.packs != NULL ? options.packs : packs, stage, &err);
    if (status == 0)
        status = enter_stage(stage, argv);
    else
        fprintf(stderr, "hostile: %s\n", err.text);
    stage_remove(stage);
    return status;
}
