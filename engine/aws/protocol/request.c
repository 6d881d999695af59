#include "aws/protocol/request.h"

#include <string.h>
#include <strings.h>

#define MAX_PATH (64u << 10)
#define MAX_QUERY (1u << 20)
#define MAX_STORAGE (256u << 10)

void proto_request_init(struct proto_request *request)
{
    memset(request, 0, sizeof *request);
    buf_init(&request->path, MAX_PATH);
    buf_init(&request->query, MAX_QUERY);
    buf_init(&request->body, PROTO_MAX_REQUEST);
    buf_init(&request->storage, MAX_STORAGE);
}

void proto_request_clear(struct proto_request *request)
{
    buf_clear(&request->path);
    buf_clear(&request->query);
    buf_clear(&request->body);
    buf_clear(&request->storage);
    request->header_count = 0;
}

void proto_request_reset(struct proto_request *request)
{
    buf_reset(&request->path);
    buf_reset(&request->query);
    buf_reset(&request->body);
    buf_reset(&request->storage);
    request->header_count = 0;
    request->host_prefix[0] = request->bucket[0] = request->method[0] = '\0';
}

int proto_request_header(struct proto_request *request, const char *name, const char *value)
{
    if (request->header_count == PROTO_MAX_HEADERS)
        return -1;
    size_t *offsets = request->header_offsets[request->header_count];
    offsets[0] = request->storage.len;
    buf_add(&request->storage, name, strlen(name) + 1);
    offsets[1] = request->storage.len;
    if (buf_add(&request->storage, value, strlen(value) + 1) != 0)
        return -1;
    request->header_count++;
    return 0;
}

const char *proto_request_header_name(const struct proto_request *request, size_t index)
{
    return request->storage.data + request->header_offsets[index][0];
}

const char *proto_request_header_value(const struct proto_request *request, size_t index)
{
    return request->storage.data + request->header_offsets[index][1];
}

bool proto_has_header(const struct proto_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(proto_request_header_name(request, i), name) == 0)
            return true;
    }
    return false;
}
