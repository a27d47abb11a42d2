/* SPDX-License-Identifier: MIT */
/* See store.h. Where the store is, and what both drivers share: statements and transactions that are begun again when a
 * connection was lost. */
#include "harness/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/heap.h"
#include "harness/store/schema.h"
#include "harness/store/store_driver.h"

/* Folders on the way to a file of the user's own; only the user may look into them. */
static int make_folders(char *path, struct error *err) {
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int code = mkdir(path, 0700) != 0 ? errno : 0;
        struct stat status;
        if (code != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
            code = 0;
        if (code != 0)
            error_set(err, ERROR_USER,
                      "cannot make the folder '%s' for the store: %s; name a file of yours with --store, or keep "
                      "nothing with --no-store.",
                      path, strerror(code));
        *slash = '/';
        if (code != 0)
            return -1;
    }
    return 0;
}

/* A path that is not absolute is no path here: that is the rule for these variables. The caller frees. */
static char *own_place(struct error *err) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state != NULL && state[0] == '/')
        return heap_format("%s/harness/results.db", state);
    if (home != NULL && home[0] == '/')
        return heap_format("%s/.local/state/harness/results.db", home);
    error_set(err, ERROR_USER,
              "there is no place for the store, because HOME is not set; name a file with --store, or "
              "keep nothing with --no-store.");
    return NULL;
}

static bool is_url(const char *place) {
    return strncmp(place, "postgresql://", 13) == 0 || strncmp(place, "postgres://", 11) == 0;
}

/* NULL with an error, or where the store is. */
static char *find_place(const char *where, bool create, struct error *err) {
    const char *named = where != NULL ? where : getenv("HARNESS_STORE");
    if (where != NULL && where[0] == '\0') {
        error_set(err, ERROR_USER,
                  "the name of the store is empty; give --store a file or postgresql://host/database.");
        return NULL;
    }
    if (named != NULL && named[0] != '\0')
        return heap_format("%s", named);
    char *place = own_place(err);
    if (place != NULL && create && make_folders(place, err) != 0) {
        free(place);
        return NULL;
    }
    return place;
}

static int open_place(char *place, bool create, struct store **store, struct error *err) {
    struct store *opened = heap_zeroed(1, sizeof *opened);
    opened->place = place;
    int status = is_url(place) ? store_postgresql_open(opened, err) : store_sqlite_open(opened, create, err);
    if (status == 0)
        status = schema_upgrade(opened, SCHEMA_VERSION, err);
    if (status == 0)
        *store = opened;
    else
        store_close(opened);
    return status;
}

int store_open(const char *where, struct store **store, struct error *err) {
    *store = NULL;
    char *place = find_place(where, true, err);
    return place != NULL ? open_place(place, true, store, err) : -1;
}

int store_open_old(const char *where, struct store **store, struct error *err) {
    *store = NULL;
    char *place = find_place(where, false, err);
    if (place == NULL)
        return -1;
    if (where == NULL && !is_url(place) && access(place, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        free(place);
        return 0;
    }
    return open_place(place, false, store, err);
}

void store_close(struct store *store) {
    if (store == NULL)
        return;
    if (store->handle != NULL)
        store->driver->close(store);
    free(store->place);
    free(store);
}

static bool is_lost(struct store *store) {
    return store->driver->lost != NULL && store->driver->lost(store);
}

int store_run(struct store *store, const char *sql, const struct store_value *value, size_t count, store_row_seen *row,
              void *context, struct error *err) {
    int status = store->driver->run(store, sql, value, count, row, context, err);
    if (status == 0 || !is_lost(store) || store->driver->connect_again(store, err) != 0)
        return status;
    return store->driver->run(store, sql, value, count, row, context, err);
}

int store_transaction(struct store *store, int (*body)(struct store *store, void *context, struct error *err),
                      void *context, struct error *err) {
    for (int attempt = 1;; attempt++) {
        if (store->driver->script(store, store->driver->begin, err) == 0 && body(store, context, err) == 0 &&
            store->driver->script(store, "COMMIT", err) == 0)
            return 0;
        if (!is_lost(store)) {
            store->driver->script(store, "ROLLBACK", NULL);
            return -1;
        }
        if (attempt > 1 || store->driver->connect_again(store, err) != 0)
            return -1;
    }
}
