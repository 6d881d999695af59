/* Writes findings for people and programs, in the formats of --format, to stdout or --output
 * (base/output.h: a report is complete or absent), which may be an object in S3. Streams if the
 * format allows it. Serves run. All text from outside is escaped as the format requires; control
 * characters in an id never reach a terminal. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "settings/settings.h"

struct compliance;
struct report;
/* ERR_USAGE/ERR_IO if the output cannot be opened. Compliant findings are left out unless `all` is
 * set (junit includes them in any case). */
struct report *report_open(const struct settings *settings, struct err *err);
/* Counts findings for the controls of a framework, and shows these where the format has room for
 * them. Call it before the first finding; NULL: none. Borrowed. */
void report_set_compliance(struct report *report, struct compliance *compliance);
/* Where reports go that --output names by s3://: `put` writes the whole file at the URL. Call it
 * before report_close. Borrowed. */
struct report_store {
    int (*put)(void *self, const char *url, int fd, struct err *err);
    void *self;
};
void report_set_store(struct report *report, const struct report_store *store);
void report_add(struct report *report, const json_t *finding);
/* Are compliant findings left out? If so, they need not be made: report_add_compliant counts those
 * of one resource. */
bool report_counts_compliant(const struct report *report);
void report_add_compliant(struct report *report, uint64_t who, size_t count);
/* The run did not look at everything it was given: every format says so, with a finding
 * ("run.complete", unknown) and in its own way. `kind` as in finding_incomplete. Call it before
 * report_close. Targets that could not be listed have findings and need no such message. */
void report_missing(struct report *report, const char *kind, const char *message);
/* Does the format have a place for the record of the run's scope? jsonl, csv, asff and ocsf have
 * none, and json only beside the controls of a framework. */
bool report_shows_scope(const struct report *report);
/* Adds to a record "results", the counts of what was reported, and "complete". Call it after the
 * last finding. */
void report_count_scope(const struct report *report, json_t *scope);
/* The record for the report to show. Call it before report_close. */
void report_set_scope(struct report *report, json_t *scope);
struct report_totals;
/* What was reported so far, counted. Borrowed. */
const struct report_totals *report_counts(const struct report *report);
/* Prints totals by status and remediation to stderr if it is a terminal: "12 resources, 31 checks:
 * 4 non-compliant …". 0, or ERR_IO if any write failed. Frees. */
int report_close(struct report *report, struct err *err);
/* Discards the report: the output file stays as it was. Frees. */
void report_drop(struct report *report);
/* The process ends at once: removes the temporary file, and nothing else. */
void report_abandon(struct report *report);

#endif
