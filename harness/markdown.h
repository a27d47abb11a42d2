/* SPDX-License-Identifier: MIT */
/* A statement (README.md) as plain text for 80 columns: headings, lists, code, tables, and formulas in plain letters.
 * It reads the Markdown that statements are written in, not all that there is. */
#ifndef HARNESS_MARKDOWN_H
#define HARNESS_MARKDOWN_H

#include "harness/screen.h"

void markdown_show(const struct screen *screen, const char *text);

/* Inline marks taken away: **bold**, *emphasis*, [text](url), $formula$, \escapes; `code` stays. The caller frees. */
char *markdown_inline(const char *text);

/* "\frac{a}{b_{ij}} \le \sqrt{x}" -> "(a)/(b_ij) <= sqrt(x)". The caller frees. */
char *markdown_formula(const char *text, size_t size);

#endif
