/* SPDX-License-Identifier: MIT */
/* Runs a command on a machine that is poorer than this one:
 *
 *     without [landlock] [namespaces] [seccomp] [memfd] -- COMMAND...
 *
 * A filter answers the system calls of each named layer as a kernel or container without it would. Everything below
 * the command is under it too. Exit code 77: no filter can be put on here either. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { INSTRUCTIONS_MAX = 256, SKIP = 77, USAGE = 2 };

enum {
    NAMESPACE_FLAGS =
        CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET
};

/* `number` fails with `error`: always, or when the argument has any of these bits, or when it is this value. */
static const struct refusal {
    const char *layer;
    int number;
    int error;
    int argument; /* -1: always */
    uint32_t bits, value;
} refusals[] = {
    {"landlock", SYS_landlock_create_ruleset, ENOSYS, -1, 0, 0},
    {"landlock", SYS_landlock_add_rule, ENOSYS, -1, 0, 0},
    {"landlock", SYS_landlock_restrict_self, ENOSYS, -1, 0, 0},
    {"namespaces", SYS_clone, EPERM, 0, NAMESPACE_FLAGS, 0},
    {"namespaces", SYS_clone3, ENOSYS, -1, 0, 0}, /* its flags lie behind a pointer */
    {"namespaces", SYS_unshare, EPERM, 0, NAMESPACE_FLAGS, 0},
    {"seccomp", SYS_seccomp, EINVAL, -1, 0, 0},
    {"seccomp", SYS_prctl, EINVAL, 0, 0, PR_SET_SECCOMP},
    {"memfd", SYS_memfd_create, ENOSYS, -1, 0, 0},
};

struct program {
    struct sock_filter instruction[INSTRUCTIONS_MAX];
    unsigned short count;
};

static void emit(struct program *program, uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false) {
    if (program->count < INSTRUCTIONS_MAX)
        program->instruction[program->count++] = (struct sock_filter){code, if_true, if_false, value};
}

/* The number is loaded anew each time, so that every refusal stands alone. */
static void emit_refusal(struct program *program, const struct refusal *refusal) {
    const uint16_t load = BPF_LD | BPF_W | BPF_ABS, equal = BPF_JMP | BPF_JEQ | BPF_K, any = BPF_JMP | BPF_JSET | BPF_K;
    emit(program, load, offsetof(struct seccomp_data, nr), 0, 0);
    emit(program, equal, (uint32_t)refusal->number, 0, refusal->argument < 0 ? 1 : 3);
    if (refusal->argument >= 0) {
        emit(program, load, (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)refusal->argument), 0, 0);
        emit(program, refusal->bits != 0 ? any : equal, refusal->bits != 0 ? refusal->bits : refusal->value, 0, 1);
    }
    emit(program, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)refusal->error, 0, 0);
}

static int emit_layer(struct program *program, const char *layer) {
    int known = -1;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (strcmp(refusals[i].layer, layer) != 0)
            continue;
        emit_refusal(program, &refusals[i]);
        known = 0;
    }
    return known;
}

int main(int argc, char **argv) {
    struct program program = {.count = 0};
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (emit_layer(&program, argv[i]) != 0)
            break;
    if (i + 1 >= argc || strcmp(argv[i], "--") != 0) {
        fprintf(stderr, "usage: without [landlock] [namespaces] [seccomp] [memfd] -- COMMAND...\n");
        return USAGE;
    }
    emit(&program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    struct sock_fprog code = {program.count, program.instruction};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &code) != 0) {
        fprintf(stderr, "without: no filter can be put on here: %s\n", strerror(errno));
        return SKIP;
    }
    execvp(argv[i + 1], argv + i + 1);
    fprintf(stderr, "without: cannot run %s: %s\n", argv[i + 1], strerror(errno));
    return USAGE;
}
