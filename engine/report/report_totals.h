/* How each finding is counted, and the counts; texts about a finding that all formats share. Serves
 * report and every format. */
#ifndef REPORT_REPORT_TOTALS_H
#define REPORT_REPORT_TOTALS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "policy/finding.h"
#include "policy/resource.h"
#include "policy/verdict.h"

/* A number that distinguishes resources. */
uint64_t report_resource_hash(const struct resource *resource);

/* How a finding is counted: by its status, and if it is non-compliant, by the result of its
 * repair. */
enum total {
    TOTAL_FAILED,
    TOTAL_UNKNOWN,
    TOTAL_PENDING,
    TOTAL_HELD,
    TOTAL_PLANNED,
    TOTAL_AVAILABLE,
    TOTAL_NONE,
    TOTAL_FIXED,
    TOTAL_EXEMPT,
    TOTAL_GONE,
    TOTAL_COMPLIANT,
    TOTAL_COUNT
};

struct report_totals {
    size_t resources, checks;
    size_t by_total[TOTAL_COUNT];
    size_t open_by_severity[5]; /* findings that are left, by severity_rank */
    size_t by_mark[MARK_COUNT]; /* findings by their mark */
    size_t unknown_by_cause[CAUSE_COUNT];
    uint64_t last; /* resource of the last finding: its checks follow one another */
};

enum total total_of(const json_t *finding);
const char *total_word(enum total total); /* "without repair" */
/* Why it is held, exempt, unknown or failed; "" if there is nothing more to say. Borrowed. */
const char *finding_why(const json_t *finding);
/* A value as text: compact JSON, a string without its quotes, nothing for null. */
void report_value(struct buf *out, const json_t *value);
/* SHA-256 of the finding's identity in hex. */
void report_fingerprint(const json_t *finding, char out[65]);

/* New {"resources","checks","compliant","unknown",…}: every count, also 0. */
json_t *totals_json(const struct report_totals *totals);

void totals_add(struct report_totals *totals, const json_t *finding);
void totals_add_compliant(struct report_totals *totals, uint64_t who, size_t count);
/* "14 resources · 31 checks: 5 fixed, 2 held" */
void totals_text(const struct report_totals *totals, struct buf *out);

#endif
