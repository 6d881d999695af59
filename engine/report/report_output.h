/* Where the formats write: the report's file or what is spooled before it. The first failure is
 * kept for report_close. Serves every format; calls nothing of this room. */
#ifndef REPORT_REPORT_OUTPUT_H
#define REPORT_REPORT_OUTPUT_H

#include "base/buf.h"

struct report;

/* Writes go here; the first failure is kept for report_close. */
void report_write(struct report *report, const struct buf *text);
void report_puts(struct report *report, const char *text);
/* Writes `head`, then what was spooled; what is written from now on follows it. */
void report_unspool(struct report *report, const struct buf *head);

#endif
