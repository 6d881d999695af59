/* The results of a framework's controls in the formats that show them: the table and the summary,
 * JSON and HTML. Serves these formats; calls compliance. */
#ifndef REPORT_REPORT_COMPLIANCE_H
#define REPORT_REPORT_COMPLIANCE_H

#include "base/buf.h"

struct report;

/* Each writes nothing without --compliance. */
void report_compliance_text(struct report *report);
void report_compliance_html(const struct report *report, struct buf *out);

#endif
