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
 * an empty one, as in botocore. The reply's headers and status are not part of the result.
 *
 * The layers of this room, top first:
 *
 *   protocol              which protocol a service speaks; checksums, limits
 *   proto_query, proto_ec2, proto_json, proto_rest_json and proto_rest_xml over proto_rest
 *   proto_uri, proto_headers                 parts of REST requests and replies
 *   proto_json_body, proto_xml_encode, proto_xml_decode    bodies by model
 *   proto_error           bodies of errors, of every protocol
 *   proto_custom          special cases that the models do not cover
 *   proto_scalar, proto_time                 single values as text
 *   shape, request        the call under way and its shapes; the request that is built
 *
 * Structures are walked in the model's order, so that equal parameters give equal bytes. */
#ifndef AWS_PROTOCOL_PROTOCOL_H
#define AWS_PROTOCOL_PROTOCOL_H

#include <jansson.h>

#include "aws/model/model.h"
#include "aws/protocol/request.h"
#include "base/err.h"
#include "net/http/http.h"

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
