#include "aws/protocol/proto_rest_xml.h"

#include <string.h>

#include "aws/protocol/proto_rest.h"
#include "aws/protocol/proto_xml_decode.h"
#include "aws/protocol/proto_xml_encode.h"
#include "aws/protocol/shape.h"

/* A root without its own namespace has the namespace of the service. */
static int write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                 const char *root, const json_t *value)
{
    struct model_shape_info whole = *shape;
    if (whole.xml_namespace[0] == '\0') {
        whole.xml_namespace = proto->service->xml_namespace;
        whole.xml_prefix = "";
    }
    return proto_xml_write(proto, &whole, handle, root, value);
}

/* The result of GetBucketLocation is the text of the root element itself, empty for us-east-1. A
 * model cannot express that (botocore: parse_get_bucket_location). */
static json_t *read_location(const struct proto *proto, const struct xml_node *root)
{
    if (strcmp(proto->operation->name, "GetBucketLocation") != 0 ||
        strcmp(root->name, "LocationConstraint") != 0 || root->first_child != NULL)
        return NULL;
    json_t *result = json_object();
    if (root->text_length > 0)
        json_object_set_new(result, "LocationConstraint",
                            json_stringn_nocheck(root->text, root->text_length));
    return result;
}

static int read(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                const struct http_response *response, json_t **result)
{
    if (response->body_length == 0)
        return 0;
    struct xml_document *document = proto_xml_parse(proto, response);
    if (document == NULL)
        return -1;
    const struct xml_node *root = xml_root(document);
    *result = proto->service->s3 ? read_location(proto, root) : NULL;
    if (*result == NULL)
        *result = proto_xml_read(proto, shape, handle, root);
    xml_free(document);
    return *result != NULL ? 0 : -1;
}

static const struct rest_language xml_language = {write, read, "application/xml", ""};

int rest_xml_encode(struct proto *proto, const json_t *params)
{
    return rest_encode(proto, params, &xml_language);
}

int rest_xml_decode(struct proto *proto, const struct http_response *response, json_t **result)
{
    return rest_decode(proto, response, &xml_language, result);
}
