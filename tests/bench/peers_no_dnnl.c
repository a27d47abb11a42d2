/* SPDX-License-Identifier: MIT */
/* In place of peers_dnnl.c where oneDNN is not installed. */
#include "tests/bench/peers.h"

const char *peers_dnnl_version(void) {
    return NULL;
}

struct peers_plan *peers_plan_open(const char *operation, const struct peers_problem *problem) {
    (void)operation, (void)problem;
    return NULL;
}

void peers_plan_run(struct peers_plan *plan) {
    (void)plan;
}

void peers_plan_close(struct peers_plan *plan) {
    (void)plan;
}
