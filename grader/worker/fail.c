/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "grader/worker/worker.h"

void worker_fail(struct worker *worker, enum worker_failure failure, const char *what, const char *why) {
    struct worker_response *response = worker->response;
    snprintf(response->message, sizeof response->message, "%s: %s", what, why);
    response->failure = failure;
    __atomic_store_n(&response->state, WORKER_FAILED, __ATOMIC_RELEASE);
    _exit(97);
}
