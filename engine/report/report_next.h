/* The commands that continue after a summary, to be copied into a shell: the same program and
 * options as this run, for the same accounts, regions and types (settings/settings_again.h). Serves
 * report_summary_text. */
#ifndef REPORT_REPORT_NEXT_H
#define REPORT_REPORT_NEXT_H

#include <jansson.h>

#include "base/buf.h"

struct report;

/* Appends a line for each, or nothing if nothing is left. `checks` holds the checks of which
 * findings are left: {CHECK:{"rank","count"}}. */
void next_commands(const struct report *report, json_t *checks, struct buf *out);

#endif
