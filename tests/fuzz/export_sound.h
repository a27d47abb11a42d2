/* SPDX-License-Identifier: MIT */
/* Every export of results, and what holds of each of them. */
#ifndef TESTS_FUZZ_EXPORT_SOUND_H
#define TESTS_FUZZ_EXPORT_SOUND_H

#include "harness/result/result.h"

/* The results are trimmed by this, and every export must say the same afterwards. */
void exports_must_be_sound(struct result *result, size_t count);

#endif
