/* SPDX-License-Identifier: MIT */
/* harness-worker: started by the grader only, with its descriptors in place (grader/worker/protocol.h). */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/worker/worker.h"

static void *map_whole(int fd, int protection) {
    struct stat info;
    if (fstat(fd, &info) != 0 || info.st_size <= 0)
        return NULL;
    void *base = mmap(NULL, (size_t)info.st_size, protection, MAP_SHARED, fd, 0);
    return base == MAP_FAILED ? NULL : base;
}

void worker_map(struct worker *worker) {
    worker->response = map_whole(WORKER_FD_RESPONSE, PROT_READ | PROT_WRITE);
    worker->command = map_whole(WORKER_FD_COMMAND, PROT_READ);
    if (worker->response == NULL || worker->command == NULL || worker->command->magic != WORKER_MAGIC) {
        static const char usage[] = "harness-worker is started by the harness, not by hand\n";
        (void)!write(STDERR_FILENO, usage, sizeof usage - 1);
        _exit(2);
    }
    worker->inputs = map_whole(WORKER_FD_INPUTS, PROT_READ);
    worker->outputs = map_whole(WORKER_FD_OUTPUTS, PROT_READ | PROT_WRITE);
    if (worker->inputs == NULL || worker->outputs == NULL)
        worker_fail(worker, WORKER_FAILURE_SETUP, "mapping the arguments", "out of address space");
    worker->response->inputs_base = (uint64_t)worker->inputs;
    worker->response->outputs_base = (uint64_t)worker->outputs;
    for (int fd = WORKER_FD_COMMAND; fd <= WORKER_FD_OUTPUTS; fd++)
        close(fd);
}

int main(void) {
    struct worker worker = {0};
    setvbuf(stdout, NULL, _IOLBF, 0);
    worker_map(&worker);
    __atomic_store_n(&worker.response->state, WORKER_HELLO, __ATOMIC_RELEASE);
    static const char hello = 'H';
    if (write(WORKER_FD_SOCKET, &hello, 1) != 1)
        worker_fail(&worker, WORKER_FAILURE_SETUP, "saying hello", "the socket is closed");
    worker_catch_faults(&worker);
    worker_confine_and_load(&worker);
    worker_serve(&worker);
}
