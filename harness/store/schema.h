/* SPDX-License-Identifier: MIT */
/* The tables of the store, as the steps that lead to them. */
#ifndef HARNESS_SCHEMA_H
#define HARNESS_SCHEMA_H

#include "harness/store/store_driver.h"

enum { SCHEMA_VERSION = 2 };

/* Takes the store from the version that it has to `version`, each step in a transaction of its own. A store that is
 * newer than SCHEMA_VERSION is refused. */
int schema_upgrade(struct store *store, int64_t version, struct error *err);

#endif
