/* SPDX-License-Identifier: MIT */
/* Each call is made in a process of its own under the real filter, and what became of it is held against a table. */
#include "grader/sandbox/seccomp.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SOCKET_FD = 8, TRAPPED = 98, RAN = 0, NOT_INSTALLED = 97 };
enum outcome { ALLOWED, REFUSED, TRAPS, KILLED };
enum filter { STRICT_ONE, STRICT_TWO, COMPILER };

struct call {
    const char *name;
    long number;
    long argument[6];
    enum outcome outcome;
    int error; /* for REFUSED */
};

struct page { /* shared with the process that makes the call */
    long result;
    int error;
    bool returned;
};

#define ANY_PID      (-2) /* replaced by the caller's own pid */
#define MEMORY       (-3) /* replaced by the address of a page of its own */
#define THREAD_FLAGS 0x3d0f00

/* How the kernel spells the CPU clock of another process. */
#define CPU_CLOCK_OF(pid) ((long)(int)(~(unsigned)(pid) << 3 | 2u))

static const struct call strict_calls[] = {
    {"getpid", SYS_getpid, {0}, ALLOWED, 0},
    {"gettid", SYS_gettid, {0}, ALLOWED, 0},
    {"sched_yield", SYS_sched_yield, {0}, ALLOWED, 0},
    {"brk", SYS_brk, {0}, ALLOWED, 0},
    {"futex wake", SYS_futex, {MEMORY, FUTEX_WAKE, 1}, ALLOWED, 0},
    {"futex wake, private", SYS_futex, {MEMORY, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1}, ALLOWED, 0},
    {"futex wake by bits", SYS_futex, {MEMORY, FUTEX_WAKE_BITSET, 1, 0, 0, -1}, ALLOWED, 0},
    {"futex requeue", SYS_futex, {MEMORY, FUTEX_REQUEUE, 1, 0, MEMORY}, ALLOWED, 0},
    {"futex wait for another value", SYS_futex, {MEMORY, FUTEX_WAIT, 1}, REFUSED, EAGAIN}, /* the kernel's own */
    {"futex wait by bits", SYS_futex, {MEMORY, FUTEX_WAIT_BITSET | 384, 1, 0, 0, -1}, REFUSED, EAGAIN},
    {"futex with an owner", SYS_futex, {MEMORY, FUTEX_LOCK_PI}, REFUSED, ENOSYS},
    {"futex with an owner, private", SYS_futex, {MEMORY, FUTEX_TRYLOCK_PI_PRIVATE}, REFUSED, ENOSYS},
    {"futex with an owner, requeued", SYS_futex, {MEMORY, FUTEX_WAIT_REQUEUE_PI, 0, 0, MEMORY}, REFUSED, ENOSYS},
    {"clock_gettime of its own", SYS_clock_gettime, {CLOCK_PROCESS_CPUTIME_ID, MEMORY}, ALLOWED, 0},
    {"clock_gettime of process 1", SYS_clock_gettime, {CPU_CLOCK_OF(1), MEMORY}, REFUSED, EINVAL},
    {"clock_nanosleep", SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, MEMORY}, ALLOWED, 0},
    {"clock_nanosleep by process 1", SYS_clock_nanosleep, {CPU_CLOCK_OF(1), 0, MEMORY}, REFUSED, EINVAL},
    {"mmap read-write", SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}, ALLOWED, 0},
    {"mmap executable", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}, TRAPS, 0},
    {"mprotect read", SYS_mprotect, {MEMORY, 4096, PROT_READ}, ALLOWED, 0},
    {"mprotect executable", SYS_mprotect, {MEMORY, 4096, PROT_READ | PROT_EXEC}, TRAPS, 0},
    {"pkey_mprotect", SYS_pkey_mprotect, {MEMORY, 4096, PROT_READ, -1}, TRAPS, 0},
    {"write to 1", SYS_write, {1, MEMORY, 0}, ALLOWED, 0},
    {"write to 2", SYS_write, {2, MEMORY, 0}, ALLOWED, 0},
    {"write to the socket", SYS_write, {SOCKET_FD, MEMORY, 0}, ALLOWED, 0},
    {"write to 3", SYS_write, {3, MEMORY, 0}, TRAPS, 0},
    {"write to 0", SYS_write, {0, MEMORY, 0}, TRAPS, 0},
    {"writev to 1", SYS_writev, {1, MEMORY, 0}, TRAPS, 0},
    {"tgkill itself", SYS_tgkill, {ANY_PID, ANY_PID, 0}, ALLOWED, 0},
    {"tgkill pid 1", SYS_tgkill, {1, 1, 0}, TRAPS, 0},
    {"kill itself", SYS_kill, {ANY_PID, 0}, TRAPS, 0},
    {"rt_sigaction SIGSEGV", SYS_rt_sigaction, {SIGSEGV, 0, 0, 8}, ALLOWED, 0},
    {"rt_sigaction SIGSYS", SYS_rt_sigaction, {SIGSYS, 0, 0, 8}, TRAPS, 0},
    {"open", SYS_open, {MEMORY, O_RDONLY}, REFUSED, EACCES},
    {"openat", SYS_openat, {AT_FDCWD, MEMORY, O_RDONLY}, REFUSED, EACCES},
    {"openat2", SYS_openat2, {AT_FDCWD, MEMORY, 0, 0}, TRAPS, 0},
    {"read", SYS_read, {0, MEMORY, 1}, REFUSED, EACCES},
    {"pread64", SYS_pread64, {0, MEMORY, 1, 0}, TRAPS, 0},
    {"close", SYS_close, {0}, REFUSED, EACCES},
    {"newfstatat", SYS_newfstatat, {AT_FDCWD, MEMORY, MEMORY, 0}, REFUSED, EACCES},
    {"ioctl", SYS_ioctl, {0, 0x5401, MEMORY}, REFUSED, ENOTTY},
    {"memfd_create", SYS_memfd_create, {MEMORY, 0}, REFUSED, ENOSYS},
    {"sched_setaffinity", SYS_sched_setaffinity, {0, 8, MEMORY}, REFUSED, EPERM},
    {"prlimit64", SYS_prlimit64, {0, 0, 0, 0}, REFUSED, EPERM},
    {"prctl", SYS_prctl, {3}, REFUSED, EINVAL},
    {"seccomp", SYS_seccomp, {0, 0, 0}, TRAPS, 0},
    {"fork", SYS_fork, {0}, TRAPS, 0},
    {"vfork", SYS_vfork, {0}, TRAPS, 0},
    {"clone as fork", SYS_clone, {SIGCHLD}, TRAPS, 0},
    {"clone with CLONE_VM", SYS_clone, {CLONE_VM | SIGCHLD, MEMORY}, TRAPS, 0},
    {"clone, thread in a new user namespace", SYS_clone, {THREAD_FLAGS | CLONE_NEWUSER}, TRAPS, 0},
    {"execve", SYS_execve, {MEMORY, 0, 0}, TRAPS, 0},
    {"execveat", SYS_execveat, {0, MEMORY, 0, 0, 0}, TRAPS, 0},
    {"ptrace", SYS_ptrace, {0}, TRAPS, 0},
    {"process_vm_readv", SYS_process_vm_readv, {1, 0, 0, 0, 0, 0}, TRAPS, 0},
    {"process_vm_writev", SYS_process_vm_writev, {1, 0, 0, 0, 0, 0}, TRAPS, 0},
    {"pidfd_getfd", SYS_pidfd_getfd, {0, 0, 0}, TRAPS, 0},
    {"socket", SYS_socket, {2, 1, 0}, TRAPS, 0},
    {"sendto", SYS_sendto, {SOCKET_FD, 0, 0, 0, 0, 0}, TRAPS, 0},
    {"mount", SYS_mount, {0}, TRAPS, 0},
    {"unshare", SYS_unshare, {CLONE_NEWUSER}, TRAPS, 0},
    {"bpf", SYS_bpf, {0}, TRAPS, 0},
    {"io_uring_setup", SYS_io_uring_setup, {1, 0}, TRAPS, 0},
    {"perf_event_open", SYS_perf_event_open, {0}, TRAPS, 0},
    {"userfaultfd", SYS_userfaultfd, {0}, TRAPS, 0},
    {"keyctl", SYS_keyctl, {0}, TRAPS, 0},
    {"setitimer", SYS_setitimer, {0, MEMORY, 0}, TRAPS, 0},
    {"timer_create", SYS_timer_create, {0, 0, MEMORY}, TRAPS, 0},
    {"shmat", SYS_shmat, {0, 0, 0}, TRAPS, 0},
    {"personality", SYS_personality, {-1}, TRAPS, 0},
    {"arch_prctl", SYS_arch_prctl, {0}, TRAPS, 0},
    {"a number beyond the table", 999, {0}, TRAPS, 0},
    {"x32 getpid", 0x40000000 | SYS_getpid, {0}, KILLED, 0},
    {"number -1", -1, {0}, KILLED, 0},
};

static const struct call compiler_calls[] = {
    {"open", SYS_open, {MEMORY, O_RDONLY}, REFUSED, ENOENT}, /* the kernel's own answer */
    {"mmap executable", SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}, ALLOWED, 0},
    {"getpriority", SYS_getpriority, {0, 0}, ALLOWED, 0},
    {"clone3", SYS_clone3, {0, 0}, REFUSED, ENOSYS},
    {"clone, new user namespace", SYS_clone, {CLONE_NEWUSER | SIGCHLD}, REFUSED, EPERM},
    {"unshare", SYS_unshare, {CLONE_NEWUSER}, REFUSED, EPERM},
    {"socket", SYS_socket, {2, 1, 0}, REFUSED, EPERM},
    {"ptrace", SYS_ptrace, {0}, REFUSED, EPERM},
    {"setsid", SYS_setsid, {0}, REFUSED, EPERM},
    {"setpgid", SYS_setpgid, {0, 0}, REFUSED, EPERM},
    {"kill", SYS_kill, {ANY_PID, 0}, REFUSED, EPERM},
    {"mount", SYS_mount, {0}, REFUSED, EPERM},
    {"symlinkat", SYS_symlinkat, {MEMORY, AT_FDCWD, MEMORY}, REFUSED, EPERM},
    {"ioctl TIOCSTI", SYS_ioctl, {0, 0x5412, MEMORY}, REFUSED, EPERM},
    {"bpf", SYS_bpf, {0}, REFUSED, EPERM},
    {"x32 getpid", 0x40000000 | SYS_getpid, {0}, KILLED, 0},
};

static void on_sigsys(int number) {
    (void)number;
    _exit(TRAPPED);
}

static int install(enum filter filter) {
    return filter == COMPILER ? seccomp_compiler() : seccomp_strict(filter == STRICT_ONE ? 1 : 2, SOCKET_FD, NULL);
}

static _Noreturn void make_call(const struct call *call, enum filter filter, struct page *page) {
    long a[6];
    char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 6; i++) {
        a[i] = call->argument[i];
        if (a[i] == ANY_PID)
            a[i] = getpid();
        else if (a[i] == MEMORY)
            a[i] = (long)memory;
    }
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, SOCKET_FD) < 0 || signal(SIGSYS, on_sigsys) == SIG_ERR || install(filter) != 0)
        _exit(NOT_INSTALLED);
    errno = 0;
    page->result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    page->error = errno;
    page->returned = true;
    _exit(RAN);
}

static int run_call(const struct call *call, enum filter filter, struct page *page) {
    *page = (struct page){0};
    pid_t pid = fork();
    if (pid == 0)
        make_call(call, filter, page);
    int status = 0;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(!WIFEXITED(status) || WEXITSTATUS(status) != NOT_INSTALLED, "%s: the filter did not go on",
                  call->name);
    return status;
}

static void check_call(const struct call *call, enum filter filter) {
    struct page *page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    int status = run_call(call, filter, page);
    const bool trapped = WIFEXITED(status) && WEXITSTATUS(status) == TRAPPED;
    const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
    enum outcome outcome = page->returned ? (page->result >= 0 ? ALLOWED : REFUSED) : trapped ? TRAPS : KILLED;
    ck_assert_msg(page->returned || trapped || killed, "%s ended with status %x", call->name, status);
    ck_assert_msg(outcome == call->outcome, "%s: outcome %d instead of %d (%s)", call->name, outcome, call->outcome,
                  strerror(page->error));
    if (outcome == REFUSED)
        ck_assert_msg(page->error == call->error, "%s: errno %d instead of %d", call->name, page->error, call->error);
    munmap(page, sizeof *page);
}

START_TEST(strict_filter_answers_as_the_table_says) {
    check_call(&strict_calls[_i], STRICT_ONE);
    check_call(&strict_calls[_i], STRICT_TWO);
}
END_TEST

START_TEST(compiler_filter_answers_as_the_table_says) {
    check_call(&compiler_calls[_i], COMPILER);
}
END_TEST

START_TEST(clone3_answers_by_the_number_of_threads) {
    check_call(&(struct call){"clone3", SYS_clone3, {0, 0}, REFUSED, EAGAIN}, STRICT_ONE);
    check_call(&(struct call){"clone3", SYS_clone3, {0, 0}, REFUSED, ENOSYS}, STRICT_TWO);
}
END_TEST

static void *return_at_once(void *argument) {
    return argument;
}

/* Exit code: what pthread_create said, under the filter. */
static int create_thread_under(enum filter filter) {
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        if (install(filter) != 0)
            _exit(NOT_INSTALLED);
        int error = pthread_create(&thread, NULL, return_at_once, NULL);
        if (error == 0)
            error = pthread_join(thread, NULL);
        _exit(error);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    ck_assert_msg(WIFEXITED(status), "status %x", status);
    return WEXITSTATUS(status);
}

START_TEST(threads_can_be_made_only_when_allowed) {
#ifdef HARNESS_SANITIZED
    return; /* a sanitizer's own pthread_create makes more calls than the filter lets through */
#endif
    ck_assert_int_eq(create_thread_under(STRICT_TWO), 0);
    ck_assert_int_eq(create_thread_under(STRICT_ONE), EAGAIN);
}
END_TEST

static void *open_when_told(void *argument) {
    int *pipe_end = argument;
    char byte;
    while (read(pipe_end[0], &byte, 1) < 0 && errno == EINTR)
        continue;
    return NULL;
}

/* The other thread waits in read() when the filter goes on; its next read must be refused. */
static void *read_until_refused(void *argument) {
    int *ends = argument;
    open_when_told(ends);
    char byte;
    errno = 0;
    ssize_t got = read(ends[0], &byte, 1);
    _exit(got < 0 && errno == EACCES ? 42 : 1);
}

START_TEST(strict_filter_covers_threads_that_were_there) {
    pid_t pid = fork();
    if (pid == 0) {
        int ends[2];
        pthread_t thread;
        if (pipe(ends) != 0 || dup2(ends[1], SOCKET_FD) < 0 ||
            pthread_create(&thread, NULL, read_until_refused, ends) != 0 || install(STRICT_TWO) != 0)
            _exit(NOT_INSTALLED);
        if (write(SOCKET_FD, "ab", 2) != 2)
            _exit(NOT_INSTALLED);
        for (;;)
            sched_yield();
    }
    int status = 0;
    waitpid(pid, &status, 0);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 42, "status %x", status);
}
END_TEST

static int call_through_int80(bool filtered) {
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGSYS, on_sigsys);
        if (filtered && install(STRICT_ONE) != 0)
            _exit(NOT_INSTALLED);
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11"); /* getpid */
        _exit(result > 0 ? RAN : 1);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return status;
}

START_TEST(calls_of_the_32_bit_kind_kill) {
    int status = call_through_int80(false);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != RAN) {
        printf("SKIP int 0x80: this kernel has no 32-bit calls\n");
        return;
    }
    status = call_through_int80(true);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "status %x", status);
}
END_TEST

START_TEST(names_follow_the_kernels_numbers) {
    ck_assert_str_eq(seccomp_name(SYS_read), "read");
    ck_assert_str_eq(seccomp_name(SYS_openat), "openat");
    ck_assert_str_eq(seccomp_name(SYS_clone3), "clone3");
    ck_assert_str_eq(seccomp_name(462), "mseal");
    ck_assert_ptr_null(seccomp_name(-1));
    ck_assert_ptr_null(seccomp_name(400));
    ck_assert_ptr_null(seccomp_name(100000));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("seccomp");
    TCase *cases = tcase_create("filters");
    tcase_add_loop_test(cases, strict_filter_answers_as_the_table_says, 0,
                        (int)(sizeof strict_calls / sizeof *strict_calls));
    tcase_add_loop_test(cases, compiler_filter_answers_as_the_table_says, 0,
                        (int)(sizeof compiler_calls / sizeof *compiler_calls));
    tcase_add_test(cases, clone3_answers_by_the_number_of_threads);
    tcase_add_test(cases, threads_can_be_made_only_when_allowed);
    tcase_add_test(cases, strict_filter_covers_threads_that_were_there);
    tcase_add_test(cases, calls_of_the_32_bit_kind_kill);
    tcase_add_test(cases, names_follow_the_kernels_numbers);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
