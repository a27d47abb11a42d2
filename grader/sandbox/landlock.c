/* SPDX-License-Identifier: MIT */
/* Landlock without its header: distributions ship one that is older than the kernel they run on, and the structures
 * below only ever grow at the end. A right that a kernel does not know is an error to it, so the sets are cut to the
 * ABI first. */
#include "grader/sandbox/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RIGHT_EXECUTE     (UINT64_C(1) << 0)
#define RIGHT_WRITE_FILE  (UINT64_C(1) << 1)
#define RIGHT_READ_FILE   (UINT64_C(1) << 2)
#define RIGHT_READ_DIR    (UINT64_C(1) << 3)
#define RIGHT_REMOVE_DIR  (UINT64_C(1) << 4)
#define RIGHT_REMOVE_FILE (UINT64_C(1) << 5)
#define RIGHT_MAKE_DIR    (UINT64_C(1) << 7)
#define RIGHT_MAKE_REG    (UINT64_C(1) << 8)
#define RIGHT_REFER       (UINT64_C(1) << 13)
#define RIGHT_TRUNCATE    (UINT64_C(1) << 14)
#define RIGHT_IOCTL_DEV   (UINT64_C(1) << 15)

enum { LANDLOCK_RULE_PATH = 1, LANDLOCK_VERSION_FLAG = 1, ABI_TCP = 4, ABI_SCOPES = 6 };

struct ruleset_attributes {
    uint64_t handled_fs, handled_net, scoped;
};

struct path_attributes {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

/* How many of the file rights above each ABI knows: all bits below this one. */
static unsigned file_right_bits(int abi) {
    static const unsigned char bits[] = {[1] = 13, [2] = 14, [3] = 15, [4] = 15, [5] = 16};
    int last = (int)(sizeof bits / sizeof *bits) - 1;
    return bits[abi < last ? abi : last];
}

/* Making links, sockets, devices and pipes is in no set: a candidate's folder holds files and folders only, so that
 * nobody can be led out of it by a symbolic link. */
static uint64_t rights_for(enum sandbox_access access) {
    const uint64_t reading = RIGHT_READ_FILE | RIGHT_READ_DIR;
    switch (access) {
    case SANDBOX_READ:
        return reading;
    case SANDBOX_EXECUTE:
        return reading | RIGHT_EXECUTE;
    case SANDBOX_WRITE:
        return reading | RIGHT_WRITE_FILE | RIGHT_TRUNCATE | RIGHT_MAKE_REG | RIGHT_MAKE_DIR | RIGHT_REMOVE_FILE |
               RIGHT_REMOVE_DIR | RIGHT_REFER | RIGHT_IOCTL_DEV;
    }
    return 0;
}

int landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);
    return abi > 0 ? (int)abi : 0;
}

static int allow_path(int ruleset, uint64_t handled, const struct sandbox_path *path) {
    const uint64_t of_files = RIGHT_EXECUTE | RIGHT_WRITE_FILE | RIGHT_READ_FILE | RIGHT_TRUNCATE | RIGHT_IOCTL_DEV;
    int fd = open(path->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
    struct stat info;
    int status = fstat(fd, &info);
    struct path_attributes rule = {.allowed = rights_for(path->access) & handled, .parent_fd = fd};
    if (status == 0 && !S_ISDIR(info.st_mode))
        rule.allowed &= of_files;
    if (status == 0)
        status = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH, &rule, 0);
    int error = errno;
    close(fd);
    errno = error;
    return status;
}

int landlock_restrict(int abi, const struct sandbox_path *path, size_t path_count) {
    if (abi < 1) {
        errno = ENOSYS;
        return -1;
    }
    struct ruleset_attributes attributes = {.handled_fs = (UINT64_C(1) << file_right_bits(abi)) - 1,
                                            .handled_net = abi >= ABI_TCP ? 3 : 0, /* bind, connect */
                                            .scoped = abi >= ABI_SCOPES ? 3 : 0};  /* abstract sockets, signals */
    size_t size = abi >= ABI_SCOPES ? sizeof attributes : abi >= ABI_TCP ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
    if (ruleset < 0)
        return -1;
    int status = 0;
    for (size_t i = 0; i < path_count && status == 0; i++)
        status = allow_path(ruleset, attributes.handled_fs, &path[i]);
    if (status == 0)
        status = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (status == 0)
        status = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
    int error = errno;
    close(ruleset);
    errno = error;
    return status;
}
