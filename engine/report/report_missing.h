/* What is missing in a report. It is a finding, which every format shows; formats with a special
 * place for it (a banner, a footer, a notification) show it there too. Serves report and these
 * formats. */
#ifndef REPORT_REPORT_MISSING_H
#define REPORT_REPORT_MISSING_H

#include <jansson.h>

#include "base/buf.h"

struct report;

/* Records a finding that says that a target could not be listed, an account not entered, or what
 * the run did not look at. */
void missing_add(struct report *report, const json_t *finding);
/* An entry of report->missing as clean text. */
void missing_text(const json_t *entry, struct buf *out);
/* Writes all entries, one per line, for a terminal. */
void missing_footer(struct report *report);

#endif
