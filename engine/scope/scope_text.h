/* The record of a run's scope as text for people. Serves the formats of reports. */
#ifndef SCOPE_SCOPE_TEXT_H
#define SCOPE_SCOPE_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* Labels and texts, in the order in which people ask: new [["Engine","0.1.0, commit …"]…]. Of a
 * longer list, only `most` items are named and the others counted; 0: all are named. */
json_t *scope_rows(const json_t *scope, size_t most);
/* The same in two short lines: new ["scan by arn:… of 2 accounts, …", "engine 0.1.0 …"]. */
json_t *scope_brief(const json_t *scope);

#endif
