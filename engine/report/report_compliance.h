/* The results of a framework's controls as text. Serves the table and the summary; calls
 * compliance. */
#ifndef REPORT_REPORT_COMPLIANCE_H
#define REPORT_REPORT_COMPLIANCE_H

struct report;

/* Writes nothing without --compliance. */
void report_compliance_text(struct report *report);

#endif
