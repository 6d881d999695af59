/* Text from outside, made harmless for whoever reads it: a terminal, a log, a report. A control
 * character is a command to a terminal; one that turns the direction of text makes it read as
 * something else ("Trojan Source", CVE-2021-42574). Serves the log and every report. */
#ifndef BASE_CLEAN_TEXT_H
#define BASE_CLEAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends `text` as one line: control and direction characters and bytes that are no UTF-8 become
 * U+FFFD, runs of blanks and line ends one blank. */
void text_clean(struct buf *out, const char *text, size_t length);

/* Appends `length` bytes of any text: control and direction characters and bytes that are no UTF-8
 * become U+FFFD, but line ends and tabs stay. */
void text_legible(struct buf *out, const char *text, size_t length);

/* Length of the character at `bytes` by RFC 3629, of which `left` are there; 0 when these are none.
 */
size_t text_decode(const char *bytes, size_t left, uint32_t *point);

#endif
