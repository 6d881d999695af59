/* Escapes text of findings for other formats. Serves report_html, report_lines, report_junit,
 * report_sarif and report_asff. */
#ifndef REPORT_REPORT_ESCAPE_H
#define REPORT_REPORT_ESCAPE_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends text for XML and HTML, as content or within quotes. */
void report_escape(struct buf *out, const char *text, size_t length);
/* Appends compact JSON. No terminal interprets any of it; for a page, it can stand in a script
 * element, where no part of it looks like HTML. */
enum json_use { JSON_FOR_TEXT, JSON_FOR_PAGE };
void report_escape_json(struct buf *out, const json_t *value, enum json_use use);
/* A new JSON string of at most `max` bytes, never cut within a character. */
json_t *report_cut(const char *text, size_t max);
/* One sentence for a message: the title, the summary and the reason. */
void report_sentence(struct buf *out, const json_t *finding);

#endif
