/* SPDX-License-Identifier: MIT */
/* A root of its own: a small tmpfs into which only the paths of the policy are mounted, at the places where they are
 * outside, and of which everything is read-only but the paths for writing.
 *
 * The mounts are copied as detached trees first and moved in after pivot_root, so no path of the old root is ever
 * looked up from the new one. As root the grader itself copies them, because only it may pass through folders that are
 * closed to others; the child's uid does not have to see the folders above a path. An ordinary user may copy mounts
 * only inside the new user namespace, so there the child does it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grader/sandbox/spawn.h"

static int write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t put = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return put == (ssize_t)strlen(text) ? 0 : -1;
}

int namespaces_write_maps(const struct spawn *spawn, pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/uid_map", (int)pid);
    if (write_file(path, spawn->id_map[0]) != 0)
        return -1;
    snprintf(path, sizeof path, "/proc/%d/gid_map", (int)pid);
    return write_file(path, spawn->id_map[1]);
}

/* A grader that hides itself (PR_SET_DUMPABLE 0) hands that on to this copy of it, and the files below /proc/self then
 * belong to root: it has to show itself for the moment of writing. */
int namespaces_map_self(struct spawn *spawn) {
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
        return -1;
    int status = write_file("/proc/self/setgroups", "deny");
    if (status == 0)
        status = write_file("/proc/self/uid_map", spawn->id_map[0]);
    if (status == 0)
        status = write_file("/proc/self/gid_map", spawn->id_map[1]);
    int error = errno;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    errno = error;
    return status;
}

/* Private propagation: a mount put on top of such a copy must never appear in the caller's own tree. */
static int copy_tree(const struct sandbox_path *path) {
    int tree = open_tree(AT_FDCWD, path->path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (tree < 0)
        return -1;
    struct stat info;
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOSUID, .propagation = MS_PRIVATE};
    if (fstat(tree, &info) == 0 && !S_ISCHR(info.st_mode))
        attributes.attr_set |= MOUNT_ATTR_NODEV;
    if (path->access != SANDBOX_EXECUTE)
        attributes.attr_set |= MOUNT_ATTR_NOEXEC;
    if (path->access != SANDBOX_WRITE)
        attributes.attr_set |= MOUNT_ATTR_RDONLY;
    if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) == 0)
        return tree;
    int error = errno;
    close(tree);
    errno = error;
    return -1;
}

int namespaces_copy_trees(struct spawn *spawn) {
    for (size_t i = 0; i < spawn->policy->path_count; i++) {
        spawn->tree[i] = copy_tree(spawn->path[i]);
        if (spawn->tree[i] < 0 && errno != ENOENT && errno != ENOTDIR)
            return -1;
    }
    return 0;
}

void namespaces_close_trees(struct spawn *spawn) {
    for (size_t i = 0; i < spawn->policy->path_count; i++) {
        if (spawn->tree[i] >= 0)
            close(spawn->tree[i]);
        spawn->tree[i] = -1;
    }
}

/* Below a path that is mounted already, the folders are there and cannot be made. */
static int make_folder(const char *path) {
    return mkdir(path, 0755) == 0 || errno == EEXIST || errno == EROFS || errno == EACCES ? 0 : -1;
}

static int make_target(const char *path, bool is_folder) {
    char part[4096];
    size_t length = strlen(path);
    if (length >= sizeof part) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(part, path, length + 1);
    for (char *slash = part + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        if (make_folder(part) != 0)
            return -1;
        *slash = '/';
    }
    if (is_folder)
        return make_folder(part);
    int fd = open(part, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno == EEXIST || errno == EROFS || errno == EACCES ? 0 : -1;
}

static int mount_tree(int tree, const char *path) {
    struct stat info;
    if (fstat(tree, &info) != 0 || make_target(path, S_ISDIR(info.st_mode)) != 0)
        return -1;
    return move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/* pivot_root(".", ".") puts the old root on top of the new one, from where it is let go. */
int namespaces_build_root(struct spawn *spawn) {
    if (mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0755") != 0 || chdir("/tmp") != 0 ||
        syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        return -1;
    for (size_t i = 0; i < spawn->policy->path_count; i++)
        if (spawn->tree[i] >= 0 && mount_tree(spawn->tree[i], spawn->path[i]->path) != 0)
            return -1;
    namespaces_close_trees(spawn);
    struct mount_attr attributes = {.attr_set =
                                        MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
    return mount_setattr(AT_FDCWD, "/", 0, &attributes, sizeof attributes);
}

/* The first process of a pid namespace cannot be killed from inside it, and its own death kills all the others. It is
 * still a copy of the grader, so it stays hidden, and holds nothing open but the pipe for the status. A namespace's
 * init cannot die from a signal of its own, so the program's status goes through the pipe. */
static _Noreturn void be_init(const struct spawn *spawn, pid_t program) {
    int status_fd = spawn->status_fd[1];
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (status_fd > 0)
        close_range(0, (unsigned)status_fd - 1, 0);
    close_range((unsigned)status_fd + 1, ~0U, 0);
    for (;;) {
        int status = 0;
        pid_t dead = (pid_t)syscall(SYS_wait4, -1, &status, __WALL, NULL);
        if (dead == program) {
            ssize_t put = write(status_fd, &status, sizeof status);
            _exit(put == sizeof status ? 0 : 1);
        }
        if (dead < 0 && errno != EINTR)
            _exit(1);
    }
}

int namespaces_fork_init(struct spawn *spawn) {
    pid_t program = (pid_t)syscall(SYS_clone, SIGCHLD, 0, NULL, NULL, 0);
    if (program > 0)
        be_init(spawn, program);
    if (program == 0) {
        close(spawn->status_fd[1]);
        return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    }
    return -1;
}
