#include "intake/event_source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

#define CHUNK 32768
/* RFC 1952, "Member format": ID1 and ID2. No JSON text holds them: 0x1f must be escaped there, and
 * 0x8b is no beginning of a character. */
static const char magic[] = {'\x1f', '\x8b'};
#define GZIP_ONLY (MAX_WBITS + 16) /* zlib's manual, inflateInit2 */
/* An event that is too long is skipped, but a compressed file of a few kilobytes may hold one that
 * never ends. */
#define MOST_SKIPPED (64 * EVENT_MAX)

struct event_source {
    struct loop *loop;
    struct event_target target;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *timer;
    bool pulled, at_end;
    struct err broken;
    char read[CHUNK]; /* bytes as they came, from `start` on */
    size_t start, length;
    unsigned long long passed; /* bytes before `start` */
    char plain[CHUNK];         /* bytes of text, from `plain_start` on */
    size_t plain_start, plain_length;
    bool inflating, line_ended;
    bool padded;    /* after a compressed file: zero bytes are its padding */
    size_t skipped; /* bytes of text since the last event */
    z_stream inflate;
    struct event_frames frames;
};

static void step(void *arg);

static void schedule(struct event_source *source)
{
    if (source->timer == NULL && source->watch == NULL && source->pulled)
        source->timer = loop_after(source->loop, 0, step, source);
}

/* ---- bytes to text ---- */

static void consume(struct event_source *source, size_t count)
{
    source->start += count;
    source->length -= count;
    source->passed += count;
}

static void end_inflate(struct event_source *source)
{
    if (source->inflating)
        inflateEnd(&source->inflate);
    source->inflating = false;
}

static void read_no_more(struct event_source *source)
{
    end_inflate(source);
    source->length = source->plain_length = 0;
    source->line_ended = false;
    source->at_end = true;
}

/* Nothing after it can be read either: the next file's beginning is not known. */
static void break_off(struct event_source *source, const char *why)
{
    size_t length = source->plain_length; /* the text before the damage */
    err_set(&source->broken, ERR_PARSE, "byte %llu: the compressed file (gzip) %s", source->passed,
            why);
    read_no_more(source);
    source->plain_length = length;
}

static void begin_inflate(struct event_source *source)
{
    source->inflate = (z_stream){0};
    source->inflating = inflateInit2(&source->inflate, GZIP_ONLY) == Z_OK;
    if (!source->inflating)
        break_off(source, "needs more memory than there is");
}

static void inflate_some(struct event_source *source)
{
    z_stream *stream = &source->inflate;
    stream->next_in = (unsigned char *)source->read + source->start;
    stream->avail_in = (unsigned)source->length;
    stream->next_out = (unsigned char *)source->plain;
    stream->avail_out = CHUNK;
    int result = inflate(stream, Z_NO_FLUSH);
    source->plain_start = 0;
    source->plain_length = CHUNK - stream->avail_out;
    consume(source, source->length - stream->avail_in);
    if (result == Z_STREAM_END) {
        end_inflate(source);
        source->line_ended = source->padded = true;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        break_off(source, "is damaged: what follows is not read");
    }
}

/* Where a compressed file begins in the bytes as they came; their end if nowhere. A first byte of
 * it at their end is left for the next time. */
static size_t plain_bytes(const struct event_source *source)
{
    const char *bytes = source->read + source->start;
    for (size_t i = 0; i < source->length; i++) {
        bool last = i + 1 == source->length;
        if (bytes[i] == magic[0] && (last ? !source->at_end : bytes[i + 1] == magic[1]))
            return i;
    }
    return source->length;
}

/* gzip(1) ignores zeros after a compressed file, with which tapes and blocks are filled. */
static void skip_padding(struct event_source *source)
{
    size_t count = 0;
    while (source->padded && count < source->length && source->read[source->start + count] == 0)
        count++;
    source->padded = source->padded && count == source->length;
    consume(source, count);
}

static bool decode(struct event_source *source)
{
    if (source->inflating) {
        if (source->length > 0 || source->at_end)
            inflate_some(source);
        if (source->inflating && source->at_end && source->plain_length == 0)
            break_off(source, "ends early");
        return source->plain_length > 0 || source->at_end || source->line_ended;
    }
    skip_padding(source);
    if (source->length == 0)
        return true;
    size_t count = plain_bytes(source);
    memcpy(source->plain, source->read + source->start, count);
    source->plain_start = 0;
    source->plain_length = count;
    consume(source, count);
    if (count == 0 && source->length > 1)
        begin_inflate(source);
    return count > 0 || source->inflating;
}

/* ---- text to events ---- */

static void answer(struct event_source *source, const struct event_text *text)
{
    source->pulled = false;
    source->target.text(source->target.arg, text);
}

static void count_skipped(struct event_source *source, size_t used, bool found)
{
    source->skipped = found ? 0 : source->skipped + used;
    if (source->skipped <= MOST_SKIPPED)
        return;
    err_set(&source->broken, ERR_LIMIT,
            "byte %llu: no event ends within %u bytes of text: what follows is not read",
            source->passed, MOST_SKIPPED);
    read_no_more(source);
}

/* True if it answered. */
static bool take_event(struct event_source *source)
{
    struct event_text text;
    bool found = false;
    if (source->plain_length > 0) {
        size_t used = event_frames_feed(&source->frames, source->plain + source->plain_start,
                                        source->plain_length, &text, &found);
        source->plain_start += used;
        source->plain_length -= used;
        count_skipped(source, used, found);
    } else if (source->line_ended) {
        source->line_ended = false;
        found = event_frames_end_line(&source->frames, &text);
    }
    if (found)
        answer(source, &text);
    return found;
}

static void answer_end(struct event_source *source)
{
    struct event_text text;
    struct err broken = source->broken;
    if (event_frames_end(&source->frames, &text)) {
        answer(source, &text);
        return;
    }
    source->pulled = false;
    source->broken.kind = ERR_NONE;
    if (broken.kind != ERR_NONE)
        source->target.bad(source->target.arg, &broken);
    else
        source->target.end(source->target.arg);
}

static void read_chunk(struct event_source *source)
{
    memmove(source->read, source->read + source->start, source->length);
    source->start = 0;
    ssize_t got = read(source->fd, source->read + source->length, CHUNK - source->length);
    if (got > 0)
        source->length += (size_t)got;
    if (got < 0 && errno != EINTR && errno != EAGAIN)
        err_set(&source->broken, ERR_IO, "reading the events failed: %s", strerror(errno));
    source->at_end = got == 0 || source->broken.kind != ERR_NONE;
}

static void on_readable(void *arg, int fd, bool readable, bool writable)
{
    struct event_source *source = arg;
    (void)fd, (void)readable, (void)writable;
    read_chunk(source);
    loop_unwatch(source->loop, source->watch);
    source->watch = NULL;
    step(source);
}

/* One chunk a turn, so that other work is done in between. */
static void step(void *arg)
{
    struct event_source *source = arg;
    source->timer = NULL;
    if (source->plain_length > 0 || source->line_ended) {
        if (!take_event(source))
            schedule(source);
    } else if ((source->length > 0 || source->inflating) && decode(source)) {
        schedule(source);
    } else if (source->at_end) {
        answer_end(source);
    } else {
        source->watch = loop_watch(source->loop, source->fd, true, false, on_readable, source);
    }
}

void event_source_pull(struct event_source *source)
{
    source->pulled = true;
    schedule(source);
}

struct event_source *event_source_new(struct loop *loop, int fd, const struct event_target *target)
{
    struct event_source *source = mem_alloc(sizeof *source);
    source->loop = loop;
    source->fd = fd;
    source->target = *target;
    event_frames_init(&source->frames);
    return source;
}

void event_source_free(struct event_source *source)
{
    if (source == NULL)
        return;
    loop_cancel(source->loop, source->timer);
    loop_unwatch(source->loop, source->watch);
    end_inflate(source);
    event_frames_clear(&source->frames);
    mem_free(source);
}
