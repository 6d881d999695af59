#include "aws/protocol/proto_custom.h"

#include <string.h>

#include "aws/protocol/proto_headers.h"
#include "aws/protocol/request.h"
#include "aws/protocol/shape.h"
#include "base/digest.h"
#include "value/uri.h"

#define MAX_SOURCE 4096u

static bool is_service(const struct proto *proto, const char *name)
{
    return strcmp(proto->service->name, name) == 0;
}

/* generate_idempotent_uuid */
static json_t *token(void)
{
    char text[37];
    random_uuid(text);
    return json_string(text);
}

/* fix_route53_ids: "/hostedzone/Z1" in a response is "Z1" in a request. */
static json_t *route53_id(const struct proto *proto, const struct model_member *member,
                          const json_t *value)
{
    struct model_shape_info shape;
    model_shape_info(proto->model, member->shape, &shape);
    if (strcmp(shape.name, "ResourceId") != 0 && strcmp(shape.name, "DelegationSetId") != 0 &&
        strcmp(shape.name, "ChangeId") != 0)
        return NULL;
    const char *slash = json_is_string(value) ? strrchr(json_string_value(value), '/') : NULL;
    return slash != NULL ? json_string_nocheck(slash + 1) : NULL;
}

/* handle_copy_source_param: the key in CopySource is percent-encoded, the version is not. */
static json_t *copy_source(const json_t *value)
{
    if (!json_is_string(value))
        return NULL;
    const char *text = json_string_value(value), *version = strstr(text, "?versionId=");
    struct buf source;
    buf_init(&source, MAX_SOURCE);
    uri_encode(&source, text, version != NULL ? (size_t)(version - text) : strlen(text), true);
    buf_adds(&source, version != NULL ? version : "");
    json_t *encoded = source.failed ? NULL : json_string_nocheck(buf_text(&source));
    buf_clear(&source);
    return encoded;
}

/* The value to send for a member instead of `value`, or NULL: send `value`. */
static json_t *custom_value(const struct proto *proto, const struct model_member *member,
                            const json_t *value)
{
    if (value == NULL) {
        if (member->idempotency_token)
            return token();
        /* inject_account_id: the caller's own account */
        return is_service(proto, "glacier") && strcmp(member->name, "accountId") == 0
                   ? json_string("-")
                   : NULL;
    }
    if (is_service(proto, "route53"))
        return route53_id(proto, member, value);
    if (is_service(proto, "s3") && strcmp(member->name, "CopySource") == 0)
        return copy_source(value);
    return NULL;
}

json_t *proto_custom_params(const struct proto *proto, json_t *params)
{
    struct model_shape_info input;
    struct model_member member;
    json_t *result = json_incref(params);
    model_shape_info(proto->model, proto->operation->input, &input);
    for (size_t i = 0; i < input.member_count; i++) {
        model_member_at(proto->model, proto->operation->input, i, &member);
        json_t *value = custom_value(proto, &member, proto_value(params, &member));
        if (value == NULL)
            continue;
        if (result == params) {
            json_decref(result);
            result = json_is_object(params) ? json_copy(params) : json_object();
        }
        json_object_set_new(result, member.name, value);
    }
    return result;
}

int proto_custom_headers(struct proto *proto)
{
    const char *version = proto->service->api_version;
    if (is_service(proto, "glacier")) /* add_glacier_version */
        return proto_header(proto, "x-amz-glacier-version", version, strlen(version));
    if (is_service(proto, "apigateway") && !proto_has_header(proto->request, "Accept"))
        return proto_header(proto, "Accept", "application/json", 16); /* add_accept_header */
    return 0;
}
