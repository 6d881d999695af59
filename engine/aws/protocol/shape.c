#include "aws/protocol/shape.h"

const json_t *proto_value(const json_t *params, const struct model_member *member)
{
    const json_t *value = json_object_get(params, member->name);
    return json_is_null(value) ? NULL : value;
}

int proto_enter(struct proto *proto)
{
    if (proto->depth == PROTO_MAX_NESTING)
        return err_set(proto->err, ERR_LIMIT, "nested deeper than %d levels", PROTO_MAX_NESTING);
    proto->depth++;
    return 0;
}

void proto_leave(struct proto *proto)
{
    proto->depth--;
}

bool proto_is_document(const struct model_shape_info *shape)
{
    return shape->type == MODEL_DOCUMENT || shape->document;
}

/* Locations only matter on the operation's own input and output, and in the REST protocols; labels
 * and queries only on the input. */
bool proto_in_body(const struct proto *proto, model_shape structure,
                   const struct model_member *member)
{
    enum model_protocol protocol = proto->service->protocol;
    if (member->location == MODEL_BODY ||
        (protocol != MODEL_REST_JSON && protocol != MODEL_REST_XML))
        return true;
    if (proto->request != NULL)
        return structure != proto->operation->input;
    return structure != proto->operation->output || member->location == MODEL_URI ||
           member->location == MODEL_QUERYSTRING;
}

const char *proto_bytes(const json_t *value, size_t *length)
{
    *length = json_string_length(value);
    return json_is_string(value) ? json_string_value(value) : "";
}
