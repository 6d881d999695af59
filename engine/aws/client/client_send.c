#include "aws/client/client_send.h"

#include <string.h>

#include "aws/client/marks.h"
#include "aws/protocol/request.h"
#include "base/clock.h"
#include "base/mem.h"

#define MAX_URL (64u << 10)

/* In virtual-hosted style the host names the bucket, so the path leaves it out. */
static const char *path_on_wire(const struct client_call *call, const struct endpoint *endpoint)
{
    const char *path = buf_text(&call->request.path);
    if (!endpoint->bucket_in_host)
        return path;
    const char *rest = strchr(path + 1, '/');
    return rest != NULL ? rest : "/";
}

/* Writes the whole URL to client->url. *path_at is the offset of the path. */
static int build_url(struct client_call *call, const struct endpoint *endpoint, size_t *path_at)
{
    struct buf *url = &call->client->url;
    if (url->max == 0)
        buf_init(url, MAX_URL);
    buf_reset(url);
    buf_adds(url, endpoint->base);
    *path_at = url->len;
    buf_adds(url, endpoint->path_prefix);
    buf_adds(url, path_on_wire(call, endpoint));
    if (call->request.query.len > 0) {
        buf_addc(url, '?');
        buf_add(url, call->request.query.data, call->request.query.len);
    }
    if (url->failed)
        return err_set(&call->failure, ERR_LIMIT, "the request's URL is longer than %u bytes",
                       MAX_URL);
    return 0;
}

static size_t own_headers(const struct proto_request *request, struct http_header *headers)
{
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i].name = proto_request_header_name(request, i);
        headers[i].value = proto_request_header_value(request, i);
    }
    return request->header_count;
}

static int sign(struct client_call *call, const struct endpoint *endpoint, const char *path,
                const struct http_header *headers, size_t header_count)
{
    const struct model_info *info = model_info(call->model);
    struct sigv4_request request = {
        .method = call->request.method,
        .host = endpoint->host,
        .path = path,
        .query = buf_text(&call->request.query),
        .headers = headers,
        .header_count = header_count,
        .body = call->request.body.data,
        .body_length = call->request.body.len,
        .region = endpoint->signing_region,
        .service = endpoint->signing_name,
        .time_ms = clock_wall_ms() + call->client->skew_ms,
        .normalize_path = !info->s3,
        .encode_path = !info->s3,
        .sign_body = info->s3,
    };
    if (call->payload != NULL)
        request.payload_hash = call->payload->sha256;
    if (strcmp(call->info.auth_type, "v4-unsigned-body") == 0) {
        request.payload_hash = "UNSIGNED-PAYLOAD";
        request.sign_body = true;
    }
    return sigv4_sign(&request, &call->creds->key, &call->client->signature, &call->failure);
}

/* A payload takes the place of the request's body. */
static void add_payload(const struct client_call *call, struct http_request *request)
{
    if (call->payload == NULL)
        return;
    request->body = call->payload->bytes;
    request->body_length = call->payload->length;
    request->borrowed = true;
}

static void start_transfer(struct client_call *call, const struct http_header *headers,
                           size_t header_count, http_done done)
{
    struct client *client = call->client;
    const struct redaction_marks marks = marks_of(call->model, call->operation);
    struct http_request request = {
        .method = call->request.method,
        .url = buf_text(&client->url),
        .headers = headers,
        .header_count = header_count,
        .body = call->request.body.data,
        .body_length = call->request.body.len,
        .idle_timeout_ms = client->options.idle_timeout_ms,
        .once = call->change,
        .account = call->session->account,
        .marks = &marks,
    };
    struct http_transport *transport = &client->options.transport;
    add_payload(call, &request);
    client->stats.requests++;
    if (call->change)
        client->stats.changes++;
    call->state = CALL_SENT;
    client->in_flight++;
    call->transfer = transport->start(transport->self, &request, done, call);
}

/* Not signed: proxies may change it (sigv4_headers.c). Source: AWS Lambda Developer Guide, "Use
 * Lambda recursive loop detection to prevent infinite loops", which follows this header through
 * SQS. */
static size_t trace_header(const struct client_call *call, struct http_header *header)
{
    const char *trace_id = call->client->trace_id;
    if (trace_id == NULL || strcmp(model_info(call->model)->name, "sqs") == 0)
        return 0;
    *header = (struct http_header){"X-Amzn-Trace-Id", trace_id};
    return 1;
}

static int sign_and_start(struct client_call *call, const struct endpoint *endpoint, char *path,
                          http_done done)
{
    struct http_header headers[PROTO_MAX_HEADERS + 5];
    size_t count = own_headers(&call->request, headers);
    if (call->creds != NULL) {
        if (sign(call, endpoint, path, headers, count) != 0)
            return -1;
        const struct sigv4_result *signature = &call->client->signature;
        for (size_t i = 0; i < signature->header_count; i++)
            headers[count++] = signature->headers[i];
    }
    count += trace_header(call, &headers[count]);
    start_transfer(call, headers, count, done);
    return 0;
}

static int resolve(struct client_call *call, struct endpoint *endpoint)
{
    return endpoint_resolve_operation(call->client->options.endpoints, call->model, call->operation,
                                      call->region, call->request.host_prefix, call->request.bucket,
                                      endpoint, &call->failure);
}

static const struct endpoint *known_route(const struct client_call *call)
{
    for (size_t i = 0; i < CLIENT_ROUTES; i++) {
        const struct client_route *route = &call->client->routes[i];
        if (route->model == call->model && route->operation == call->operation &&
            strcmp(route->region, call->region) == 0)
            return &route->endpoint;
    }
    return NULL;
}

/* The endpoint of the call, or NULL with call->failure set. Valid until the next call is
 * resolved. */
static const struct endpoint *route_of(struct client_call *call)
{
    struct client *client = call->client;
    bool plain = call->region != NULL && strlen(call->region) < sizeof client->routes[0].region &&
                 call->request.host_prefix[0] == '\0' && call->request.bucket[0] == '\0';
    const struct endpoint *known = plain ? known_route(call) : NULL;
    if (known != NULL)
        return known;
    struct client_route *route = &client->routes[client->next_route++ % CLIENT_ROUTES];
    route->model = NULL;
    if (resolve(call, &route->endpoint) != 0)
        return NULL;
    if (plain) {
        route->model = call->model;
        route->operation = call->operation;
        strcpy(route->region, call->region);
    }
    return &route->endpoint;
}

int client_send(struct client_call *call, http_done done)
{
    size_t path_at;
    const struct endpoint *endpoint = route_of(call);
    if (endpoint == NULL || build_url(call, endpoint, &path_at) != 0)
        return -1;
    const char *url = call->client->url.data + path_at;
    char *path = mem_strndup(url, strcspn(url, "?"));
    int result = sign_and_start(call, endpoint, path, done);
    mem_free(path);
    return result;
}
