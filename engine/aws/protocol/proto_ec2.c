#include "aws/protocol/proto_ec2.h"

#include <ctype.h>

#include "aws/protocol/proto_query.h"
#include "aws/protocol/shape.h"

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
