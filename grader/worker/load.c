/* SPDX-License-Identifier: MIT */
/* From a bare process to one that holds a solution and can do nothing but compute. */
#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include "grader/sandbox/landlock.h"
#include "grader/sandbox/seccomp.h"
#include "grader/worker/worker.h"

/* dlopen still has to read the system's libraries; everything else is out of reach already. */
static void confine_files(struct worker *worker) {
    const struct worker_command *command = worker->command;
    struct sandbox_path path[WORKER_PATHS_MAX];
    for (uint32_t i = 0; i < command->path_count; i++)
        path[i] = (struct sandbox_path){.path = command->path[i], .access = SANDBOX_EXECUTE};
    if (landlock_restrict((int)command->landlock_abi, path, command->path_count) != 0)
        worker_fail(worker, WORKER_FAILURE_SETUP, "confining file access", "Landlock refused");
}

/* OpenBLAS says which kernels it chose; the result records it, because half the speed can hang on it. */
static void report_blas(struct worker *worker, void *solution) {
    char *(*core)(void) = (char *(*)(void))dlsym(solution, "openblas_get_corename");
    char *(*config)(void) = (char *(*)(void))dlsym(solution, "openblas_get_config");
    struct worker_response *response = worker->response;
    if (core != NULL)
        strncpy(response->blas_core, core(), sizeof response->blas_core - 1);
    if (config != NULL)
        strncpy(response->blas_config, config(), sizeof response->blas_config - 1);
}

/* pthread_exit and pthread_cancel open this library at their first use, and abort where they cannot. Opened now, it is
 * found without a file; where it is missing, only those two are. */
static void load_unwinder(void) {
    dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_LOCAL);
}

static void *load(struct worker *worker, const char *path, enum worker_failure blame) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        worker_fail(worker, blame, "loading the compiled file", dlerror());
    return handle;
}

void worker_confine_and_load(struct worker *worker) {
    const struct worker_command *command = worker->command;
    if (command->landlock_abi > 0)
        confine_files(worker);
    if (command->threads > 1)
        load_unwinder();
    void *stub = load(worker, command->stub, WORKER_FAILURE_SETUP);
    worker->stub = (worker_stub_fn *)dlsym(stub, "harness_stub_call");
    if (worker->stub == NULL)
        worker_fail(worker, WORKER_FAILURE_SETUP, "loading the call stub", "harness_stub_call is missing");
    void *solution = load(worker, command->solution, WORKER_FAILURE_LOAD);
    for (uint32_t i = 0; i < command->function_count; i++) {
        worker->function[i] = dlsym(solution, command->function[i]);
        if (worker->function[i] == NULL)
            worker_fail(worker, WORKER_FAILURE_LOAD, command->function[i], "the function is not defined");
    }
    struct link_map *map = NULL;
    if (dlinfo(solution, RTLD_DI_LINKMAP, &map) == 0 && map != NULL)
        worker->response->load_base = (uint64_t)map->l_addr;
    if (command->trusted)
        report_blas(worker, solution);
    __atomic_store_n(&worker->response->state, WORKER_LOADED, __ATOMIC_RELEASE);
    struct error err;
    if (command->seccomp && seccomp_strict(command->threads, WORKER_FD_SOCKET, &err) != 0)
        worker_fail(worker, WORKER_FAILURE_SETUP, "installing the system call filter", err.text);
}
