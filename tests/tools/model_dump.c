/* model_dump DIR [SERVICE...]: prints what the reader finds in compiled models, one JSON object per
 * line, for comparison with the models' source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/model/model.h"
#include "aws/model/model_open.h"
#include "aws/model/model_shape.h"
#include "base/mem.h"
#include "value/json.h"

static const char *const types[] = {"structure", "list",    "map",       "string",
                                    "blob",      "boolean", "integer",   "long",
                                    "float",     "double",  "timestamp", "document"};
static const char *const times[] = {"", "iso8601", "unixTimestamp", "rfc822"};
static const char *const locations[] = {"",    "header",      "headers",
                                        "uri", "querystring", "statusCode"};
static const char *const protocols[] = {"query",     "ec2",      "json",
                                        "rest-json", "rest-xml", "unsupported"};

/* Absent, empty and false values are left out, as in the source. */
static void put_text(json_t *object, const char *key, const char *text)
{
    if (text[0] != '\0')
        json_object_set_new(object, key, json_string(text));
}

static void put_flag(json_t *object, const char *key, bool flag)
{
    if (flag)
        json_object_set_new(object, key, json_true());
}

static void put_shape(json_t *object, const char *key, const struct model *model, model_shape shape)
{
    struct model_shape_info info;
    if (shape == MODEL_NO_SHAPE)
        return;
    model_shape_info(model, shape, &info);
    put_text(object, key, info.name);
}

static json_t *dump_member(const struct model *model, model_shape structure, size_t index)
{
    struct model_member member, found, wired;
    json_t *object = json_object();
    model_member_at(model, structure, index, &member);
    put_text(object, "name", member.name);
    if (member.has_location_name)
        put_text(object, "locationName", member.location_name);
    else if (strcmp(member.location_name, member.name) != 0)
        put_text(object, "broken", "location_name is not name");
    put_text(object, "queryName", member.query_name);
    put_shape(object, "shape", model, member.shape);
    put_text(object, "location", locations[member.location]);
    put_text(object, "timestampFormat", times[member.time]);
    put_text(object, "xmlNamespace", member.xml_namespace);
    put_text(object, "xmlPrefix", member.xml_prefix);
    put_flag(object, "required", member.required);
    put_flag(object, "flattened", member.flattened);
    put_flag(object, "xmlAttribute", member.xml_attribute);
    put_flag(object, "idempotencyToken", member.idempotency_token);
    put_flag(object, "jsonvalue", member.jsonvalue);
    put_flag(object, "streaming", member.streaming);
    put_flag(object, "hostLabel", member.host_label);
    put_flag(object, "eventpayload", member.event_payload);
    if (!model_member_find(model, structure, member.name, &found) ||
        strcmp(found.name, member.name) != 0)
        put_text(object, "broken", "not found by name");
    if (!model_member_by_wire(model, structure, member.location_name, &wired) ||
        strcmp(wired.location_name, member.location_name) != 0)
        put_text(object, "broken", "not found by wire name");
    return object;
}

static json_t *dump_enum(const struct model *model, model_shape shape, size_t count)
{
    json_t *values = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(values, json_string(model_enum_at(model, shape, i)));
    return values;
}

static json_t *dump_shape(const struct model *model, const struct model_shape_info *info,
                          model_shape shape)
{
    json_t *object = json_object();
    put_text(object, "type", types[info->type]);
    put_text(object, "timestampFormat", times[info->time]);
    put_shape(object, "element", model, info->element);
    put_shape(object, "key", model, info->key);
    put_text(object, "elementName", info->element_name);
    put_text(object, "keyName", info->key_name);
    put_text(object, "elementNamespace", info->element_namespace);
    put_text(object, "payload", info->payload);
    put_text(object, "locationName", info->xml_name);
    put_text(object, "xmlNamespace", info->xml_namespace);
    put_text(object, "xmlPrefix", info->xml_prefix);
    put_flag(object, "flattened", info->flattened);
    put_flag(object, "sparse", info->sparse);
    put_flag(object, "streaming", info->streaming);
    put_flag(object, "union", info->is_union);
    put_flag(object, "document", info->document);
    put_flag(object, "exception", info->error);
    if (info->enum_count > 0)
        json_object_set_new(object, "enum", dump_enum(model, shape, info->enum_count));
    json_t *members = json_array();
    for (size_t i = 0; i < info->member_count; i++)
        json_array_append_new(members, dump_member(model, shape, i));
    json_object_set_new(object, "members", members);
    return object;
}

/* All shapes that operations reach, by name. */
static void collect(json_t *shapes, const struct model *model, model_shape shape)
{
    struct model_shape_info info;
    struct model_member member;
    if (shape == MODEL_NO_SHAPE)
        return;
    model_shape_info(model, shape, &info);
    if (json_object_get(shapes, info.name) != NULL)
        return;
    json_object_set_new(shapes, info.name, dump_shape(model, &info, shape));
    collect(shapes, model, info.element);
    collect(shapes, model, info.key);
    for (size_t i = 0; i < info.member_count; i++) {
        model_member_at(model, shape, i, &member);
        collect(shapes, model, member.shape);
    }
}

static json_t *dump_texts(const char *const *texts, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(texts[i]));
    return array;
}

static void dump_paginator(json_t *object, const struct model *model, model_operation operation)
{
    struct model_paginator paginator;
    if (!model_paginator(model, operation, &paginator))
        return;
    json_t *pages = json_object();
    json_object_set_new(pages, "input_token",
                        dump_texts(paginator.input_token, paginator.token_count));
    json_object_set_new(pages, "output_token",
                        dump_texts(paginator.output_token, paginator.token_count));
    json_object_set_new(pages, "result_key",
                        dump_texts(paginator.result_key, paginator.result_count));
    put_text(pages, "more_results", paginator.more_results);
    put_text(pages, "limit_key", paginator.limit_key);
    json_object_set_new(object, "paginator", pages);
}

static void dump_errors(json_t *object, json_t *shapes, const struct model *model,
                        model_operation operation)
{
    json_t *errors = json_array();
    for (size_t i = 0; i < model_error_count(model, operation); i++) {
        struct model_error error;
        model_error_at(model, operation, i, &error);
        json_array_append_new(errors, json_pack("{s:s, s:s, s:i}", "shape", error.shape_name,
                                                "code", error.code, "status", error.status));
        collect(shapes, model, error.shape);
    }
    json_object_set_new(object, "errors", errors);
}

static json_t *dump_operation(const struct model *model, json_t *shapes, model_operation operation)
{
    struct model_operation_info info;
    model_operation again;
    struct err err;
    json_t *object = json_object();
    model_operation_info(model, operation, &info);
    put_text(object, "method", info.http_method);
    put_text(object, "requestUri", info.request_uri);
    put_text(object, "hostPrefix", info.host_prefix);
    put_text(object, "resultWrapper", info.result_wrapper);
    put_text(object, "auth", info.auth_type);
    put_text(object, "inputName", info.input_xml_name);
    put_text(object, "inputNamespace", info.input_xml_namespace);
    put_shape(object, "input", model, info.input);
    put_shape(object, "output", model, info.output);
    put_flag(object, "checksum", info.checksum_required);
    put_flag(object, "idempotent", info.idempotent);
    put_flag(object, "eventStream", info.event_stream);
    put_flag(object, "readonly", info.readonly_trait);
    if (model_find_operation(model, info.name, &again, &err) != 0 || again != operation)
        put_text(object, "broken", "not found by name");
    dump_errors(object, shapes, model, operation);
    dump_paginator(object, model, operation);
    collect(shapes, model, info.input);
    collect(shapes, model, info.output);
    return object;
}

static json_t *dump_info(const struct model_info *info)
{
    json_t *object = json_object();
    put_text(object, "name", info->name);
    put_text(object, "serviceId", info->service_id);
    put_text(object, "endpointPrefix", info->endpoint_prefix);
    put_text(object, "signingName", info->signing_name);
    put_text(object, "apiVersion", info->api_version);
    put_text(object, "jsonVersion", info->json_version);
    put_text(object, "targetPrefix", info->target_prefix);
    put_text(object, "xmlNamespace", info->xml_namespace);
    put_text(object, "globalEndpoint", info->global_endpoint);
    put_text(object, "uid", info->uid);
    put_text(object, "protocol", protocols[info->protocol]);
    put_flag(object, "queryCompatible", info->query_compatible);
    put_flag(object, "s3", info->s3);
    return object;
}

static void dump(const struct model *model)
{
    json_t *object = dump_info(model_info(model));
    json_t *operations = json_object(), *shapes = json_object();
    for (size_t i = 0; i < model_operation_count(model); i++) {
        struct model_operation_info info;
        model_operation operation = model_operation_at(model, i);
        model_operation_info(model, operation, &info);
        json_object_set_new(operations, info.name, dump_operation(model, shapes, operation));
    }
    json_object_set_new(object, "operations", operations);
    json_object_set_new(object, "shapes", shapes);
    char *text = json_text(object);
    puts(text);
    mem_free(text);
    json_decref(object);
}

static int dump_service(struct model_set *set, const char *service)
{
    struct err err = {0};
    const struct model *model = model_open(set, service, &err);
    if (model == NULL) {
        fprintf(stderr, "model_dump: %s\n", err.message);
        return 1;
    }
    dump(model);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: model_dump DIR [SERVICE...]\n", stderr);
        return 64;
    }
    mem_install();
    struct model_set *set = model_set_new(argv[1]);
    size_t count = (size_t)argc - 2;
    const char *const *services = (const char *const *)argv + 2;
    if (count == 0)
        services = model_services(set, &count);
    int status = 0;
    for (size_t i = 0; i < count; i++)
        status |= dump_service(set, services[i]);
    model_set_free(set);
    return status;
}
