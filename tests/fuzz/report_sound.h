/* SPDX-License-Identifier: MIT */
/* Every report of a result, and what holds of each of them. */
#ifndef TESTS_FUZZ_REPORT_SOUND_H
#define TESTS_FUZZ_REPORT_SOUND_H

#include "harness/report.h"

/* The locale that the program sets; once. */
void report_sound_init(void);

/* `choice` picks which of the reports to make: all of them for every input would cost more than it finds. */
void report_must_be_sound(const struct report_item *item, size_t count, unsigned choice);

/* Well-formed XML 1.0 as far as reports go: elements, attributes, text, the five entities. No document type, no
 * comment, no CDATA section. */
void xml_must_be_well_formed(const char *text);

#endif
