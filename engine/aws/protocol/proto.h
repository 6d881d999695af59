/* The five protocols in both directions: parameters (json_t, checked against the model before) to
 * an unsigned HTTP request, and a reply to json_t or an error. Serves client; calls model, json,
 * xml, uri. Source: the Smithy specifications of the awsQuery, ec2Query, awsJson1_0, awsJson1_1,
 * restJson1 and restXml protocols and botocore's serialize/parsers behaviour for its models.
 *
 * One value shape for both directions: structures and maps are objects, lists arrays; blobs are
 * strings of raw bytes; timestamps are numbers, seconds since the epoch (integer, or real where the
 * reply has a fraction), and parameters may also give RFC 3339 text; integers and longs json
 * integers; floats reals or "NaN", "Infinity", "-Infinity". An empty object is taken for an empty
 * list and an empty list for an empty map or structure, as the model says (Lua cannot tell them
 * apart). Absent members stay absent, but a list or map that the reply wraps and leaves empty is
 * an empty one, as in botocore. The reply's headers and status are not part of the result. */
#ifndef AWS_PROTOCOL_PROTO_H
#define AWS_PROTOCOL_PROTO_H

#include <jansson.h>
#include <stddef.h>

#include "aws/model/model.h"
#include "base/buf.h"
#include "base/err.h"
#include "net/http/http.h"

#define PROTO_MAX_REQUEST (8u << 20)
#define PROTO_MAX_HEADERS 64

/* A request before endpoint and signature. Owned by the caller: _init, _clear. */
struct proto_request {
    char method[8];
    char host_prefix[256]; /* labels filled in, or "" */
    struct buf path;       /* encoded once, starts with '/', '?' and literal query cut off */
    struct buf query;      /* encoded, without '?' */
    struct buf body;
    struct buf storage;                          /* names and values of headers, NUL-separated */
    size_t header_offsets[PROTO_MAX_HEADERS][2]; /* name, value: offsets into storage */
    size_t header_count;
    char bucket[256]; /* S3: the Bucket label's value, for endpoint resolution, or "" */
};

void proto_request_init(struct proto_request *request);
void proto_request_clear(struct proto_request *request);
int proto_request_header(struct proto_request *request, const char *name, const char *value);
const char *proto_request_header_name(const struct proto_request *request, size_t index);
const char *proto_request_header_value(const struct proto_request *request, size_t index);

/* Checks parameters against the operation's input: unknown names (with did-you-mean), missing
 * required ones, wrong types, empty URI labels; every message has the path ("Attributes.Policy",
 * "Tags[2].Key"). ERR_PARAM. Ranges and patterns are left to AWS. */
int proto_validate(const struct model *model, model_operation operation, const json_t *params,
                   struct err *err);
/* The same of a change, or its inverse: texts and keys of maps are among the values that the model
 * lists, too. Of reads this is not asked: AWS adds values before models know of them, and says
 * itself when it does not know one; that makes a verdict unknown. A change would be found wrong
 * only when it is made, and its inverse when it is needed. */
int proto_validate_change(const struct model *model, model_operation operation,
                          const json_t *params, struct err *err);

/* Encodes validated parameters. Idempotency tokens that are absent are made up (random UUID; a
 * retried call must reuse the encoded request, so the token is equal on every attempt). Content-MD5
 * is added where the operation requires a checksum. */
int proto_encode(const struct model *model, model_operation operation, const json_t *params,
                 struct proto_request *request, struct err *err);

/* Decodes a reply. Status 2xx: *result (new reference) is set, 0. An error status: ERR_API with
 * code, alias, status, request id and message from the body or headers in the protocol's form (XML
 * errors of JSON services are read too: proxies and emulators send them). A body that cannot be
 * parsed is ERR_PARSE, which is never success. */
int proto_decode(const struct model *model, model_operation operation,
                 const struct http_response *response, json_t **result, struct err *err);

#endif
