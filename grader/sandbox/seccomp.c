/* SPDX-License-Identifier: MIT */
/* Two system call filters, each a table of rules that is assembled into BPF.
 *
 * A rule is "this number, and this about one argument: that verdict". Rules are tried in order, the first that fits
 * decides, and the table's default takes the rest. Only the low half of an argument is looked at: every call that has a
 * condition here takes a 32-bit value or ignores the upper half. Nothing here allocates, because the compiler's filter
 * goes on between fork and exec. */
#include "grader/sandbox/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __x86_64__
#error "the system call tables are for x86-64"
#endif

#define ALLOW       SECCOMP_RET_ALLOW
#define FAIL(error) (SECCOMP_RET_ERRNO | (error))
#define RULE(name, what)                                                                                               \
    { .number = SYS_##name, .verdict = (what) }
#define WHEN(name, which, how, bits, what)                                                                             \
    { .number = SYS_##name, .verdict = (what), .condition = (how), .argument = (which), .value = (bits) }
#define X32_BIT 0x40000000u

enum { INSTRUCTIONS_MAX = 512 };

/* LACKS and HAS: of any of these bits. AMONG: the value's low five bits name one of these bits. */
enum condition { ALWAYS, IS, IS_NOT, LACKS, HAS, AMONG };

struct rule {
    int number;
    uint32_t verdict;
    enum condition condition;
    unsigned argument; /* 0 .. 5 */
    uint32_t value;
};

struct program {
    struct sock_filter instruction[INSTRUCTIONS_MAX];
    unsigned short count;
};

/* pthread_create passes exactly these, and a thread is all that a candidate may start. */
static const uint32_t thread_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |
                                     CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
static const uint32_t namespace_flags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                        CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;

static void emit(struct program *program, uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false) {
    if (program->count < INSTRUCTIONS_MAX)
        program->instruction[program->count] = (struct sock_filter){code, if_true, if_false, value};
    program->count++;
}

static void emit_load(struct program *program, size_t offset) {
    emit(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void emit_return(struct program *program, uint32_t verdict) {
    emit(program, BPF_RET | BPF_K, verdict, 0, 0);
}

/* The accumulator becomes the bit that its low five bits name. */
static void emit_bit(struct program *program) {
    emit(program, BPF_ALU | BPF_AND | BPF_K, 31, 0, 0);
    emit(program, BPF_MISC | BPF_TAX, 0, 0, 0);
    emit(program, BPF_LD | BPF_IMM, 1, 0, 0);
    emit(program, BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0);
}

/* Falls through when the condition holds, skips the one return behind it when not. */
static void emit_condition(struct program *program, const struct rule *rule) {
    const uint16_t equal = BPF_JMP | BPF_JEQ | BPF_K, any = BPF_JMP | BPF_JSET | BPF_K;
    emit_load(program, offsetof(struct seccomp_data, args) + rule->argument * sizeof(uint64_t));
    if (rule->condition == AMONG)
        emit_bit(program);
    bool wanted = rule->condition == IS || rule->condition == HAS || rule->condition == AMONG;
    emit(program, rule->condition == IS || rule->condition == IS_NOT ? equal : any, rule->value, wanted ? 0 : 1,
         wanted ? 1 : 0);
}

/* The accumulator holds the call's number before and after each rule. */
static void emit_rule(struct program *program, const struct rule *rule) {
    const uint8_t length = rule->condition == ALWAYS ? 1 : rule->condition == AMONG ? 8 : 4;
    emit(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)rule->number, 0, length);
    if (rule->condition != ALWAYS)
        emit_condition(program, rule);
    emit_return(program, rule->verdict);
    if (rule->condition != ALWAYS)
        emit_load(program, offsetof(struct seccomp_data, nr));
}

/* int 0x80 and x32 have other numbers for the same calls: through either, every rule below would be void. */
static void emit_head(struct program *program) {
    program->count = 0;
    emit_load(program, offsetof(struct seccomp_data, arch));
    emit(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    emit_return(program, SECCOMP_RET_KILL_PROCESS);
    emit_load(program, offsetof(struct seccomp_data, nr));
    emit(program, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
    emit_return(program, SECCOMP_RET_KILL_PROCESS);
}

static void emit_rules(struct program *program, const struct rule *rule, size_t count) {
    for (size_t i = 0; i < count; i++)
        emit_rule(program, &rule[i]);
}

/* Without SPEC_ALLOW, kernels before 5.16 slow a filtered process down (no store bypass): a timing harness must not. */
static int install(const struct program *program, unsigned flags) {
    struct sock_fprog code = {program->count, (struct sock_filter *)program->instruction};
    if (program->count > INSTRUCTIONS_MAX) {
        errno = E2BIG;
        return -1;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    long status = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &code);
    if (status < 0 && errno == EINVAL)
        status = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &code);
    if (status > 0) /* the id of a thread that could not be brought under the filter */
        errno = EBUSY;
    return status == 0 ? 0 : -1;
}

/* Waiting and waking. The operations with priority inheritance are not among them: they take the owner of a lock by its
 * number and tie it to the caller in the kernel, also when it is a process that has nothing to do with either. */
enum {
    plain_futexes = 1 << FUTEX_WAIT | 1 << FUTEX_WAKE | 1 << FUTEX_REQUEUE | 1 << FUTEX_CMP_REQUEUE |
                    1 << FUTEX_WAKE_OP | 1 << FUTEX_WAIT_BITSET | 1 << FUTEX_WAKE_BITSET
};

/* A negative clock is the CPU time of any process or thread that it names: the grader's tells when it computes. */
#define OTHERS_CLOCK 0x80000000u

/* What plain code, pthreads, libgomp and OpenBLAS need, the most frequent first. */
static const struct rule strict_rules[] = {
    WHEN(futex, 1, AMONG, plain_futexes, ALLOW),
    RULE(futex, FAIL(ENOSYS)),
    RULE(sched_yield, ALLOW),
    WHEN(clock_gettime, 0, LACKS, OTHERS_CLOCK, ALLOW),
    RULE(clock_gettime, FAIL(EINVAL)),
    RULE(madvise, ALLOW),
    RULE(munmap, ALLOW),
    RULE(brk, ALLOW),
    RULE(mremap, ALLOW),
    WHEN(mmap, 2, LACKS, PROT_EXEC, ALLOW),
    WHEN(mprotect, 2, LACKS, PROT_EXEC, ALLOW),
    RULE(exit, ALLOW),
    RULE(exit_group, ALLOW),
    RULE(rt_sigreturn, ALLOW),
    RULE(rt_sigprocmask, ALLOW),
    WHEN(rt_sigaction, 0, IS_NOT, SIGSYS, ALLOW), /* the worker's own handler reports forbidden calls */
    RULE(sigaltstack, ALLOW),
    RULE(gettimeofday, ALLOW),
    RULE(time, ALLOW),
    RULE(nanosleep, ALLOW),
    WHEN(clock_nanosleep, 0, LACKS, OTHERS_CLOCK, ALLOW),
    RULE(clock_nanosleep, FAIL(EINVAL)),
    RULE(restart_syscall, ALLOW),
    RULE(getpid, ALLOW),
    RULE(gettid, ALLOW),
    RULE(sched_getaffinity, ALLOW),
    RULE(getcpu, ALLOW),
    RULE(set_robust_list, ALLOW),
    RULE(rseq, ALLOW),
    RULE(getrandom, ALLOW),
    RULE(membarrier, ALLOW),
    WHEN(write, 0, IS, STDOUT_FILENO, ALLOW),
    WHEN(write, 0, IS, STDERR_FILENO, ALLOW),
    WHEN(writev, 0, IS, STDERR_FILENO, ALLOW), /* the C library's last words before abort() */
    /* What libraries try and can do without: told no, not killed. */
    RULE(open, FAIL(EACCES)),
    RULE(openat, FAIL(EACCES)),
    RULE(read, FAIL(EACCES)),
    RULE(close, FAIL(EACCES)),
    RULE(fstat, FAIL(EACCES)),
    RULE(newfstatat, FAIL(EACCES)),
    RULE(lseek, FAIL(EACCES)),
    RULE(access, FAIL(EACCES)),
    RULE(readlink, FAIL(EACCES)),
    RULE(sysinfo, FAIL(EACCES)),
    RULE(ioctl, FAIL(ENOTTY)),
    RULE(mbind, FAIL(ENOSYS)),
    RULE(set_mempolicy, FAIL(ENOSYS)),
    RULE(get_mempolicy, FAIL(ENOSYS)),
    RULE(memfd_create, FAIL(ENOSYS)),
    RULE(sched_setaffinity, FAIL(EPERM)),
    RULE(setpriority, FAIL(EPERM)),
    RULE(mlock, FAIL(EPERM)),
    RULE(prlimit64, FAIL(EPERM)),
    RULE(prctl, FAIL(EINVAL)),
};

int seccomp_strict(unsigned threads, int socket_fd, struct error *err) {
    /* clone3 hides its flags behind a pointer that a filter cannot read. ENOSYS makes the C library fall back to clone;
     * EAGAIN makes pthread_create fail at once, as it does when there are too many threads. */
    const struct rule of_this_process[] = {
        WHEN(write, 0, IS, (uint32_t)socket_fd, ALLOW),
        WHEN(tgkill, 0, IS, (uint32_t)getpid(), ALLOW),
        RULE(clone3, threads > 1 ? FAIL(ENOSYS) : FAIL(EAGAIN)),
        WHEN(clone, 0, IS, thread_flags, ALLOW),
    };
    const size_t count = sizeof of_this_process / sizeof *of_this_process;
    struct program program;
    emit_head(&program);
    emit_rules(&program, of_this_process, socket_fd < 0 ? 0 : 1);
    emit_rules(&program, of_this_process + 1, threads > 1 ? count - 1 : count - 2);
    emit_rules(&program, strict_rules, sizeof strict_rules / sizeof *strict_rules);
    emit_return(&program, SECCOMP_RET_TRAP);
    if (install(&program, SECCOMP_FILTER_FLAG_TSYNC) != 0)
        return error_errno(err, "cannot install the system call filter (needs a kernel with seccomp)");
    return 0;
}

/* No compiler needs these. Refused with EPERM and not with death, so that a newer gcc which merely asks goes on. */
/* clang-format off */
static const int compiler_denied[] = {
    /* the network, and sockets of every other kind */
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_sendmsg,
    SYS_sendmmsg, SYS_recvfrom, SYS_recvmsg, SYS_recvmmsg,
    /* other processes; leaving the process group, by which the tree is killed */
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_pidfd_open, SYS_pidfd_getfd,
    SYS_pidfd_send_signal, SYS_kcmp, SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_setsid,
    SYS_setpgid, SYS_sched_setscheduler, SYS_sched_setattr, SYS_sched_setparam, SYS_sched_setaffinity,
    /* mounts and namespaces */
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_open_tree, SYS_move_mount,
    SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_swapon, SYS_swapoff, SYS_quotactl,
    SYS_mknod, SYS_mknodat, SYS_fanotify_init, SYS_fanotify_mark, SYS_name_to_handle_at, SYS_open_by_handle_at,
    /* links: the file that is read afterwards must be the one that was written */
    SYS_symlink, SYS_symlinkat, SYS_link, SYS_linkat,
    /* keys, tracing, code in the kernel, and interfaces with many bugs behind them */
    SYS_add_key, SYS_request_key, SYS_keyctl, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup,
    SYS_io_uring_enter, SYS_io_uring_register, SYS_io_setup, SYS_io_submit, SYS_init_module, SYS_finit_module,
    SYS_delete_module, SYS_kexec_load, SYS_kexec_file_load, SYS_personality, SYS_modify_ldt, SYS_vmsplice,
    SYS_memfd_create, SYS_memfd_secret, SYS_shmget, SYS_shmat, SYS_msgget, SYS_semget, SYS_mq_open, SYS_timer_create,
    /* the machine */
    SYS_reboot, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname,
    SYS_setdomainname, SYS_iopl, SYS_ioperm, SYS_syslog, SYS_acct, SYS_vhangup, SYS_lookup_dcookie,
};
/* clang-format on */

int seccomp_compiler(void) {
    const struct rule special[] = {
        RULE(clone3, FAIL(ENOSYS)), WHEN(clone, 0, HAS, namespace_flags, FAIL(EPERM)),
        WHEN(ioctl, 1, IS, 0x5412, FAIL(EPERM)), /* TIOCSTI types into the caller's terminal */
    };
    struct program program;
    emit_head(&program);
    emit_rules(&program, special, sizeof special / sizeof *special);
    for (size_t i = 0; i < sizeof compiler_denied / sizeof *compiler_denied; i++)
        emit_rule(&program, &(struct rule){.number = compiler_denied[i], .verdict = FAIL(EPERM)});
    emit_return(&program, ALLOW);
    return install(&program, 0);
}
