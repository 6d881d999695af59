/* An HTTP request while it is built, before endpoint and signature. Serves every protocol and the
 * client, which signs and sends it. Owned by the caller. */
#ifndef AWS_PROTOCOL_REQUEST_H
#define AWS_PROTOCOL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define PROTO_MAX_HEADERS 64

/* A request before endpoint and signature. Owned by the caller: _init, _clear. */
struct proto_request {
    char method[8];
    char host_prefix[256]; /* with labels filled in, or "" */
    struct buf path;       /* encoded once, starts with '/', without '?' and literal query */
    struct buf query;      /* encoded, without '?' */
    struct buf body;
    struct buf storage;                          /* names and values of headers, NUL-separated */
    size_t header_offsets[PROTO_MAX_HEADERS][2]; /* name, value: offsets into storage */
    size_t header_count;
    char bucket[256]; /* S3: value of the Bucket label, for endpoint resolution, or "" */
};

#define PROTO_MAX_REQUEST (8u << 20)

void proto_request_init(struct proto_request *request);
void proto_request_clear(struct proto_request *request);
/* Empties the request for the next call. */
void proto_request_reset(struct proto_request *request);
/* Copies name and value. Returns -1 if there are too many headers. */
int proto_request_header(struct proto_request *request, const char *name, const char *value);
const char *proto_request_header_name(const struct proto_request *request, size_t index);
const char *proto_request_header_value(const struct proto_request *request, size_t index);

/* Does the request have a header of this name, in any letter case? */
bool proto_has_header(const struct proto_request *request, const char *name);

#endif
