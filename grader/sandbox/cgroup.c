/* SPDX-License-Identifier: MIT */
/* Where the two generations differ: v1 has one tree for each controller, so a child gets two folders; v2 has one tree,
 * and a folder that holds processes cannot hand controllers to folders inside it. Folders are made below our own group
 * where that is possible, so that a limit on the grader also binds its children.
 *
 * A folder's name holds the grader that made it (grader/owner.h): that is how a later one tells a dead one's leftovers
 * from a living one's. */
#include "grader/sandbox/cgroup.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "grader/owner.h"
#include "grader/sandbox/sandbox.h"

static_assert(sizeof((struct sandbox_child){0}.cgroup) == 2 * CGROUP_PATH, "sandbox_child holds two folders");

#define TAG "harness-"

struct places { /* where folders can be made; on v2 only the first is used */
    int version;
    char base[2][CGROUP_PATH];
};

static int read_text(const char *folder, const char *name, char *text, size_t size) {
    char path[CGROUP_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = read(fd, text, size - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got < 0 ? -1 : 0;
}

static int write_text(const char *folder, const char *name, const char *text) {
    char path[CGROUP_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t put = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return put < 0 ? -1 : 0;
}

static int write_number(const char *folder, const char *name, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return write_text(folder, name, text);
}

/* Our own group below `controllers` ("memory"; "" for v2), as /proc/self/cgroup has it: "4:memory:/some/where". */
static bool own_group(const char *controllers, char *group, size_t size) {
    char text[4096];
    if (read_text("/proc/self", "cgroup", text, sizeof text) != 0)
        return false;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        char *names = strchr(line, ':');
        char *path = names != NULL ? strchr(names + 1, ':') : NULL;
        if (path == NULL)
            continue;
        *path++ = '\0';
        if (strcmp(names + 1, controllers) != 0)
            continue;
        snprintf(group, size, "%s", strcmp(path, "/") == 0 ? "" : path);
        return true;
    }
    return false;
}

static bool usable(const char *base) {
    return access(base, W_OK | X_OK) == 0;
}

/* In a container the path in /proc/self/cgroup may be the host's; the mounted root is our own group then. */
static bool find_v1(struct places *places) {
    static const char *const controller[2] = {"memory", "pids"};
    for (int i = 0; i < 2; i++) {
        char root[64], group[CGROUP_PATH];
        snprintf(root, sizeof root, "/sys/fs/cgroup/%s", controller[i]);
        if (!own_group(controller[i], group, sizeof group) ||
            snprintf(places->base[i], CGROUP_PATH, "%s%s", root, group) >= CGROUP_PATH - 64)
            return false;
        if (access(places->base[i], F_OK) != 0)
            snprintf(places->base[i], CGROUP_PATH, "%s", root);
        if (!usable(places->base[i]))
            return false;
    }
    places->version = 1;
    return true;
}

static bool hands_down(const char *base) {
    char text[256];
    return usable(base) && read_text(base, "cgroup.subtree_control", text, sizeof text) == 0 &&
           strstr(text, "memory") != NULL && strstr(text, "pids") != NULL;
}

/* The nearest group at or above ours that hands both controllers down and lets us in. */
static bool find_v2(struct places *places) {
    static const char root[] = "/sys/fs/cgroup";
    char *base = places->base[0], group[CGROUP_PATH];
    if (!own_group("", group, sizeof group) || snprintf(base, CGROUP_PATH, "%s%s", root, group) >= CGROUP_PATH - 64)
        return false;
    while (strlen(base) >= sizeof root - 1) {
        if (hands_down(base)) {
            places->version = 2;
            return true;
        }
        *strrchr(base, '/') = '\0';
    }
    return false;
}

static bool find_places(struct places *places) {
    *places = (struct places){0};
    return find_v2(places) || (memset(places, 0, sizeof *places), find_v1(places));
}

int cgroup_version(void) {
    struct places places;
    char probe[CGROUP_PATH], tag[OWNER_TAG];
    owner_tag(tag);
    if (!find_places(&places))
        return 0;
    for (int i = 0; i < (places.version == 1 ? 2 : 1); i++) {
        int length = snprintf(probe, sizeof probe, "%s/" TAG "%s-probe", places.base[i], tag);
        if (length >= CGROUP_PATH || mkdir(probe, 0755) != 0 || rmdir(probe) != 0)
            return 0;
    }
    return places.version;
}

/* Swap would let a child outlive its limit at the price of everybody's time; kernels without swap accounting lack the
 * file, so those writes may fail. */
static int limit(int version, char folder[2][CGROUP_PATH], uint64_t memory_bytes, unsigned processes) {
    const char *memory_file = version == 1 ? "memory.limit_in_bytes" : "memory.max";
    if (memory_bytes > 0) {
        if (write_number(folder[0], memory_file, memory_bytes) != 0)
            return -1;
        write_number(folder[0], version == 1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max",
                     version == 1 ? memory_bytes : 0);
        write_number(folder[0], version == 1 ? "memory.swappiness" : "memory.oom.group", version == 1 ? 0 : 1);
    }
    return processes > 0 ? write_number(folder[version == 1 ? 1 : 0], "pids.max", processes) : 0;
}

int cgroup_create(pid_t pid, uint64_t memory_bytes, unsigned processes, char folder[2][CGROUP_PATH]) {
    struct places places;
    char tag[OWNER_TAG];
    owner_tag(tag);
    folder[0][0] = folder[1][0] = '\0';
    if (!find_places(&places)) {
        errno = ENOENT;
        return -1;
    }
    int count = places.version == 1 ? 2 : 1, status = 0;
    for (int i = 0; i < count && status == 0; i++) {
        if (snprintf(folder[i], CGROUP_PATH, "%s/" TAG "%s-%d", places.base[i], tag, (int)pid) >= CGROUP_PATH) {
            errno = ENAMETOOLONG;
            status = -1;
        } else {
            status = mkdir(folder[i], 0755);
        }
    }
    if (status == 0)
        status = limit(places.version, folder, memory_bytes, processes);
    for (int i = 0; i < count && status == 0; i++)
        status = write_number(folder[i], "cgroup.procs", (uint64_t)pid);
    int error = errno;
    if (status != 0)
        cgroup_remove(folder);
    errno = error;
    return status;
}

bool cgroup_out_of_memory(char folder[2][CGROUP_PATH]) {
    char text[1024];
    if (folder[0][0] == '\0' || (read_text(folder[0], "memory.events", text, sizeof text) != 0 &&
                                 read_text(folder[0], "memory.oom_control", text, sizeof text) != 0))
        return false;
    const char *count = strstr(text, "oom_kill ");
    return count != NULL && strtoul(count + strlen("oom_kill "), NULL, 10) > 0;
}

static void kill_all(const char *folder) {
    char text[8192];
    if (write_text(folder, "cgroup.kill", "1") == 0 || read_text(folder, "cgroup.procs", text, sizeof text) != 0)
        return;
    for (char *end, *line = text; *line != '\0'; line = end) {
        long pid = strtol(line, &end, 10);
        if (end == line)
            break;
        if (pid > 1 && pid != (long)getpid())
            kill((pid_t)pid, SIGKILL);
    }
}

/* A killed process stays in its group until it has let go of its memory, so rmdir is tried for up to a second. */
static void remove_folder(const char *folder) {
    for (int i = 0; i < 1000 && rmdir(folder) != 0 && errno == EBUSY; i++) {
        kill_all(folder);
        nanosleep(&(struct timespec){.tv_nsec = i < 20 ? 100000 : 1000000}, NULL);
    }
}

void cgroup_remove(char folder[2][CGROUP_PATH]) {
    for (int i = 0; i < 2; i++) {
        if (folder[i][0] != '\0')
            remove_folder(folder[i]);
        folder[i][0] = '\0';
    }
}

void cgroup_clean_stale(void) {
    struct places places;
    if (!find_places(&places))
        return;
    for (int i = 0; i < (places.version == 1 ? 2 : 1); i++) {
        DIR *folder = opendir(places.base[i]);
        if (folder == NULL)
            continue;
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
            char path[CGROUP_PATH + 256];
            snprintf(path, sizeof path, "%s/%s", places.base[i], entry->d_name);
            if (strlen(path) < CGROUP_PATH && strncmp(entry->d_name, TAG, sizeof TAG - 1) == 0 &&
                owner_look(entry->d_name + sizeof TAG - 1) == OWNER_DEAD)
                remove_folder(path);
        }
        closedir(folder);
    }
}
