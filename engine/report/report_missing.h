/* What a report lacks: it is a finding, which every format shows, and those that have a place of
 * their own for it (a banner, a footer, a notification) say it there too. Serves report and these
 * formats. */
#ifndef REPORT_REPORT_MISSING_H
#define REPORT_REPORT_MISSING_H

#include <jansson.h>

#include "base/buf.h"

struct report;

/* Takes note of a finding that says that a place could not be listed. */
void missing_add_place(struct report *report, const json_t *finding);
/* Takes note of what the run did not look at, as report_missing. */
void missing_add(struct report *report, const char *kind, const char *message);
/* An entry of report->missing as clean text. */
void missing_text(const json_t *entry, struct buf *out);
/* All of it, a line each, for those who read on a terminal. */
void missing_footer(struct report *report);

#endif
