/* The awsQuery protocol (Smithy: "AWS Query protocol"), and the parts that ec2Query shares with
 * it. */
#ifndef AWS_PROTOCOL_PROTO_QUERY_H
#define AWS_PROTOCOL_PROTO_QUERY_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/model/model_shape.h"
#include "aws/protocol/shape.h"
#include "base/buf.h"
#include "net/http/http.h"

/* The differences between query and ec2. */
struct query_dialect {
    /* Appends the name of a member to the prefix. */
    void (*member_name)(const struct model_member *member, struct buf *prefix);
    /* Appends the text before an element's index; own_name: the member gave the list its name. */
    void (*list_name)(const struct model_shape_info *list, bool own_name, struct buf *prefix);
    bool writes_empty_lists;
};
int proto_query_encode(struct proto *proto, const json_t *params,
                       const struct query_dialect *dialect);

int query_encode(struct proto *proto, const json_t *params);
int query_decode(struct proto *proto, const struct http_response *response, json_t **result);

#endif
