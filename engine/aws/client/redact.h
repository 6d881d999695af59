/* What policies do not get to see: members of answers that the API's model marks as sensitive,
 * or that were reviewed as secrets (engine/aws/operations/reads), unless the policy declares
 * them. Serves client.
 *
 * A text becomes REDACTED, a number or a time 0, a flag false; lists and structures keep their
 * form, maps their keys. So a policy sees that there is a value, and nothing of it. */
#ifndef AWS_CLIENT_REDACT_H
#define AWS_CLIENT_REDACT_H

#include <jansson.h>

#include "aws/model/model.h"

#define REDACTED "REDACTED"

/* In place. `declared`: a set of "service:Operation.Path.To.Member", without lists and keys of
 * maps; what stands in it is kept, with all that it holds. NULL: none. */
struct opset;
void redact(const struct model *model, model_operation operation, const struct opset *declared,
            json_t *result);

/* A body of JSON as it was sent or answered, in place, for recordings: whether something was
 * covered. `secret`: all of it is. */
bool redact_wire(const struct model *model, model_shape shape, bool secret, json_t *body);
/* What stands there for a text of this type, so that it can be read as one. */
const char *redact_stands_for(enum model_type type);

/* Whether the path leads to something in the operation's answer (-1: not, 0: to nothing sensitive,
 * 1: to what would be redacted). */
int redact_covers(const struct model *model, model_operation operation, const char *path);

/* Whether a text of the value is the marker: what was redacted must not be sent. */
bool redact_found(const json_t *value);

#endif
