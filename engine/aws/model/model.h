/* Compiled API models, mapped into memory and read in place. Serves proto_*, endpoint, client and
 * the Lua bindings; engine/aws/model_compiler/ writes the format (aws/model/model_format.h is
 * shared by both). Nothing is parsed at open: the shapes of an operation are read when it is used.
 *
 * Source of the terms: botocore's service-2.json, paginators-1.json and endpoints.json; the Smithy
 * specifications of awsQuery, ec2Query, awsJson1_0/1_1, restJson1 and restXml. All strings are
 * NUL-terminated and live as long as the model. An absent one is "" or NULL, as described. */
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
    MODEL_HEADERS /* prefix of the names */,
    MODEL_URI,
    MODEL_QUERYSTRING,
    MODEL_STATUS_CODE
};

/* A directory of models; opened files stay open. */
struct model_set;

struct model; /* one service */

struct model_info {
    const char *name;            /* "elbv2" */
    const char *service_id;      /* "Elastic Load Balancing v2" */
    const char *endpoint_prefix; /* "elasticloadbalancing" */
    const char *signing_name;    /* "elasticloadbalancing" */
    const char *api_version;
    const char *json_version;    /* "1.0", "1.1" or "" */
    const char *target_prefix;   /* of X-Amz-Target, or "" */
    const char *xml_namespace;   /* of the service, or "" */
    const char *global_endpoint; /* or "" */
    const char *uid;             /* "sqs-2012-11-05": the API's name in AWS's documentation */
    enum model_protocol protocol;
    bool query_compatible; /* awsQueryCompatible: x-amzn-query-error */
    bool s3;               /* signatureVersion s3 / s3v4 */
};
const struct model_info *model_info(const struct model *model);

typedef uint32_t model_shape;     /* handle within its model; MODEL_NO_SHAPE: none */
typedef uint32_t model_operation; /* handle within its model */
#define MODEL_NO_SHAPE UINT32_MAX

/* ERR_PARAM with a did-you-mean if there is none. */
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
    /* The name of the XML root in rest-xml, if the model gives it on the input itself. */
    const char *input_xml_name;      /* locationName, or "" */
    const char *input_xml_namespace; /* or "" */
    bool checksum_required; /* httpChecksumRequired or httpChecksum.requestChecksumRequired */
    bool idempotent;        /* trait "idempotent", or GET/HEAD */
    bool event_stream;      /* cannot be called */
    bool readonly_trait;    /* botocore hint like "readonlyEndpoint", if present */
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

/* Pagination. Texts are subsets of JMESPath, as botocore writes them ("NextMarker ||
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

#endif
