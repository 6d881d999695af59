/* The five protocols in both directions: parameters (json_t, already checked against the model) to
 * an unsigned HTTP request, and a response to json_t or an error. Serves client; calls model, json,
 * xml, uri. Source: the Smithy specifications of the awsQuery, ec2Query, awsJson1_0, awsJson1_1,
 * restJson1 and restXml protocols and botocore's serialize/parsers behaviour for its models.
 *
 * Values have the same form in both directions. Structures and maps are objects, lists are arrays.
 * Blobs are strings of raw bytes. Timestamps are numbers, seconds since the epoch (an integer, or a
 * real if the response has a fraction); parameters may also use RFC 3339 text. Integers and longs
 * are json integers; floats are reals or "NaN", "Infinity", "-Infinity". If the model requires it,
 * an empty object is read as an empty list, and an empty list as an empty map or structure (Lua
 * cannot tell them apart). Absent members stay absent, but a list or map that the response wraps
 * and leaves empty is an empty one, as in botocore. The response's headers and status are not part
 * of the result.
 *
 * The layers of this room, top first:
 *
 * protocol              which protocol a service uses; checksums, limits
 * proto_query, proto_ec2, proto_json, proto_rest_json and proto_rest_xml over proto_rest
 * proto_uri, proto_headers                 parts of REST requests and responses
 * proto_json_body, proto_xml_encode, proto_xml_decode    bodies by model
 * proto_error           bodies of errors, of every protocol
 * proto_custom          special cases that the models do not cover
 * proto_scalar, proto_time                 single values as text
 * shape, request        the current call and its shapes; the request that is built
 *
 * Structures are walked in the model's order, so that equal parameters give equal bytes. */
#ifndef AWS_PROTOCOL_PROTOCOL_H
#define AWS_PROTOCOL_PROTOCOL_H

#include <jansson.h>

#include "aws/model/model.h"
#include "aws/protocol/request.h"
#include "base/err.h"
#include "net/http/http.h"

/* Encodes validated parameters. Absent idempotency tokens are generated (random UUID; a retry must
 * reuse the encoded request, so that every attempt has the same token). Content-MD5 is added if the
 * operation requires a checksum. */
int proto_encode(const struct model *model, model_operation operation, const json_t *params,
                 struct proto_request *request, struct err *err);

/* Decodes a response. For status 2xx it sets *result (new reference) and returns 0. For an error
 * status it returns ERR_API with code, alias, status, request id and message from the body or
 * headers, in the protocol's form (XML errors of JSON services are read too, because proxies and
 * emulators send them). A body that cannot be parsed is ERR_PARSE, never a success. */
int proto_decode(const struct model *model, model_operation operation,
                 const struct http_response *response, json_t **result, struct err *err);

#endif
