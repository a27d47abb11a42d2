/* SPDX-License-Identifier: MIT */
#include "tests/hostile/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/clock.h"
#include "grader/grade.h"

struct attempt *attempt_new(void) {
    void *memory = mmap(NULL, sizeof(struct attempt), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED ? memory : NULL;
}

void attempt_inherit(struct attempt *attempt, bool inherit) {
    madvise(attempt, sizeof *attempt, inherit ? MADV_DOFORK : MADV_DONTFORK);
}

struct placeholder {
    const char *name, *value;
};

/* Copies the program and puts what it may attack in the place of the placeholders. */
static bool copy_program(const struct attempt_request *request, const char *to) {
    char victim[16], grader[16], line[4096];
    snprintf(victim, sizeof victim, "%d", (int)request->victim);
    snprintf(grader, sizeof grader, "%d", (int)getpid());
    const struct placeholder known[] = {
        {"@CANARY@", request->canary->folder}, {"@VICTIM@", victim}, {"@GRADER@", grader}};
    FILE *in = fopen(request->path, "re"), *out = fopen(to, "we");
    while (in != NULL && out != NULL && fgets(line, sizeof line, in) != NULL)
        for (const char *at = line; *at != '\0';) {
            size_t i = 0;
            while (i < sizeof known / sizeof *known && strncmp(at, known[i].name, strlen(known[i].name)) != 0)
                i++;
            if (i < sizeof known / sizeof *known) {
                fputs(known[i].value, out);
                at += strlen(known[i].name);
            } else {
                fputc(*at++, out);
            }
        }
    const bool good = in != NULL && out != NULL && !ferror(in) && !ferror(out);
    if (in != NULL)
        fclose(in);
    return out != NULL && fclose(out) == 0 && good;
}

static bool text_holds(const char *text, const char *word) {
    return text != NULL && strstr(text, word) != NULL;
}

/* Wherever a report shows anything of a grading. */
static bool grade_holds(const struct grade *grade, const char *word) {
    bool found =
        text_holds(grade->detail, word) || text_holds(grade->build.detail, word) ||
        text_holds(grade->build.raw, word) ||
        (grade->output_text != NULL && memmem(grade->output_text, grade->output_bytes, word, strlen(word)) != NULL);
    for (size_t i = 0; i < grade->case_count && !found; i++)
        found = text_holds(grade->cases[i].detail, word) || text_holds(grade->cases[i].place, word);
    for (size_t i = 0; i < grade->timing_count && !found; i++)
        found = text_holds(grade->timing[i].detail, word);
    for (size_t i = 0; i < grade->build.diagnostics.count && !found; i++) {
        const struct diagnostic *item = &grade->build.diagnostics.item[i];
        found = text_holds(item->message, word) || text_holds(item->source, word) || text_holds(item->file, word);
    }
    return found;
}

static void note_gain(const struct grade *grade, struct attempt *attempt) {
    const char *text = grade->output_text, word[] = "GAINED";
    const char *found = text != NULL ? memmem(text, grade->output_bytes, word, strlen(word)) : NULL;
    attempt->gained = found != NULL;
    if (found == NULL)
        return;
    size_t length = grade->output_bytes - (size_t)(found - text);
    if (length >= sizeof attempt->said)
        length = sizeof attempt->said - 1;
    for (size_t i = 0; i < length && found[i] != '\n'; i++)
        attempt->said[i] = found[i] >= ' ' && found[i] < 127 ? found[i] : '.';
}

static void note_grade(const struct grade *grade, const char *secret, struct attempt *attempt) {
    const char *where = "";
    if (grade->decided_by == GRADE_CORRECT && grade->deciding < grade->case_count)
        where = grade->cases[grade->deciding].name;
    else if (grade->decided_by == GRADE_SPEED && grade->deciding < grade->timing_count)
        where = grade->timing[grade->deciding].name;
    attempt->verdict = grade->verdict;
    attempt->ratio = grade->ratio;
    attempt->leaked = grade_holds(grade, secret);
    note_gain(grade, attempt);
    if (grade->verdict == VERDICT_COMPILE_ERROR && grade->build.diagnostics.count > 0)
        snprintf(attempt->detail, sizeof attempt->detail, "%.300s", grade->build.diagnostics.item[0].message);
    else if (grade->verdict != VERDICT_PASSED)
        snprintf(attempt->detail, sizeof attempt->detail, "%.80s%s%.300s", where,
                 where[0] != '\0' && grade->detail[0] != '\0' ? ": " : "", grade->detail);
    attempt->end = ATTEMPT_VERDICT;
}

static _Noreturn void grade_here(const struct attempt_request *request, pid_t parent, struct attempt *attempt) {
    char path[CANARY_PATH + 128];
    struct grade *grade = NULL;
    struct error err = {0};
    uint64_t seed = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || getrandom(&seed, sizeof seed, 0) != sizeof seed)
        _exit(1);
    snprintf(path, sizeof path, "%s/%s", request->folder, request->file);
    const struct grade_request graded = {.spec = request->spec,
                                         .file = path,
                                         .seed = seed,
                                         .timing = request->timing_s > 0,
                                         .timing_budget_s = request->timing_s,
                                         .require = request->require,
                                         .at_most = request->at_most};
    if (!copy_program(request, path)) {
        snprintf(attempt->detail, sizeof attempt->detail, "%.200s cannot be copied", request->path);
        attempt->end = ATTEMPT_ERROR;
    } else if (grade_run(&graded, &grade, &err) != 0) {
        snprintf(attempt->detail, sizeof attempt->detail, "%.399s", err.text);
        attempt->leaked = strstr(err.text, request->canary->secret) != NULL;
        attempt->end = ATTEMPT_ERROR;
    } else {
        note_grade(grade, request->canary->secret, attempt);
    }
    grade_free(grade);
    unlink(path);
    _exit(0);
}

/* Returns the status as waitpid has it, or -1 after the deadline. */
static int await(pid_t pid, pid_t victim, double deadline_s) {
    const int64_t end_ns = clock_now_ns() + (int64_t)(deadline_s * 1e9);
    int status = 0, pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    bool hung = false, over = false;

    while (!over) {
        struct pollfd watched = {.fd = pidfd, .events = POLLIN};
        siginfo_t info = {0};
        poll(&watched, 1, 5);
        /* While the grader is alive or a zombie, waitid may name it: it is left for the waitpid below. */
        while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 && info.si_pid != pid &&
               info.si_pid != victim)
            waitpid(info.si_pid, NULL, 0);
        over = waitpid(pid, &status, WNOHANG) == pid;
        if (!over && clock_now_ns() > end_ns) {
            hung = true;
            kill(pid, SIGKILL);
        }
    }
    close(pidfd);
    return hung ? -1 : status;
}

void attempt_run(const struct attempt_request *request, struct attempt *attempt) {
    const int64_t start_ns = clock_now_ns();
    const pid_t self = getpid();

    memset(attempt, 0, sizeof *attempt);
    attempt->verdict = VERDICT_COUNT;
    pid_t pid = fork();
    if (pid == 0)
        grade_here(request, self, attempt);
    int status = pid > 0 ? await(pid, request->victim, request->deadline_s) : 0;
    attempt->pid = pid;
    attempt->wall_ns = clock_now_ns() - start_ns;
    if (pid < 0)
        snprintf(attempt->detail, sizeof attempt->detail, "cannot fork: %s", strerror(errno));
    else if (status == -1) {
        attempt->end = ATTEMPT_HUNG;
        snprintf(attempt->detail, sizeof attempt->detail, "the grader did not end within %.3g s", request->deadline_s);
    } else if (status != 0 || attempt->end == ATTEMPT_UNKNOWN) {
        attempt->end = ATTEMPT_UNKNOWN;
        snprintf(attempt->detail, sizeof attempt->detail, "the grader died with %s %d",
                 WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
}
