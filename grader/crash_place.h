/* SPDX-License-Identifier: MIT */
/* What addr2line says about the address of a crash. It read debug information that the candidate's file shaped, so its
 * words are foreign text. */
#ifndef GRADER_CRASH_PLACE_H
#define GRADER_CRASH_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* "attention.c:41 in attention_row" from the two lines that `addr2line -f -s` prints, a function and a place. False,
 * and `place` is left alone, when one of them is missing or unknown. */
bool crash_place_read(const char *output, size_t output_size, char *place, size_t size);

#endif
