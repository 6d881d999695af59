/* Redacts secrets in JSON: members by their names, and by the marks of the model. Serves redaction
 * and recorded_exchange. */
#ifndef NET_RECORDING_REDACTION_JSON_H
#define NET_RECORDING_REDACTION_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct redaction;

/* Replaces the texts of secret members at any depth. Returns true if there were any. */
bool redaction_json(const struct redaction *redaction, json_t *value);

/* Appends a JSON document. If it cannot be parsed, it is only kept if it cannot hold a secret. */
void redaction_json_text(const struct redaction *redaction, struct buf *out, const char *text,
                         size_t length);

#endif
