/* SPDX-License-Identifier: MIT */
/* See store_libpq.h. */
#include "harness/store/store_libpq.h"

#include <dlfcn.h>
#include <string.h>

/* The name that belongs to the interface which this was compiled for. */
#define LIBRARY "libpq.so.5"

int libpq_load(struct libpq *pq, struct error *err) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return error_set(err, ERROR_HARNESS,
                         "a store on a PostgreSQL server needs " LIBRARY ", which cannot be loaded (%s); install it "
                         "(Debian: apt install libpq5), or name a file with --store.",
                         dlerror());
    const char *missing = NULL;
    void *symbol;
    /* Copied as bytes, because C knows no way from an object's address to a function's. */
#define LIBPQ_FIND(name)                                                                                               \
    if ((symbol = dlsym(library, #name)) == NULL)                                                                      \
        missing = #name;                                                                                               \
    else                                                                                                               \
        memcpy(&pq->name, &symbol, sizeof symbol);
    LIBPQ_LIST(LIBPQ_FIND)
#undef LIBPQ_FIND
    if (missing != NULL)
        return error_set(err, ERROR_HARNESS,
                         LIBRARY " has no %s, so it is too old for a store; install PostgreSQL's client library 12 or "
                                 "later.",
                         missing);
    return 0;
}
