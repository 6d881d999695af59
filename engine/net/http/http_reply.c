#include "net/http/http_reply.h"

#include <string.h>

#include "base/mem.h"
#include "net/http/http_internal.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && is_blank((*text)[*length - 1]))
        (*length)--;
    for (; *length > 0 && is_blank(**text); (*length)--)
        (*text)++;
}

static struct header_offsets *new_header(struct http_transfer *transfer)
{
    if (transfer->header_count == transfer->header_capacity) {
        transfer->header_capacity =
            transfer->header_capacity == 0 ? 16 : transfer->header_capacity * 2;
        transfer->headers =
            mem_resize(transfer->headers, transfer->header_capacity * sizeof *transfer->headers);
    }
    return &transfer->headers[transfer->header_count++];
}

static void add_lower(struct buf *head, const char *name, size_t length)
{
    if (buf_add(head, name, length) != 0)
        return;
    char *c = head->data + head->len - length;
    for (size_t i = 0; i < length; i++)
        c[i] = c[i] >= 'A' && c[i] <= 'Z' ? (char)(c[i] - 'A' + 'a') : c[i];
}

static void add_header(struct http_transfer *transfer, const char *line, size_t length)
{
    struct buf *head = &transfer->head;
    const char *colon = memchr(line, ':', length);
    if (colon == NULL)
        return;
    const char *value = colon + 1;
    size_t value_length = length - (size_t)(value - line);
    trim(&value, &value_length);
    struct header_offsets *header = new_header(transfer);
    header->name = (uint32_t)head->len;
    add_lower(head, line, (size_t)(colon - line));
    buf_addc(head, '\0');
    header->value = (uint32_t)head->len;
    buf_add(head, value, value_length);
    buf_addc(head, '\0');
}

/* RFC 9112 section 5.2: a folded line continues the last value after a space. */
static void continue_header(struct http_transfer *transfer, const char *line, size_t length)
{
    trim(&line, &length);
    if (transfer->header_count == 0 || length == 0)
        return;
    transfer->head.data[transfer->head.len - 1] = ' ';
    buf_add(&transfer->head, line, length);
    buf_addc(&transfer->head, '\0');
}

size_t http_reply_header(char *line, size_t size, size_t count, void *arg)
{
    struct http_transfer *transfer = arg;
    size_t length = size * count;
    transfer->progress = loop_now(transfer->http->loop);
    if (length > 5 && memcmp(line, "HTTP/", 5) == 0) { /* drop an interim response's headers */
        buf_reset(&transfer->head);
        transfer->header_count = 0;
    } else if (line[0] == ' ' || line[0] == '\t') {
        continue_header(transfer, line, length);
    } else {
        add_header(transfer, line, length);
    }
    transfer->too_large = transfer->head.failed;
    return transfer->too_large ? 0 : length;
}

static void set_paused(struct http_transfer *transfer, bool paused)
{
    if (transfer->paused != paused)
        transfer->http->paused += paused ? 1 : -1;
    transfer->paused = paused;
}

/* One transfer may always continue, so that they do not all wait for each other. */
static bool has_room(struct http_transfer *transfer, size_t length)
{
    struct http *http = transfer->http;
    if (http->held + length <= http->max_held)
        return true;
    if (http->large == NULL)
        http->large = transfer;
    return http->large == transfer;
}

size_t http_reply_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct http_transfer *transfer = arg;
    size_t length = size * count;
    transfer->progress = loop_now(transfer->http->loop);
    if (!has_room(transfer, length)) {
        set_paused(transfer, true);
        return CURL_WRITEFUNC_PAUSE;
    }
    if (buf_add(&transfer->reply, bytes, length) == 0) {
        transfer->http->held += length;
        return length;
    }
    transfer->too_large = true;
    return 0;
}

static void resume(void *arg)
{
    struct http *http = arg;
    http->resume_timer = NULL;
    for (struct http_transfer *each = http->active; each != NULL; each = each->next) {
        if (!each->paused)
            continue;
        set_paused(each, false);
        each->progress = loop_now(http->loop);
        curl_easy_pause(each->easy, CURLPAUSE_CONT);
    }
}

void http_reply_released(struct http_transfer *transfer)
{
    struct http *http = transfer->http;
    http->held -= transfer->reply.len;
    set_paused(transfer, false);
    if (http->large == transfer)
        http->large = NULL;
    if (http->paused > 0 && http->resume_timer == NULL)
        http->resume_timer = loop_after(http->loop, 0, resume, http);
}
