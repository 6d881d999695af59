#include "net/http/http.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/http/http_internal.h"

#define KEPT_BYTES (32u << 10) /* of a buffer in the pool */

struct http *http_new(struct loop *loop, const struct http_options *options)
{
    struct http *http = mem_alloc(sizeof *http);
    http->loop = loop;
    http->ca_bundle = mem_strdup(options->ca_bundle);
    http->user_agent = mem_strdup(options->user_agent);
    http->max_held = options->max_held != 0 ? options->max_held : HTTP_MAX_HELD;
    http_ca_find(http->ca_bundle, &http->ca);
    /* libcurl reads http_proxy in lower case only, since CGI programs find a client's header in the
     * other. AWS's tools read both. */
    if (getenv("http_proxy") == NULL && getenv("REQUEST_METHOD") == NULL)
        http->plain_proxy = getenv("HTTP_PROXY");
    http_multi_init(http, options);
    return http;
}

static void transfer_free(struct http_transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    buf_clear(&transfer->url);
    buf_clear(&transfer->body);
    buf_clear(&transfer->text);
    buf_clear(&transfer->reply);
    buf_clear(&transfer->head);
    mem_free(transfer->lines);
    mem_free(transfer->places);
    mem_free(transfer);
}

static struct http_transfer *take(struct http *http)
{
    struct http_transfer *transfer = http->pool;
    if (transfer != NULL) {
        http->pool = transfer->next;
    } else {
        transfer = mem_alloc(sizeof *transfer);
        transfer->http = http;
        http_easy_init(transfer);
    }
    transfer->previous = NULL;
    transfer->next = http->active;
    if (transfer->next != NULL)
        transfer->next->previous = transfer;
    http->active = transfer;
    http->in_flight++;
    loop_hold(http->loop, 1);
    return transfer;
}

/* Off the wire; nothing of libcurl or the loop points to it any more. */
static void detach(struct http_transfer *transfer)
{
    struct http *http = transfer->http;
    if (transfer->refusal == NULL)
        curl_multi_remove_handle(http->multi, transfer->easy);
    loop_cancel(http->loop, transfer->refused);
    transfer->refused = NULL;
    if (transfer->previous != NULL)
        transfer->previous->next = transfer->next;
    else
        http->active = transfer->next;
    if (transfer->next != NULL)
        transfer->next->previous = transfer->previous;
    http->in_flight--;
    loop_hold(http->loop, -1);
}

static void keep_small(struct buf *buf)
{
    if (buf->cap > KEPT_BYTES)
        buf_clear(buf);
    else
        buf_reset(buf);
}

static void give_back(struct http_transfer *transfer)
{
    struct http *http = transfer->http;
    http_reply_drop(transfer);
    keep_small(&transfer->body);
    keep_small(&transfer->reply);
    keep_small(&transfer->head);
    transfer->next = http->pool;
    http->pool = transfer;
}

static void on_refused(void *arg)
{
    struct http_transfer *transfer = arg;
    struct err err = {0};
    transfer->refused = NULL;
    err_set(&err, ERR_NET, "the request cannot be sent: %s", transfer->refusal);
    http_finish(transfer, &err);
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    struct http *http = self;
    struct http_transfer *transfer = take(http);
    transfer->done = done;
    transfer->arg = arg;
    if (http_easy_setup(transfer, request) == 0 &&
        curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
        transfer->refusal = "libcurl does not take it";
    if (transfer->refusal != NULL) {
        transfer->refused = loop_after(http->loop, 0, on_refused, transfer);
        return transfer;
    }
    http_multi_grow(http);
    http_idle_expect(http, transfer->progress + transfer->idle_ms);
    return transfer;
}

static void cancel(void *self, struct http_transfer *transfer)
{
    (void)self;
    detach(transfer);
    give_back(transfer);
}

static void tell(struct http_transfer *transfer)
{
    struct http_response response = {.sent = true};
    long status = 0;
    char *text = transfer->head.data;
    struct http_header *headers = mem_alloc(transfer->place_count * sizeof *headers);
    for (size_t i = 0; i < transfer->place_count; i++) {
        headers[i].name = text + transfer->places[i].name;
        headers[i].value = text + transfer->places[i].value;
    }
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = (int)status;
    response.headers = headers;
    response.header_count = transfer->place_count;
    response.body = buf_text(&transfer->reply);
    response.body_length = transfer->reply.len;
    transfer->done(transfer->arg, &response, NULL);
    mem_free(headers);
}

void http_finish(struct http_transfer *transfer, const struct err *err)
{
    detach(transfer);
    if (err == NULL)
        tell(transfer);
    else
        transfer->done(transfer->arg, NULL, err);
    give_back(transfer);
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    while (http->active != NULL)
        cancel(http, http->active);
    while (http->pool != NULL) {
        struct http_transfer *transfer = http->pool;
        http->pool = transfer->next;
        transfer_free(transfer);
    }
    loop_cancel(http->loop, http->idle_timer);
    loop_cancel(http->loop, http->resume_timer);
    http_multi_clear(http);
    mem_free(http->ca_bundle);
    mem_free(http->user_agent);
    mem_free(http);
}

struct http_transport http_transport_of(struct http *http)
{
    return (struct http_transport){start, cancel, http};
}

const char *http_header_value(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (strcmp(response->headers[i].name, name) == 0)
            return response->headers[i].value;
    }
    return NULL;
}
