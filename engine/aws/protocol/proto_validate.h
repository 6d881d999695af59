/* Parameters against the model, before anything is encoded. Messages name places, never values:
 * these may be secrets. Serves the client, and whoever plans a change. */
#ifndef AWS_PROTOCOL_PROTO_VALIDATE_H
#define AWS_PROTOCOL_PROTO_VALIDATE_H

#include <jansson.h>

#include "aws/model/model.h"
#include "base/err.h"

/* Checks parameters against the operation's input: unknown names (with did-you-mean), missing
 * required ones, wrong types, empty URI labels; every message has the path ("Attributes.Policy",
 * "Tags[2].Key"). ERR_PARAM. Ranges and patterns are left to AWS. */
int proto_validate(const struct model *model, model_operation operation, const json_t *params,
                   struct err *err);
/* The same of a change, or its inverse: texts and keys of maps are among the values that the model
 * lists, too, and a map that is required holds something. Of reads this is not asked: AWS adds
 * values before models know of them, and says itself when it does not know one; that makes a
 * verdict unknown. A change would be found wrong only when it is made, and its inverse when it is
 * needed. */
int proto_validate_change(const struct model *model, model_operation operation,
                          const json_t *params, struct err *err);

#endif
