/* SPDX-License-Identifier: MIT */
/* The program that the sandbox tests put inside: argv[1] says what to try, the exit code and stdout what came of it.
 * Linked statically, so that it needs no other file in its root, and built without sanitizers, which a memory limit
 * would kill before main. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/sandbox/seccomp.h"

static int try_exit(char **argument) {
    return atoi(argument[0]);
}

static int try_signal(char **argument) {
    signal(atoi(argument[0]), SIG_DFL);
    raise(atoi(argument[0]));
    return 99;
}

static int try_environment(char **argument) {
    (void)argument;
    for (char **entry = environ; *entry != NULL; entry++)
        puts(*entry);
    return 0;
}

static int try_descriptors(char **argument) {
    (void)argument;
    for (int fd = 0; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf("%d ", fd);
    return 0;
}

static int try_identity(char **argument) {
    char folder[256];
    (void)argument;
    printf("uid %d gid %d groups %d pid %d in %s", (int)geteuid(), (int)getegid(), getgroups(0, NULL), (int)getpid(),
           getcwd(folder, sizeof folder) != NULL ? folder : "nowhere");
    return 0;
}

static int try_signals(char **argument) {
    sigset_t blocked;
    int odd = 0;
    (void)argument;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int number = 1; number < 32; number++) {
        struct sigaction action;
        sigaction(number, NULL, &action);
        odd += action.sa_handler != SIG_DFL || sigismember(&blocked, number);
    }
    return odd;
}

static int try_cpus(char **argument) {
    cpu_set_t set;
    (void)argument;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 99;
}

static int try_read(char **argument) {
    int fd = open(argument[0], O_RDONLY);
    char byte;
    return fd >= 0 && read(fd, &byte, 1) >= 0 ? 0 : errno;
}

static int try_write(char **argument) {
    int fd = open(argument[0], O_WRONLY | O_CREAT, 0755);
    return fd >= 0 && write(fd, "x", 1) == 1 ? 0 : errno;
}

static int try_remove(char **argument) {
    return unlink(argument[0]) == 0 ? 0 : errno;
}

static int try_symlink(char **argument) {
    return symlink("/etc/passwd", argument[0]) == 0 ? 0 : errno;
}

static int try_execute(char **argument) {
    execv(argument[0], (char *[]){argument[0], (char *)"exit", (char *)"55", NULL});
    return errno;
}

/* connect "tcp" PORT, connect "udp" PORT */
static int try_connect(char **argument) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argument[1]))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, strcmp(argument[0], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
}

static int try_forks(char **argument) {
    int count = 0;
    for (int wanted = atoi(argument[0]); count < wanted; count++) {
        pid_t pid = fork();
        if (pid < 0)
            break;
        if (pid == 0)
            for (;;)
                pause();
    }
    printf("%d", count);
    return 0;
}

static int try_memory(char **argument) {
    const size_t step = (size_t)1 << 20;
    const int flags = strcmp(argument[0], "shared") == 0 ? MAP_SHARED : MAP_PRIVATE;
    for (int mib = atoi(argument[1]); mib > 0; mib--) {
        char *memory = mmap(NULL, step, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return errno;
        memset(memory, 1, step);
    }
    return 0;
}

static int try_fill(char **argument) {
    static char block[4096];
    int fd = open(argument[0], O_WRONLY | O_CREAT, 0644);
    for (int i = 0; fd >= 0 && i < 4096; i++)
        if (write(fd, block, sizeof block) < 0)
            return errno;
    return fd >= 0 ? 0 : errno;
}

/* A process that wants to stay: every generation leaves its session if it can and ignores what can be ignored. All hold
 * descriptor 3, and each says so there once. */
static int try_tree(char **argument) {
    (void)argument;
    for (int generation = 0; generation < 3; generation++) {
        pid_t pid = fork();
        if (pid < 0)
            return errno;
        for (int number = 1; number < 32; number++)
            signal(number, SIG_IGN);
        setsid();
        if (pid > 0)
            break;
    }
    if (write(3, "r", 1) != 1)
        return 1;
    for (;;)
        pause();
}

static int try_sleep(char **argument) {
    (void)argument;
    if (fcntl(3, F_GETFD) >= 0 && write(3, "r", 1) != 1)
        return 1;
    for (;;)
        pause();
}

static int try_fork(char **argument) {
    (void)argument;
    return fork() < 0 ? errno : 0;
}

static const struct attempt {
    const char *name;
    int arguments;
    int (*run)(char **argument);
} attempts[] = {
    {"exit", 1, try_exit},       {"signal", 1, try_signal},     {"environment", 0, try_environment},
    {"fork", 0, try_fork},       {"identity", 0, try_identity}, {"descriptors", 0, try_descriptors},
    {"signals", 0, try_signals}, {"cpus", 0, try_cpus},         {"read", 1, try_read},
    {"write", 1, try_write},     {"remove", 1, try_remove},     {"symlink", 1, try_symlink},
    {"execute", 1, try_execute}, {"connect", 2, try_connect},   {"forks", 1, try_forks},
    {"memory", 2, try_memory},   {"fill", 1, try_fill},         {"tree", 0, try_tree},
    {"sleep", 0, try_sleep},
};

/* "strict" in front: under the filter that a candidate runs under. */
int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "strict") == 0) {
        if (seccomp_strict(1, 3, NULL) != 0)
            return 98;
        argc--, argv++;
    }
    for (size_t i = 0; argc > 1 && i < sizeof attempts / sizeof *attempts; i++)
        if (strcmp(argv[1], attempts[i].name) == 0 && argc - 2 >= attempts[i].arguments) {
            int code = attempts[i].run(argv + 2);
            fflush(stdout);
            return code;
        }
    return 97;
}
