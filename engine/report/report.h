/* Findings for people and machines, in the formats of --format, to stdout or --output
 * (base/output.h: a report is whole or absent). Streaming where the format allows. Serves run.
 * Everything from outside is escaped in the format's own way; a terminal never sees control
 * characters of an id. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "settings/settings.h"

struct report;
/* ERR_USAGE/ERR_IO when the output cannot be opened. Compliant findings are left out unless `all`
 * (junit and html count them all the same). */
struct report *report_open(const struct settings *settings, struct err *err);
void report_add(struct report *report, const json_t *finding);
/* Are compliant findings left out? Then they need not be made: report_add_compliant counts those
 * of one resource. */
bool report_counts_compliant(const struct report *report);
void report_add_compliant(struct report *report, uint64_t who, size_t count);
/* The run did not look at all that it was told to: every format says so, by a finding
 * ("run.complete", unknown) and in its own way. `kind` as in finding_incomplete. Before the close.
 * Places that could not be listed are findings, and need no such word. */
void report_missing(struct report *report, const char *kind, const char *message);
/* Totals by status and remediation, "12 resources, 31 checks: 4 non-compliant …": on a terminal to
 * stderr. 0, or ERR_IO when writing failed at any time. Frees. */
int report_close(struct report *report, struct err *err);
/* Nothing is to be reported: what stands under the name stays as it was. Frees; NULL is allowed. */
void report_drop(struct report *report);
/* The process ends at once: removes the temporary file, and nothing else. */
void report_abandon(struct report *report);

#endif
