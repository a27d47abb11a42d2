/* SPDX-License-Identifier: MIT */
#include "tests/hostile/leftovers.h"

#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DYING_MS = 3000 };

static void reap_zombies(pid_t victim) {
    siginfo_t info = {0};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0 && info.si_pid != victim) {
        waitpid(info.si_pid, NULL, 0);
        info.si_pid = 0;
    }
}

/* A child of ours other than the victim, or 0. The caller has one thread. */
static pid_t find_child(pid_t victim) {
    char path[64];
    pid_t found = 0;
    int pid = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    while (found == 0 && fscanf(file, "%d", &pid) == 1)
        found = pid != victim ? pid : 0;
    fclose(file);
    return found;
}

static void name_of(pid_t pid, char name[20]) {
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL || fscanf(file, "%19s", name) != 1)
        strcpy(name, "?");
    if (file != NULL)
        fclose(file);
}

/* Killed already and on its way out, which takes its time where much memory is to be given back. */
static bool is_dying(pid_t pid) {
    enum { FIELD_FLAGS = 9, FIELD_PENDING = 31, EXITING = 0x4 };
    char path[48], text[1024];
    unsigned long value[FIELD_PENDING + 1] = {0};
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return true;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    char *at = strrchr(text, ')'); /* the second field, which may hold anything */
    for (int i = 2; i < FIELD_PENDING && at != NULL; i++) {
        at = strchr(at + 1, ' ');
        if (at != NULL)
            value[i + 1] = strtoul(at, NULL, 10);
    }
    return (value[FIELD_FLAGS] & EXITING) != 0 || (value[FIELD_PENDING] >> (SIGKILL - 1) & 1) != 0;
}

bool leftovers_no_process(pid_t victim, int grace_ms, char *why, size_t size) {
    pid_t child = 0;
    char name[20];
    for (int waited_ms = 0;; waited_ms += 5) {
        reap_zombies(victim);
        child = find_child(victim);
        if (child <= 0 || (waited_ms >= grace_ms && (waited_ms >= DYING_MS || !is_dying(child))))
            break;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    if (child == 0)
        return true;
    if (child < 0) {
        snprintf(why, size, "the kernel does not list a process's children, so nothing can be said of those left");
        return false;
    }
    name_of(child, name);
    snprintf(why, size, "a process was left behind (%s)", name);
    /* The death of one may hand its own children to us. */
    for (int i = 0; i < 1000 && (child = find_child(victim)) > 0; i++) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    return false;
}

size_t leftovers_count_mounts(const char *folder) {
    char line[4096];
    size_t count = 0;
    FILE *file = fopen("/proc/self/mountinfo", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        count += strstr(line, folder) != NULL || strstr(line, " /tmp ") != NULL;
    if (file != NULL)
        fclose(file);
    return count;
}

/* Looks at names only: what is in a group's files does not matter, and there are many. */
static bool find_group(const char *folder, const char *prefix, int depth, char *found, size_t size) {
    char path[1024];
    DIR *stream = opendir(folder);
    bool seen = false;
    for (struct dirent *entry; stream != NULL && !seen && (entry = readdir(stream)) != NULL;) {
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path)
            continue;
        seen = strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
        if (seen)
            snprintf(found, size, "%s", path);
        else if (depth > 0)
            seen = find_group(path, prefix, depth - 1, found, size);
    }
    if (stream != NULL)
        closedir(stream);
    return seen;
}

bool leftovers_no_cgroup(pid_t grader, char *why, size_t size) {
    char prefix[32], found[1024];
    snprintf(prefix, sizeof prefix, "harness-%d-", (int)grader);
    if (!find_group("/sys/fs/cgroup", prefix, 8, found, sizeof found))
        return true;
    snprintf(why, size, "the control group %.120s was left behind", found);
    rmdir(found);
    return false;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info, (void)kind, (void)walk;
    remove(path);
    return 0;
}

void leftovers_remove(const char *folder) {
    nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

bool leftovers_empty_folder(const char *folder, char *why, size_t size) {
    char name[256] = "";
    DIR *stream = opendir(folder);
    for (struct dirent *entry; stream != NULL && name[0] == '\0' && (entry = readdir(stream)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            strcpy(name, entry->d_name);
    if (stream != NULL)
        closedir(stream);
    if (stream != NULL && name[0] == '\0')
        return true;
    snprintf(why, size, "the folder for temporary files still holds %.100s", stream != NULL ? name : "who knows what");
    leftovers_remove(folder);
    mkdir(folder, 0700);
    return false;
}
