/* SPDX-License-Identifier: MIT */
/* How a run stands among the earlier ones, in words. */
#ifndef HARNESS_STANDING_H
#define HARNESS_STANDING_H

#include "harness/store/store.h"

/* Sentences without a full stop, one on each line, none when there is nothing to compare with. `whose` is "your" or
 * "their". The caller frees. */
char *standing_words(const struct store_standing *standing, const struct result *now, const char *whose);

#endif
