/* Text beside or below a row: the finding in words, and the calls of its repair. Serves
 * report_table. */
#ifndef REPORT_REPORT_TABLE_DETAILS_H
#define REPORT_REPORT_TABLE_DETAILS_H

#include <jansson.h>

struct table;

/* Adds the finding's summary, evidence, reasons and calls: below its row, or beside it. */
void table_details(struct table *table, const json_t *finding);

#endif
