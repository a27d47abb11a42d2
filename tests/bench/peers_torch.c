/* SPDX-License-Identifier: MIT */
/* The PyTorch process: one line out, one line back. */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/peers.h"

static const char *const kind_names[] = {[PEERS_INPUT] = "input", [PEERS_OUTPUT] = "output", [PEERS_STATE] = "state"};

/* One answer without its newline; false when the process is gone. */
static bool answer(struct peers_torch *torch, char *line, size_t size) {
    fflush(torch->to);
    if (fgets(line, (int)size, torch->from) == NULL)
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

int peers_torch_open(struct peers_torch *torch, const char *script, int memory_fd) {
    int out[2], in[2];
    char number[16];
    *torch = (struct peers_torch){0};
    if (pipe(out) != 0 || pipe(in) != 0)
        return -1;
    snprintf(number, sizeof number, "%d", memory_fd);
    signal(SIGPIPE, SIG_IGN);
    torch->pid = fork();
    if (torch->pid == 0) {
        dup2(out[0], STDIN_FILENO);
        dup2(in[1], STDOUT_FILENO);
        close(out[1]);
        close(in[0]);
        /* Debian's package is Debian's Python's. */
        execl("/usr/bin/python3", "python3", "-B", script, number, (char *)NULL);
        _exit(127);
    }
    close(out[0]);
    close(in[1]);
    torch->to = fdopen(out[1], "w");
    torch->from = fdopen(in[0], "r");
    if (torch->pid > 0 && answer(torch, torch->version, sizeof torch->version) && torch->version[0] != '\0')
        return 0;
    peers_torch_close(torch);
    return -1;
}

bool peers_torch_begin(struct peers_torch *torch, const char *operation, const struct peers_problem *problem) {
    char line[80];
    fprintf(torch->to, "begin %s", operation);
    for (size_t i = 0; i < PEERS_DIMS; i++)
        fprintf(torch->to, " %zu", problem->dim[i]);
    for (size_t i = 0; i < problem->arrays; i++) {
        const struct peers_array *array = &problem->array[i];
        fprintf(torch->to, " %s:%s:%s:%zu:%zu", array->name, array->type, kind_names[array->kind], array->count,
                array->offset);
    }
    fprintf(torch->to, "\n");
    return answer(torch, line, sizeof line) && strcmp(line, "ready") == 0;
}

bool peers_torch_answer(struct peers_torch *torch) {
    char line[80];
    fprintf(torch->to, "answer\n");
    return answer(torch, line, sizeof line) && strcmp(line, "done") == 0;
}

int64_t peers_torch_time(struct peers_torch *torch, size_t calls) {
    char line[80];
    int64_t cpu_ns = -1;
    fprintf(torch->to, "time %zu\n", calls);
    return answer(torch, line, sizeof line) && sscanf(line, "%" SCNd64, &cpu_ns) == 1 ? cpu_ns : -1;
}

void peers_torch_close(struct peers_torch *torch) {
    if (torch->to != NULL)
        fclose(torch->to);
    if (torch->from != NULL)
        fclose(torch->from);
    if (torch->pid > 0)
        waitpid(torch->pid, NULL, 0);
    *torch = (struct peers_torch){0};
}
