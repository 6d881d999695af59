/* The ec2Query protocol (Smithy: "AWS EC2 query protocol"): as awsQuery, but names are capitalized
 * or given apart, lists are always flattened and empty ones left out, and results not wrapped. */
#include <ctype.h>

#include "aws/protocol/proto_internal.h"

static void member_name(const struct model_member *member, struct buf *prefix)
{
    if (member->query_name[0] != '\0') {
        buf_adds(prefix, member->query_name);
    } else if (member->location_name[0] != '\0') {
        buf_addc(prefix, (char)toupper((unsigned char)member->location_name[0]));
        buf_adds(prefix, member->location_name + 1);
    }
}

static void list_name(const struct model_shape_info *list, bool own_name, struct buf *prefix)
{
    (void)list;
    (void)own_name;
    (void)prefix;
}

int ec2_encode(struct proto *proto, const json_t *params)
{
    static const struct query_dialect dialect = {member_name, list_name, false};
    return proto_query_encode(proto, params, &dialect);
}

int ec2_decode(struct proto *proto, const struct http_response *response, json_t **result)
{
    return query_decode(proto, response, result);
}
