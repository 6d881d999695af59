#include "aws/model_compiler/metadata.h"

#include <string.h>

#include "aws/model/model.h"
#include "aws/model/model_format.h"
#include "aws/model_compiler/builder.h"
#include "aws/model_compiler/pool.h"

static uint32_t protocol_named(const char *name)
{
    static const char *const names[] = {"query", "ec2", "json", "rest-json", "rest-xml"};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0)
            return i; /* in the order of enum model_protocol */
    }
    return MODEL_UNSUPPORTED;
}

/* A service may support several protocols; the list is in its order of preference. Older models
 * have no list, but one protocol. */
static uint32_t protocol_of(const json_t *metadata)
{
    size_t index;
    json_t *name;
    json_array_foreach (json_object_get(metadata, "protocols"), index, name) {
        uint32_t protocol = protocol_named(json_is_string(name) ? json_string_value(name) : "");
        if (protocol != MODEL_UNSUPPORTED)
            return protocol;
    }
    return protocol_named(text_of(metadata, "protocol"));
}

static const char *namespace_of(const json_t *metadata)
{
    const json_t *space = json_object_get(metadata, "xmlNamespace");
    return json_is_string(space) ? json_string_value(space) : text_of(space, "uri");
}

static uint32_t flags_of(const json_t *metadata)
{
    uint32_t flags = 0;
    if (json_object_get(metadata, "awsQueryCompatible") != NULL)
        flags |= MODEL_FILE_QUERY_COMPATIBLE;
    if (strncmp(text_of(metadata, "signatureVersion"), "s3", 2) == 0)
        flags |= MODEL_FILE_S3;
    return flags;
}

static const char *first_of(const char *first, const char *second, const char *third)
{
    if (first[0] != '\0')
        return first;
    return second[0] != '\0' ? second : third;
}

/* If a model has no id, botocore derives it from the short name, without "Amazon" or "AWS". */
static const char *service_id(const json_t *metadata)
{
    const char *id =
        first_of(text_of(metadata, "serviceId"), text_of(metadata, "serviceAbbreviation"),
                 text_of(metadata, "serviceFullName"));
    if (strncmp(id, "Amazon ", 7) == 0)
        return id + 7;
    return strncmp(id, "AWS ", 4) == 0 ? id + 4 : id;
}

void metadata_add(struct builder *builder, const char *name)
{
    const json_t *metadata = json_object_get(builder->model, "metadata");
    struct model_file_header *header = &builder->header;
    struct pool *pool = &builder->pool;
    const char *prefix = text_of(metadata, "endpointPrefix");
    header->protocol = protocol_of(metadata);
    header->flags = flags_of(metadata);
    header->name = pool_add(pool, name);
    header->service_id = pool_add(pool, service_id(metadata));
    header->endpoint_prefix = pool_add(pool, prefix);
    header->signing_name = pool_add(pool, first_of(text_of(metadata, "signingName"), prefix, ""));
    header->api_version = pool_add(pool, text_of(metadata, "apiVersion"));
    header->json_version = pool_add(pool, text_of(metadata, "jsonVersion"));
    header->target_prefix = pool_add(pool, text_of(metadata, "targetPrefix"));
    header->xml_namespace = pool_add(pool, namespace_of(metadata));
    header->uid = pool_add(pool, text_of(metadata, "uid"));
    header->global_endpoint = pool_add(pool, text_of(metadata, "globalEndpoint"));
}
