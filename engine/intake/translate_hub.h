/* Findings of AWS Security Hub to resource lines, so that the engine audits and repairs what
 * Security Hub found. Serves translate. */
#ifndef INTAKE_TRANSLATE_HUB_H
#define INTAKE_TRANSLATE_HUB_H

#include <jansson.h>
#include <stdbool.h>

#include "intake/translate.h"

/* Is it an event about findings: imported, or chosen by a person for a custom action? Only AWS can
 * send one. */
bool translate_is_hub(const json_t *envelope);
/* A line for each resource of an open finding whose type has a policy. Imported findings that the
 * engine itself sent have none: what it found, it has audited. A person may choose these, too. */
void translate_hub(const struct context *context, const json_t *envelope,
                   const struct translate_target *target);

#endif
