/* Shared by the protocols' own files only. How they lie on each other:
 *
 *   proto.c               request, dispatch
 *   proto_query.c, proto_ec2.c, proto_json.c, proto_rest.c (+ _rest_json.c, _rest_xml.c)
 *   proto_uri.c, proto_headers.c             parts of REST requests and replies
 *   proto_json_body.c, proto_xml_encode.c, proto_xml_decode.c    bodies by model
 *   proto_error.c         bodies of errors, of every protocol
 *   proto_custom.c        what no model says: idempotency tokens, a few services' ways
 *   proto_scalar.c, proto_time.c             single values as text
 *
 * Structures are walked in the model's order, so that equal parameters give equal bytes. */
#ifndef AWS_PROTOCOL_PROTO_INTERNAL_H
#define AWS_PROTOCOL_PROTO_INTERNAL_H

#include "aws/protocol/proto.h"
#include "value/xml.h"

#define PROTO_MAX_NESTING 512

/* An encoding or decoding under way. */
struct proto {
    const struct model *model;
    const struct model_info *service;
    const struct model_operation_info *operation;
    struct proto_request *request; /* encoding only */
    struct err *err;
    int depth;
};

/* A shape as one member sees it: the member's own traits win over the shape's. */
void proto_shape_of(const struct proto *proto, const struct model_member *member,
                    struct model_shape_info *shape);
/* The value of a member, or NULL when absent or null. */
const json_t *proto_value(const json_t *params, const struct model_member *member);
/* Enters a container: ERR_LIMIT beyond PROTO_MAX_NESTING. */
int proto_enter(struct proto *proto);
void proto_leave(struct proto *proto);
bool proto_is_document(const struct model_shape_info *shape);
/* Does the structure's member travel in the body? */
bool proto_in_body(const struct proto *proto, model_shape structure,
                   const struct model_member *member);
/* Length of the bytes that a string value holds; "" for anything else. */
const char *proto_bytes(const json_t *value, size_t *length);

/* Moments: seconds since the epoch and microseconds. */
struct proto_time {
    int64_t seconds;
    int micros;
};

/* A number, text of digits, RFC 3339 (also without zone or time of day), or an HTTP date. */
int proto_time_of(const json_t *value, struct proto_time *time);
int proto_time_parse(const char *text, struct proto_time *time);
/* -1 when the year does not have four digits or `out` is full. */
int proto_time_write(struct buf *out, const struct proto_time *time, enum model_time format);
json_t *proto_time_json(const struct proto_time *time);

/* A scalar as text: `format` is for timestamps whose model says none. ERR_PARAM. */
int proto_scalar_write(struct proto *proto, struct buf *out, const struct model_shape_info *shape,
                       const json_t *value, enum model_time format);
/* The scalar that a text says: new reference, or NULL with ERR_PARSE. */
json_t *proto_scalar_read(struct proto *proto, const struct model_shape_info *shape,
                          const char *text, size_t length);
/* Bytes that base64 stands for, white space within it left out; NULL with ERR_PARSE. */
json_t *proto_blob_read(struct proto *proto, const char *text, size_t length);

/* Percent-encoded "name=value", after '&' where something stands before. */
int proto_pair(struct buf *out, const char *name, size_t name_length, const char *value,
               size_t length);
int proto_scalar_pair(struct proto *proto, struct buf *out, const char *name,
                      const struct model_shape_info *shape, const json_t *value,
                      enum model_time format);

/* Headers. Refuses line breaks and names that are no tokens: ERR_PARAM. */
int proto_header(struct proto *proto, const char *name, const char *value, size_t length);
bool proto_has_header(const struct proto_request *request, const char *name);
int proto_header_member(struct proto *proto, const struct model_member *member,
                        const json_t *value);
/* Adds what the reply's headers and status say to `result`. */
int proto_header_members(struct proto *proto, const struct http_response *response, json_t *result);

/* Path, query and host prefix. */
int proto_uri(struct proto *proto, const json_t *params);
int proto_query_members(struct proto *proto, const json_t *params);
int proto_host_prefix(struct proto *proto, const json_t *params);

/* Bodies. `value` is as the caller gave it. */
int proto_json_write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                     const json_t *value);
/* Takes the reference *value, gives one back (the same, mostly) with members by their names,
 * blobs, timestamps and floats converted. On -1 *value is still the caller's. */
int proto_json_read(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                    json_t **value);
/* A body as JSON: an empty one is an empty object. NULL with ERR_PARSE. */
json_t *proto_json_parse(struct proto *proto, const struct http_response *response);

int proto_xml_write(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                    const char *name, const json_t *value);
json_t *proto_xml_read(struct proto *proto, const struct model_shape_info *shape,
                       model_shape handle, const struct xml_node *node);
/* Parses a successful reply's body; pages of HTML and errors in disguise are ERR_PARSE. */
struct xml_document *proto_xml_parse(struct proto *proto, const struct http_response *response);

/* How query and ec2 differ. */
struct query_dialect {
    /* Appends a member's name to the prefix. */
    void (*member_name)(const struct model_member *member, struct buf *prefix);
    /* Appends what stands before the index of an element; own_name: the member gave the list one.
     */
    void (*list_name)(const struct model_shape_info *list, bool own_name, struct buf *prefix);
    bool writes_empty_lists;
};
int proto_query_encode(struct proto *proto, const json_t *params,
                       const struct query_dialect *dialect);

/* The protocols. */
int query_encode(struct proto *proto, const json_t *params);
int query_decode(struct proto *proto, const struct http_response *response, json_t **result);
int ec2_encode(struct proto *proto, const json_t *params);
int ec2_decode(struct proto *proto, const struct http_response *response, json_t **result);
int json_rpc_encode(struct proto *proto, const json_t *params);
int json_rpc_decode(struct proto *proto, const struct http_response *response, json_t **result);
int rest_json_encode(struct proto *proto, const json_t *params);
int rest_json_decode(struct proto *proto, const struct http_response *response, json_t **result);
int rest_xml_encode(struct proto *proto, const json_t *params);
int rest_xml_decode(struct proto *proto, const struct http_response *response, json_t **result);

/* What the REST protocols leave to a body's language. */
struct rest_language {
    /* A structure, document, list or map as the whole body; `root` is its XML name. */
    int (*write)(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                 const char *root, const json_t *value);
    /* The body as a value of that shape; *result may stay NULL for an empty body. */
    int (*read)(struct proto *proto, const struct model_shape_info *shape, model_shape handle,
                const struct http_response *response, json_t **result);
    const char *content_type;
    const char *empty_body; /* of an input whose body members are all absent */
};
int rest_encode(struct proto *proto, const json_t *params, const struct rest_language *language);
int rest_decode(struct proto *proto, const struct http_response *response,
                const struct rest_language *language, json_t **result);

/* What the SDKs do by hand. New reference, mostly to params itself. */
json_t *proto_custom_params(const struct proto *proto, json_t *params);
int proto_custom_headers(struct proto *proto);

/* Fills proto->err from an error reply. Returns -1. `status` is what to report. */
int proto_error(struct proto *proto, const struct http_response *response, int status);
/* S3 says some failures with status 200. */
bool proto_is_disguised_error(const struct proto *proto, const struct http_response *response);

#endif
