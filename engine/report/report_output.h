/* The output of the formats: the report's file, or the spooled text before it. Serves every format;
 * calls nothing in this room. */
#ifndef REPORT_REPORT_OUTPUT_H
#define REPORT_REPORT_OUTPUT_H

#include "base/buf.h"

struct report;

/* Writes to the output; the first failure is kept for report_close. */
void report_write(struct report *report, const struct buf *text);
void report_puts(struct report *report, const char *text);
/* Writes `head`, then the spooled text; later text follows it. */
void report_unspool(struct report *report, const struct buf *head);

#endif
