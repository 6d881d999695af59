/* EventBridge patterns for the events that policies watch. Serves `engine generate events`. */
#ifndef GENERATE_GENERATE_EVENTS_H
#define GENERATE_GENERATE_EVENTS_H

#include <stdbool.h>

#include "generate/generate.h"

/* A list of EventBridge patterns, new reference: each matches some watched events of one source,
 * but no failed calls. */
json_t *generate_events(const struct generate_input *input);
/* Is the pattern shorter than EventBridge's limit? */
bool generate_pattern_fits(const json_t *pattern);

#endif
