/* jsonl, json, csv and markdown: findings in the order in which they are added. Serves report, and
 * the formats that contain JSON. */
#ifndef REPORT_REPORT_LINES_H
#define REPORT_REPORT_LINES_H

#include <jansson.h>

#include "report/report_internal.h"

struct report;

extern const struct report_format report_jsonl;
extern const struct report_format report_json;
extern const struct report_format report_csv;
extern const struct report_format report_markdown;
/* Writes compact JSON without control characters, C1 included. */
void report_write_json(struct report *report, const json_t *value, const char *end);

#endif
