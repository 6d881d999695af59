#include "net/http/http_transfer.h"

#include "base/mem.h"
#include "net/http/http.h"
#include "net/http/http_easy.h"
#include "net/http/http_internal.h"
#include "net/http/http_reply.h"

#define KEPT_BYTES (32u << 10) /* kept of a buffer in the pool */

void http_transfer_free(struct http_transfer *transfer)
{
    if (transfer == NULL)
        return;
    curl_easy_cleanup(transfer->easy);
    buf_clear(&transfer->url);
    buf_clear(&transfer->body);
    buf_clear(&transfer->text);
    buf_clear(&transfer->reply);
    buf_clear(&transfer->head);
    mem_free(transfer->lines);
    mem_free(transfer->headers);
    mem_free(transfer);
}

struct http_transfer *http_transfer_take(struct http *http)
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

void http_transfer_detach(struct http_transfer *transfer)
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

void http_transfer_give_back(struct http_transfer *transfer)
{
    struct http *http = transfer->http;
    http_reply_released(transfer);
    keep_small(&transfer->body);
    keep_small(&transfer->reply);
    keep_small(&transfer->head);
    transfer->next = http->pool;
    http->pool = transfer;
}

static void answer(struct http_transfer *transfer)
{
    struct http_response response = {.sent = true};
    long status = 0;
    char *text = transfer->head.data;
    struct http_header *headers = mem_alloc(transfer->header_count * sizeof *headers);
    for (size_t i = 0; i < transfer->header_count; i++) {
        headers[i].name = text + transfer->headers[i].name;
        headers[i].value = text + transfer->headers[i].value;
    }
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = (int)status;
    response.headers = headers;
    response.header_count = transfer->header_count;
    response.body = buf_text(&transfer->reply);
    response.body_length = transfer->reply.len;
    transfer->done(transfer->arg, &response, NULL);
    mem_free(headers);
}

void http_finish(struct http_transfer *transfer, const struct err *err)
{
    http_transfer_detach(transfer);
    if (err == NULL)
        answer(transfer);
    else
        transfer->done(transfer->arg, NULL, err);
    http_transfer_give_back(transfer);
}
