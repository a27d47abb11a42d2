/* SPDX-License-Identifier: MIT */
/* A look-alike of the profile that container runtimes use by default: its calls are refused with EPERM, and clone3 with
 * ENOSYS so that the C library falls back to clone, whose flags a filter can read. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/hostile/place.h"

#if defined __x86_64__
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the filter needs the name of this architecture"
#endif

enum { FOREIGN_NUMBERS = 0x40000000 };

#define NAMESPACE_FLAGS                                                                                                \
    ((uint32_t)(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |              \
                CLONE_NEWCGROUP))

static const struct refused {
    long number;
    int error;
} refused[] = {
    {SYS_clone3, ENOSYS},         {SYS_unshare, EPERM},     {SYS_setns, EPERM},       {SYS_mount, EPERM},
    {SYS_umount2, EPERM},         {SYS_pivot_root, EPERM},  {SYS_open_tree, EPERM},   {SYS_move_mount, EPERM},
    {SYS_fsopen, EPERM},          {SYS_fsconfig, EPERM},    {SYS_fsmount, EPERM},     {SYS_fspick, EPERM},
    {SYS_perf_event_open, EPERM}, {SYS_bpf, EPERM},         {SYS_keyctl, EPERM},      {SYS_add_key, EPERM},
    {SYS_request_key, EPERM},     {SYS_userfaultfd, EPERM}, {SYS_pidfd_getfd, EPERM}, {SYS_open_by_handle_at, EPERM},
    {SYS_io_uring_setup, EPERM},  {SYS_init_module, EPERM}, {SYS_kexec_load, EPERM},  {SYS_clock_settime, EPERM},
    {SYS_settimeofday, EPERM},    {SYS_quotactl, EPERM},    {SYS_swapon, EPERM},      {SYS_acct, EPERM},
};

enum { ROWS = sizeof refused / sizeof *refused, INSTRUCTIONS = 2 * ROWS + 16 };

static uint32_t answer(int error) {
    return SECCOMP_RET_ERRNO | (uint32_t)error;
}

static unsigned short write_filter(struct sock_filter code[INSTRUCTIONS]) {
    unsigned short n = 0;
    const uint32_t number = offsetof(struct seccomp_data, nr), architecture = offsetof(struct seccomp_data, arch),
                   first_argument = offsetof(struct seccomp_data, args);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, architecture);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer(EPERM));
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_NUMBERS, 0, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer(ENOSYS));
    for (size_t i = 0; i < ROWS; i++) {
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)refused[i].number, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer(refused[i].error));
    }
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, first_argument);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NAMESPACE_FLAGS, 0, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer(EPERM));
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return n;
}

/* What root keeps in a container. */
static const int kept[] = {CAP_CHOWN,   CAP_DAC_OVERRIDE, CAP_FSETID,           CAP_FOWNER,     CAP_MKNOD,
                           CAP_NET_RAW, CAP_SETGID,       CAP_SETUID,           CAP_SETFCAP,    CAP_SETPCAP,
                           CAP_KILL,    CAP_SYS_CHROOT,   CAP_NET_BIND_SERVICE, CAP_AUDIT_WRITE};

static bool drop_capabilities(uint64_t keep) {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        if ((keep >> capability & 1) == 0 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
            return false;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    for (int half = 0; half < 2; half++) {
        const uint32_t bits = (uint32_t)(keep >> (32 * half));
        data[half] = (struct __user_cap_data_struct){.effective = bits, .permitted = bits};
    }
    return syscall(SYS_capset, &header, data) == 0;
}

bool container_enter(void) {
    struct sock_filter code[INSTRUCTIONS];
    const bool root = geteuid() == 0;
    uint64_t keep = 0;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        keep |= UINT64_C(1) << kept[i];
    const struct sock_fprog program = {.len = write_filter(code), .filter = code};
    if (!root && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
        return false;
    return !root || drop_capabilities(keep);
}
