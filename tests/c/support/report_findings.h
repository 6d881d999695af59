/* Findings for reports, and reports that are written and read back, for the tests of reports. The
 * set-up creates a folder and fixes the clock; the tear-down fails if a file is left. */
#ifndef TESTS_REPORT_FINDINGS_H
#define TESTS_REPORT_FINDINGS_H

#include "policy/finding.h"
#include "report/report.h"

#define HOSTILE "q\x1b[31m\"<b>&\n\xc2\x9b\x7f'"
#define VERDICTS 11

extern struct settings report_settings; /* .output is report_path */
extern char report_path[96];

int report_set_up(void **state);
int report_tear_down(void **state);

json_t *report_finding(const char *id, const char *check, const char *status,
                       const char *remediation);
struct report *report_begin(enum settings_format format);
void report_give(struct report *report, json_t *finding); /* takes ownership of the finding */
/* One finding of each verdict (VERDICTS); two resources, the second with the id HOSTILE. */
void report_add_all(struct report *report);
/* Closes the report, which must succeed; its text is valid until the next call. */
const char *report_end(struct report *report);

void report_has(const char *text, const char *part);
void report_lacks(const char *text, const char *part);

#endif
