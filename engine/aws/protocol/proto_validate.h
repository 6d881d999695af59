/* Checks parameters against the model before they are encoded. Messages name positions, never
 * values, which may be secrets. Serves the client, and code that plans a change. */
#ifndef AWS_PROTOCOL_PROTO_VALIDATE_H
#define AWS_PROTOCOL_PROTO_VALIDATE_H

#include <jansson.h>

#include "aws/model/model.h"
#include "base/err.h"

/* Checks parameters against the operation's input: unknown names (with did-you-mean), missing
 * required members, wrong types, empty URI labels. Every message has the path ("Attributes.Policy",
 * "Tags[2].Key"). ERR_PARAM. Ranges and patterns are left to AWS. */
int proto_validate(const struct model *model, model_operation operation, const json_t *params,
                   struct err *err);
/* The same for a change or its inverse. Also requires that texts and keys of maps are values that
 * the model lists, and that a required map is not empty. For reads this is not required: AWS adds
 * values before the models have them, and refuses unknown values itself, which makes the result
 * "unknown". A wrong change would be noticed only when it is made, and a wrong inverse only when it
 * is needed. */
int proto_validate_change(const struct model *model, model_operation operation,
                          const json_t *params, struct err *err);
/* A result of the operation, for tests of policies: unknown members, wrong types, and texts that
 * the model does not list. Members may be missing. */
int proto_validate_answer(const struct model *model, model_operation operation,
                          const json_t *result, struct err *err);

#endif
