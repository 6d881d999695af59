#include "net/http/http_idle.h"

#include "net/http/http_fault.h"
#include "net/http/http_internal.h"
#include "net/http/http_transfer.h"

#define SHORTEST_MS 10
#define WINDOW_MS 5000
#define LEAST_BYTES 1024 /* per second */

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

/* libcurl reports how many bytes were sent, but not when. */
static void note_upload(struct http_transfer *transfer, int64_t now)
{
    curl_off_t uploaded = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    if (uploaded != transfer->uploaded)
        transfer->progress = now;
    transfer->uploaded = uploaded;
}

static bool is_idle(struct http_transfer *transfer, int64_t now)
{
    if (transfer->progress + transfer->idle_ms <= now)
        note_upload(transfer, now);
    return transfer->progress + transfer->idle_ms <= now;
}

/* A response has its idle time without any minimum. After that it must bring 1 KiB a second,
 * because a peer that sends a byte now and then would occupy a connection forever. */
static int64_t window_of(const struct http_transfer *transfer)
{
    return transfer->idle_ms < WINDOW_MS ? transfer->idle_ms : WINDOW_MS;
}

static int64_t next_mark(const struct http_transfer *transfer)
{
    return transfer->marked != 0 ? transfer->marked + window_of(transfer)
                                 : transfer->began + transfer->idle_ms;
}

static bool is_slow(struct http_transfer *transfer, int64_t now)
{
    if (!transfer->sent || now < next_mark(transfer))
        return false;
    note_upload(transfer, transfer->progress);
    size_t bytes = transfer->head.len + transfer->reply.len + (size_t)transfer->uploaded;
    int64_t least = LEAST_BYTES * window_of(transfer) / 1000;
    bool slow = transfer->marked != 0 && (int64_t)(bytes - transfer->marked_bytes) < least;
    transfer->marked = now;
    transfer->marked_bytes = bytes;
    return slow;
}

static bool fault(struct http_transfer *transfer, int64_t now, struct err *err)
{
    if (transfer->paused)
        transfer->marked = 0; /* counted from zero after the pause */
    if (transfer->refusal != NULL || transfer->paused)
        return false;
    if (is_idle(transfer, now))
        http_fault_idle(transfer, err);
    else if (is_slow(transfer, now))
        http_fault_slow(transfer, err);
    return err->kind != ERR_NONE;
}

static int64_t due_of(const struct http_transfer *transfer)
{
    int64_t due = transfer->progress + transfer->idle_ms;
    int64_t mark = next_mark(transfer);
    return transfer->sent && mark < due ? mark : due;
}

static struct http_transfer *first_expired(struct http *http, int64_t *next, struct err *err)
{
    int64_t now = loop_now(http->loop);
    *next = INT64_MAX;
    for (struct http_transfer *each = http->active; each != NULL; each = each->next) {
        if (fault(each, now, err))
            return each;
        if (!each->paused && due_of(each) < *next)
            *next = due_of(each);
    }
    return NULL;
}

/* Starts again from the head after each callback, because `done` may change the list. */
static void look(void *arg)
{
    struct http *http = arg;
    struct http_transfer *transfer;
    int64_t next;
    http->idle_timer = NULL;
    struct err err = {0};
    while ((transfer = first_expired(http, &next, &err)) != NULL) {
        http_finish(transfer, &err);
        err_clear(&err);
    }
    if (next != INT64_MAX)
        arm(http, next);
}
