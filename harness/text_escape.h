/* SPDX-License-Identifier: MIT */
/* Foreign text made harmless for the place where it is shown.
 *
 * What a candidate wrote (file names, source lines, printed text, names in compiler messages) may hold terminal control
 * sequences, text that reads backwards, bytes that are no UTF-8, or lines that a CI system obeys ("::notice ..."). */
#ifndef HARNESS_TEXT_ESCAPE_H
#define HARNESS_TEXT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the well-formed UTF-8 sequence at the start of `bytes` and its code point, or 0 if it is ill-formed. */
size_t text_decode(const char *bytes, size_t size, uint32_t *code);

/* One line for a terminal. Controls (C0, DEL, C1), bidirectional and invisible characters and bad UTF-8 become visible
 * escapes (\x1b, \u{202e}, \n); a tab becomes a space; without `utf8` so does everything beyond ASCII. Doing it twice
 * changes nothing, so a line may be escaped in parts and again as a whole. The caller frees. */
char *text_escape(const char *bytes, size_t size, bool utf8);

/* One line for a file that programs read: as text_escape with `utf8`, but the same in every locale. The caller
 * frees. */
char *text_line(const char *text);

/* As text_escape, but line feeds stay and every line is defused. */
char *text_escape_lines(const char *bytes, size_t size, bool utf8);

/* Takes away the power of "::command::" at the start of a line, whatever blanks precede it, and of "##[command]" and
 * "##vso[...]" anywhere in it, by putting a backslash in. Takes ownership of `line` and gives a new one. */
char *text_defuse(char *line);

/* Terminal columns of escaped text. */
size_t text_columns(const char *text);

/* Bytes of the longest part of escaped text that fits into so many columns. */
size_t text_fit(const char *text, size_t columns);

/* Valid UTF-8 without NUL for JSON: bad bytes and NUL become U+FFFD. The caller frees. */
char *text_utf8(const char *bytes, size_t size);

/* Printed JSON that means the same and holds nothing which a terminal or a build server would obey on its way to the
 * reader: "##", DEL, C1, bidirectional and invisible characters become \uXXXX. Takes ownership of `json` and gives a
 * new one. */
char *text_json(char *json);

/* Escaped for XML 1.0 content and attribute values; a character that XML cannot hold becomes [NON-XML-CHAR-0x1B], one
 * that would deceive the reader [U+202E], a byte that is no UTF-8 [NON-UTF-8-BYTE-0xFF]. Lines are defused too. The
 * caller frees. */
char *text_xml(const char *bytes, size_t size);

/* One shell word: as it is when harmless, else in single quotes; never an option. The caller frees. */
char *text_shell(const char *word);

#endif
