/* Redacts results for policies: the members that the API's model marks as sensitive, or that were
 * reviewed as secrets (engine/aws/operations/reads), unless the policy declares them. Serves
 * client.
 *
 * A text becomes REDACTED, a number or a timestamp 0, a boolean false. Lists and structures keep
 * their form, and maps keep their keys. A policy sees that there is a value, and nothing about
 * it. */
#ifndef AWS_CLIENT_REDACT_H
#define AWS_CLIENT_REDACT_H

#include <jansson.h>

#include "aws/model/model.h"

#define REDACTED "REDACTED"

/* Redacts in place. `declared`: a set of "service:Operation.Path.To.Member", where list indexes and
 * map keys are left out; such a member is kept with everything it contains. NULL: none. */
struct opset;
void redact(const struct model *model, model_operation operation, const struct opset *declared,
            json_t *result);

/* Redacts the JSON body of a request or response in place, for recordings. Returns whether anything
 * was redacted. `secret`: the whole body is. */
bool redact_wire(const struct model *model, model_shape shape, bool secret, json_t *body);
/* The text that replaces a value of this type. It can be parsed as that type. */
const char *redact_replacement(enum model_type type);

/* Whether the path exists in the operation's result: -1: no, 0: yes, without sensitive values, 1:
 * yes, and its value would be redacted. */
int redact_affects(const struct model *model, model_operation operation, const char *path);

/* Whether a text in the value is the marker of redaction. A redacted value must not be sent. */
bool redact_found(const json_t *value);

#endif
