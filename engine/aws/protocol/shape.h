/* One encoding or decoding, and the model's shapes as a member sees them. Serves every file of this
 * room; calls model. */
#ifndef AWS_PROTOCOL_SHAPE_H
#define AWS_PROTOCOL_SHAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"
#include "aws/protocol/request.h"
#include "base/err.h"

#define PROTO_MAX_NESTING 512

/* The state of one encoding or decoding. */
struct proto {
    const struct model *model;
    const struct model_info *service;
    const struct model_operation_info *operation;
    struct proto_request *request; /* encoding only */
    struct err *err;
    int depth;
};

/* The value of a member, or NULL if it is absent or null. */
const json_t *proto_value(const json_t *params, const struct model_member *member);
/* Enters a container: ERR_LIMIT beyond PROTO_MAX_NESTING. */
int proto_enter(struct proto *proto);
void proto_leave(struct proto *proto);
bool proto_is_document(const struct model_shape_info *shape);
/* Is the structure's member sent in the body? */
bool proto_in_body(const struct proto *proto, model_shape structure,
                   const struct model_member *member);
/* The bytes of a string value and their length; "" for any other value. */
const char *proto_bytes(const json_t *value, size_t *length);

#endif
