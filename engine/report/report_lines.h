/* jsonl, json and csv: a finding as it comes, one after another. Serves report, and the formats
 * that hold JSON. */
#ifndef REPORT_REPORT_LINES_H
#define REPORT_REPORT_LINES_H

#include <jansson.h>

#include "report/report_internal.h"

struct report;

extern const struct report_format report_jsonl;
extern const struct report_format report_json;
extern const struct report_format report_csv;
/* As compact JSON without any control character, C1 included. */
void report_write_json(struct report *report, const json_t *value, const char *end);

#endif
