/* SPDX-License-Identifier: MIT */
/* PostgreSQL's client library, loaded when a store on a server is opened and not before: it brings twenty other
 * libraries along, which every start of the program would have to wait for and find room for. */
#ifndef HARNESS_STORE_LIBPQ_H
#define HARNESS_STORE_LIBPQ_H

#include <libpq-fe.h>

#include "grader/error.h"

#define LIBPQ_LIST(X)                                                                                                  \
    X(PQconnectdbParams)                                                                                               \
    X(PQconninfoParse)                                                                                                 \
    X(PQconninfoFree)                                                                                                  \
    X(PQfreemem)                                                                                                       \
    X(PQfinish)                                                                                                        \
    X(PQreset)                                                                                                         \
    X(PQstatus)                                                                                                        \
    X(PQerrorMessage)                                                                                                  \
    X(PQsetNoticeReceiver)                                                                                             \
    X(PQexec)                                                                                                          \
    X(PQexecParams)                                                                                                    \
    X(PQresultStatus)                                                                                                  \
    X(PQresultErrorField)                                                                                              \
    X(PQclear)                                                                                                         \
    X(PQnfields)                                                                                                       \
    X(PQntuples)                                                                                                       \
    X(PQftype)                                                                                                         \
    X(PQgetisnull)                                                                                                     \
    X(PQgetvalue)

/* Each function under its own name. */
struct libpq {
#define LIBPQ_MEMBER(name) __typeof__(&name) name;
    LIBPQ_LIST(LIBPQ_MEMBER)
#undef LIBPQ_MEMBER
};

/* The library stays loaded until the process ends, since some of what it brings along cannot be unloaded. */
int libpq_load(struct libpq *pq, struct error *err);

#endif
