/* Makes text from outside harmless for a terminal, a log or a report, and for a command that
 * somebody copies into a shell. A terminal obeys control characters as commands; a character that
 * changes the text direction makes text read as something else ("Trojan Source", CVE-2021-42574).
 * Serves the log, every report, and all messages that show a command. */
#ifndef BASE_CLEAN_TEXT_H
#define BASE_CLEAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends `text` as one line: control and direction characters, and bytes that are not valid UTF-8,
 * become U+FFFD; each run of white space becomes one space. */
void text_clean(struct buf *out, const char *text, size_t length);

/* Appends `length` bytes of text: control and direction characters, and bytes that are not valid
 * UTF-8, become U+FFFD; line ends and tabs are kept. */
void text_legible(struct buf *out, const char *text, size_t length);

/* Appends one word of a shell command: as it is if it has only letters, digits and _-=+:,./@%,
 * otherwise within single quotes. Control characters stay: call text_clean or text_legible on what
 * is shown. */
void text_shell_add(struct buf *out, const char *word);
/* The same as a new text (mem_free). */
char *text_shell(const char *word);

/* The length of the UTF-8 character (RFC 3629) at `bytes`, of which `left` are available; 0 if it
 * is not valid. */
size_t text_decode(const char *bytes, size_t left, uint32_t *point);

#endif
