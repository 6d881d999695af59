/* Compiled API models, mapped into memory and read in place. Serves proto_*, endpoint, client and
 * the Lua bindings; engine/models/ writes the format (aws/model/model_format.h is shared by both).
 * Nothing is parsed at open: an operation's shapes are touched when it is used.
 *
 * Source of the terms: botocore's service-2.json, paginators-1.json and endpoints.json; the Smithy
 * specifications of awsQuery, ec2Query, awsJson1_0/1_1, restJson1 and restXml. All strings are
 * NUL-terminated, live as long as the model, and are "" or NULL as said. */
#ifndef AWS_MODEL_MODEL_H
#define AWS_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum model_protocol {
    MODEL_QUERY,
    MODEL_EC2,
    MODEL_JSON,
    MODEL_REST_JSON,
    MODEL_REST_XML,
    MODEL_UNSUPPORTED
};

enum model_type {
    MODEL_STRUCTURE,
    MODEL_LIST,
    MODEL_MAP,
    MODEL_STRING,
    MODEL_BLOB,
    MODEL_BOOLEAN,
    MODEL_INTEGER,
    MODEL_LONG,
    MODEL_FLOAT,
    MODEL_DOUBLE,
    MODEL_TIMESTAMP,
    MODEL_DOCUMENT
};

enum model_time { MODEL_TIME_DEFAULT, MODEL_TIME_ISO8601, MODEL_TIME_UNIX, MODEL_TIME_RFC822 };

enum model_location {
    MODEL_BODY,
    MODEL_HEADER,
    MODEL_HEADERS /* prefix */,
    MODEL_URI,
    MODEL_QUERYSTRING,
    MODEL_STATUS_CODE
};

/* A directory of models, opened files kept. */
struct model_set;
struct model_set *model_set_new(const char *directory);
void model_set_free(struct model_set *set);

struct model; /* one service */

/* By botocore's directory name, '_' read as '-'. ERR_PARAM with a did-you-mean when there is none;
 * ERR_USAGE when the directory holds no models, with the way out. */
const struct model *model_open(struct model_set *set, const char *service, struct err *err);
/* Every service's name, sorted; count is set. Owned by the set. */
const char *const *model_services(struct model_set *set, size_t *count);

struct model_info {
    const char *name;            /* "elbv2" */
    const char *service_id;      /* "Elastic Load Balancing v2" */
    const char *endpoint_prefix; /* "elasticloadbalancing" */
    const char *signing_name;    /* "elasticloadbalancing" */
    const char *api_version;
    const char *json_version;    /* "1.0", "1.1" or "" */
    const char *target_prefix;   /* X-Amz-Target's, or "" */
    const char *xml_namespace;   /* of the service, or "" */
    const char *global_endpoint; /* or "" */
    enum model_protocol protocol;
    bool query_compatible; /* awsQueryCompatible: x-amzn-query-error */
    bool s3;               /* signatureVersion s3 / s3v4 */
};
const struct model_info *model_info(const struct model *model);

typedef uint32_t model_shape;     /* handle within its model; MODEL_NO_SHAPE: none */
typedef uint32_t model_operation; /* handle within its model */
#define MODEL_NO_SHAPE UINT32_MAX

/* ERR_PARAM with a did-you-mean. */
int model_find_operation(const struct model *model, const char *name, model_operation *operation,
                         struct err *err);
size_t model_operation_count(const struct model *model);
model_operation model_operation_at(const struct model *model, size_t index); /* sorted by name */

struct model_operation_info {
    const char *name;
    const char *http_method;
    const char *request_uri;    /* "/{Bucket}/{Key+}?policy" */
    const char *host_prefix;    /* "{AccountId}." or "" */
    const char *result_wrapper; /* query protocol, or "" */
    const char *auth_type;      /* "none", "v4", "v4-unsigned-body", … or "" */
    model_shape input;          /* MODEL_NO_SHAPE: none */
    model_shape output;
    /* Of the input member's XML root in rest-xml where it stands on the input itself. */
    const char *input_xml_name;      /* locationName, or "" */
    const char *input_xml_namespace; /* or "" */
    bool checksum_required; /* httpChecksumRequired or httpChecksum.requestChecksumRequired */
    bool idempotent;        /* trait "idempotent", or GET/HEAD */
    bool event_stream;      /* cannot be called */
    bool readonly_trait;    /* botocore "readonlyEndpoint"-like hint where present */
};
void model_operation_info(const struct model *model, model_operation operation,
                          struct model_operation_info *info);

struct model_error {
    const char *shape_name; /* "QueueDoesNotExist" */
    const char *code;       /* error.code of the model, or shape_name */
    int status;             /* error.httpStatusCode, or 0 */
    model_shape shape;
};
size_t model_error_count(const struct model *model, model_operation operation);
void model_error_at(const struct model *model, model_operation operation, size_t index,
                    struct model_error *error);

struct model_shape_info {
    const char *name;
    enum model_type type;
    enum model_time time;          /* timestampFormat on the shape */
    model_shape element;           /* list: member; map: value */
    model_shape key;               /* map: key */
    const char *element_name;      /* locationName of list member / map value, or "" */
    const char *key_name;          /* locationName of map key, or "" */
    const char *element_namespace; /* xmlNamespace of list member, or "" */
    const char *payload;           /* structure: name of the payload member, or "" */
    const char *xml_name;          /* locationName on the shape itself, or "" */
    const char *xml_namespace;     /* xmlNamespace uri on the shape, or "" */
    const char *xml_prefix;        /* xmlNamespace prefix, or "" */
    bool flattened;
    bool sparse;
    bool streaming; /* blob */
    bool is_union;  /* exactly one member set */
    bool document;
    bool error;          /* an exception */
    bool sensitive;      /* trait "sensitive" */
    bool guarded;        /* it, or something that it holds, is sensitive */
    size_t member_count; /* structure */
    size_t enum_count;   /* string of an input: the values that the model lists, or 0 */
};
void model_shape_info(const struct model *model, model_shape shape, struct model_shape_info *info);

/* One of the values that a string's model lists; "" beyond the last. */
const char *model_enum_at(const struct model *model, model_shape shape, size_t index);

struct model_member {
    const char *name;
    const char *location_name; /* wire name; equals name where the model gives none */
    bool has_location_name;
    const char *query_name; /* ec2: queryName, or "" */
    model_shape shape;
    enum model_location location;
    enum model_time time;      /* timestampFormat on the member */
    const char *xml_namespace; /* or "" */
    const char *xml_prefix;    /* or "" */
    bool required;
    bool flattened;
    bool xml_attribute;
    bool idempotency_token;
    bool jsonvalue;
    bool streaming;
    bool host_label;
    bool event_payload;
    bool sensitive; /* trait "sensitive", or reviewed as a secret */
    bool plain;     /* no secret, even within what is sensitive */
};
/* Members in the model's order. */
void model_member_at(const struct model *model, model_shape structure, size_t index,
                     struct model_member *member);
/* By name; false when there is none. */
bool model_member_find(const struct model *model, model_shape structure, const char *name,
                       struct model_member *member);
/* By wire name (location_name), for decoding; false when there is none. */
bool model_member_by_wire(const struct model *model, model_shape structure, const char *wire,
                          struct model_member *member);

/* Pagination. Texts are JMESPath subsets as botocore writes them ("NextMarker ||
 * Contents[-1].Key"): model_path_get evaluates dotted names, [n], [-1] and ||. */
#define MODEL_MAX_TOKENS 4
struct model_paginator {
    const char *input_token[MODEL_MAX_TOKENS];
    const char *output_token[MODEL_MAX_TOKENS];
    size_t token_count;
    const char *more_results; /* or "" */
    const char *limit_key;    /* or "" */
    const char *result_key[MODEL_MAX_TOKENS];
    size_t result_count;
};
bool model_paginator(const struct model *model, model_operation operation,
                     struct model_paginator *paginator);

/* A file of the set's directory that is no service ("endpoints"), mapped; NULL when absent. */
const void *model_set_file(struct model_set *set, const char *name, size_t *size);

#endif
