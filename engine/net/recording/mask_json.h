/* Redacts secrets in JSON: members by their names, and by the marks of the model. Serves mask and
 * exchange. */
#ifndef NET_RECORDING_MASK_JSON_H
#define NET_RECORDING_MASK_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct mask;

/* Replaces the texts of secret members at any depth. Returns true if there were any. */
bool mask_json(const struct mask *mask, json_t *value);

/* Appends a JSON document. If it cannot be parsed, it is only kept if it cannot hold a secret. */
void mask_json_text(const struct mask *mask, struct buf *out, const char *text, size_t length);

#endif
