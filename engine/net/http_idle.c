/* Transfers that see no byte for too long. One timer for all, due when the first of them could be;
 * libcurl's own limit (CURLOPT_LOW_SPEED_TIME) counts in seconds only. */
#include "net/http_internal.h"

#define SHORTEST_MS 10

static void look(void *arg);

static void arm(struct http *http, int64_t due)
{
    int64_t wait = due - loop_now(http->loop);
    loop_cancel(http->loop, http->idle_timer);
    http->idle_timer = loop_after(http->loop, wait > SHORTEST_MS ? wait : SHORTEST_MS, look, http);
    http->idle_due = due;
    loop_timer_background(http->loop, http->idle_timer);
}

void http_idle_expect(struct http *http, int64_t due)
{
    if (http->idle_timer == NULL || due < http->idle_due)
        arm(http, due);
}

/* Of bytes that leave libcurl only tells their number. */
static void note_upload(struct http_transfer *transfer, int64_t now)
{
    curl_off_t uploaded = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    if (uploaded != transfer->uploaded)
        transfer->progress = now;
    transfer->uploaded = uploaded;
}

static bool expired(struct http_transfer *transfer, int64_t now)
{
    if (transfer->refusal != NULL || transfer->paused)
        return false;
    if (transfer->progress + transfer->idle_ms <= now)
        note_upload(transfer, now);
    return transfer->progress + transfer->idle_ms <= now;
}

static struct http_transfer *first_expired(struct http *http, int64_t *next)
{
    int64_t now = loop_now(http->loop);
    *next = INT64_MAX;
    for (struct http_transfer *each = http->active; each != NULL; each = each->next) {
        if (expired(each, now))
            return each;
        if (!each->paused && each->progress + each->idle_ms < *next)
            *next = each->progress + each->idle_ms;
    }
    return NULL;
}

/* From the start again after each, since done may change the list. */
static void look(void *arg)
{
    struct http *http = arg;
    struct http_transfer *transfer;
    int64_t next;
    http->idle_timer = NULL;
    while ((transfer = first_expired(http, &next)) != NULL) {
        struct err err = {0};
        http_fault_idle(transfer, &err);
        http_finish(transfer, &err);
    }
    if (next != INT64_MAX)
        arm(http, next);
}
