/* Patterns of EventBridge for findings of Security Hub. Serves the command; calls the policies'
 * declarations. */
#ifndef GENERATE_GENERATE_HUB_H
#define GENERATE_GENERATE_HUB_H

#include <jansson.h>

#include "generate/generate.h"

/* The custom action whose findings the pattern selects: at most 20 characters. */
#define GENERATE_HUB_ACTION "Repair with engine"

/* A list: for imported findings that are open and not the engine's own, about types that have a
 * policy; and for findings that a person chose for the custom action. New. */
json_t *generate_hub(const struct generate_input *input);

#endif
