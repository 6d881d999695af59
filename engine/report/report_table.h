/* The table for a terminal: a row for each finding that is left, and the lines below it. Serves
 * report; calls report_table_text and report_table_details. */
#ifndef REPORT_REPORT_TABLE_H
#define REPORT_REPORT_TABLE_H

#include "report/report_internal.h"

extern const struct report_format report_table;

/* The findings of the rows that are written together. */
struct table_batch;
void table_batch_free(struct table_batch *batch);

#endif
