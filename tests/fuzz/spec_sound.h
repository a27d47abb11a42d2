/* SPDX-License-Identifier: MIT */
/* What holds of every specification that the reader accepts. */
#ifndef TESTS_FUZZ_SPEC_SOUND_H
#define TESTS_FUZZ_SPEC_SOUND_H

#include "grader/spec.h"

void spec_must_be_sound(const struct spec *spec);

#endif
