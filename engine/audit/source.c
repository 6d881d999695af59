#include "audit/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_LINE (1u << 20)
#define CHUNK 65536
#define LINES_PER_TURN 32

/* One call of `target` answers one pull. The descriptor is watched only while an answer needs bytes
 * that have not arrived yet. */
struct line_source {
    struct loop *loop;
    struct source_target target;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct buf held; /* bytes read and not yet delivered, from `start` on */
    size_t start;
    size_t searched;      /* bytes among them that are known to contain no end of line */
    unsigned long number; /* of the last line taken */
    unsigned pulls;       /* unanswered */
    bool skipping;        /* skips the rest of a line that is too long */
    bool at_end;          /* nothing more to read */
    bool reported_end;
    bool *freed;       /* within answer_pulls: set when the source is freed */
    struct err broken; /* reading failed: reported before the end */
};

struct single {
    struct loop *loop;
    struct source_target target;
    struct resource *resource;
    struct loop_timer *timer;
    unsigned pulls;
    bool reported_end;
};

static void line_source_step(void *arg);

/* Pulls are answered from the loop, a few per turn: the next pull comes within the answer. */
static void line_source_schedule(struct line_source *line_source)
{
    if (line_source->freed == NULL && line_source->timer == NULL && line_source->watch == NULL &&
        line_source->pulls > 0)
        line_source->timer = loop_after(line_source->loop, 0, line_source_step, line_source);
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (memchr(" \t\r", text[i], 3) == NULL)
            return false;
    }
    return true;
}

/* After a call of target nothing may touch `lines`: the callback may free the source. */
static void report_bad(struct line_source *line_source, struct err *err)
{
    line_source->pulls--;
    line_source_schedule(line_source);
    line_source->target.bad(line_source->target.arg, err);
}

/* A line in which the poll describes its list, or one that requests a listing. */
static bool is_mark(const json_t *line)
{
    const char *word = json_get_string(line, "poll", "");
    return strcmp(word, "begin") == 0 || strcmp(word, "failed") == 0 || strcmp(word, "end") == 0 ||
           strcmp(json_get_string(line, "type", ""), "poll") == 0;
}

static void deliver_resource(struct line_source *line_source, const json_t *line, struct err *err)
{
    struct resource *resource = line != NULL ? resource_from_json(line, err) : NULL;
    if (resource == NULL) {
        err_prefix(err, line != NULL ? "line %lu" : "line %lu: this is not JSON",
                   line_source->number);
        report_bad(line_source, err);
        return;
    }
    line_source->pulls--;
    line_source_schedule(line_source);
    line_source->target.resource(line_source->target.arg, resource);
}

/* Returns false if the line is no answer to the pull; the next one may be. */
static bool deliver_line(struct line_source *line_source, const char *text, size_t length)
{
    struct err err;
    err_clear(&err);
    json_t *line = json_parse_line(text, length, &err);
    bool mark = line_source->target.mark != NULL && is_mark(line);
    if (mark)
        line_source->target.mark(line_source->target.arg, line);
    else
        deliver_resource(line_source, line, &err);
    json_decref(line);
    return !mark;
}

static void report_too_long(struct line_source *line_source, bool rest_follows)
{
    struct err err = {0};
    err_set(&err, ERR_LIMIT, "line %lu: longer than %u bytes", ++line_source->number, MAX_LINE);
    line_source->skipping = rest_follows;
    report_bad(line_source, &err);
}

static void report_end(struct line_source *line_source)
{
    struct err broken = line_source->broken;
    if (broken.kind != ERR_NONE) {
        line_source->broken.kind = ERR_NONE;
        report_bad(line_source, &broken);
        return;
    }
    line_source->pulls = 0;
    if (line_source->reported_end)
        return;
    line_source->reported_end = true;
    line_source->target.end(line_source->target.arg);
}

/* The bytes of the next line; false if its end has not arrived yet. */
static bool take_line(struct line_source *line_source, const char **text, size_t *length)
{
    size_t held = line_source->held.len - line_source->start;
    const char *bytes = buf_text(&line_source->held) + line_source->start;
    const char *end = memchr(bytes + line_source->searched, '\n', held - line_source->searched);
    if (end == NULL && !(line_source->at_end && held > 0)) {
        line_source->searched = held;
        return false;
    }
    *text = bytes;
    *length = end != NULL ? (size_t)(end - bytes) : held;
    line_source->start += *length + (end != NULL);
    line_source->searched = 0;
    return true;
}

/* Delivers one line or the end; false if bytes are missing. */
static bool answer(struct line_source *line_source)
{
    const char *text;
    size_t length;
    while (take_line(line_source, &text, &length)) {
        if (line_source->skipping) {
            line_source->skipping = false;
            continue;
        }
        if (length > MAX_LINE) {
            report_too_long(line_source, false);
            return true;
        }
        line_source->number++;
        if (!is_blank(text, length) && deliver_line(line_source, text, length))
            return true;
    }
    if (!line_source->at_end)
        return false;
    report_end(line_source);
    return true;
}

/* Makes room for a chunk; a line that fills the whole buffer is reported as too long and
 * dropped. */
static bool drop_overlong(struct line_source *line_source)
{
    bool overlong = line_source->held.len - line_source->start > MAX_LINE;
    if (overlong || line_source->skipping) {
        buf_reset(&line_source->held);
        line_source->start = line_source->searched = 0;
    }
    return overlong && !line_source->skipping;
}

static void keep_rest(struct line_source *line_source)
{
    size_t rest = line_source->held.len - line_source->start;
    if (line_source->start == 0)
        return;
    memmove(line_source->held.data, line_source->held.data + line_source->start, rest);
    line_source->held.len = rest;
    line_source->start = 0;
}

static void read_chunk(struct line_source *line_source)
{
    char chunk[CHUNK];
    ssize_t got = read(line_source->fd, chunk, sizeof chunk);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got < 0)
        err_set(&line_source->broken, ERR_IO, "reading the lines failed: %s", strerror(errno));
    if (got <= 0) {
        line_source->at_end = true;
        return;
    }
    keep_rest(line_source);
    buf_add(&line_source->held, chunk, (size_t)got);
}

static void line_source_readable(void *arg, int fd, bool readable, bool writable)
{
    struct line_source *line_source = arg;
    (void)fd, (void)readable, (void)writable;
    read_chunk(line_source);
    loop_unwatch(line_source->loop, line_source->watch);
    line_source->watch = NULL;
    line_source_step(line_source);
}

/* Answers the pulls that lines are there for. Returns false if bytes are missing for one. */
static bool answer_pulls(struct line_source *line_source)
{
    bool freed = false, answered = true;
    line_source->freed = &freed;
    for (int i = 0; answered && i < LINES_PER_TURN && line_source->pulls > 0; i++) {
        answered = answer(line_source);
        if (freed)
            return true;
    }
    line_source->freed = NULL;
    if (answered)
        line_source_schedule(line_source);
    return answered;
}

static void line_source_step(void *arg)
{
    struct line_source *line_source = arg;
    line_source->timer = NULL;
    if (answer_pulls(line_source))
        return;
    if (drop_overlong(line_source))
        report_too_long(line_source, true);
    else
        line_source->watch = loop_watch(line_source->loop, line_source->fd, true, false,
                                        line_source_readable, line_source);
}

static void line_source_pull(void *self)
{
    struct line_source *line_source = self;
    line_source->pulls++;
    line_source_schedule(line_source);
}

static void line_source_free(void *self)
{
    struct line_source *line_source = self;
    if (line_source->freed != NULL)
        *line_source->freed = true;
    loop_cancel(line_source->loop, line_source->timer);
    loop_unwatch(line_source->loop, line_source->watch);
    buf_clear(&line_source->held);
    mem_free(line_source);
}

struct source source_lines(struct loop *loop, int fd, const struct source_target *target)
{
    struct line_source *line_source = mem_alloc(sizeof *line_source);
    line_source->loop = loop;
    line_source->target = *target;
    line_source->fd = fd;
    buf_init(&line_source->held, MAX_LINE + 2 * CHUNK);
    return (struct source){.pull = line_source_pull, .free = line_source_free, .self = line_source};
}

static void single_step(void *arg)
{
    struct single *single = arg;
    struct resource *resource = single->resource;
    single->resource = NULL;
    single->timer = NULL;
    single->pulls--;
    if (single->pulls > 0 && !single->reported_end)
        single->timer = loop_after(single->loop, 0, single_step, single);
    if (resource != NULL) {
        single->target.resource(single->target.arg, resource);
        return;
    }
    single->reported_end = true;
    single->target.end(single->target.arg);
}

static void single_pull(void *self)
{
    struct single *single = self;
    single->pulls++;
    if (single->timer == NULL && !single->reported_end)
        single->timer = loop_after(single->loop, 0, single_step, single);
}

static void single_free(void *self)
{
    struct single *single = self;
    loop_cancel(single->loop, single->timer);
    resource_free(single->resource);
    mem_free(single);
}

struct source source_single(struct loop *loop, struct resource *resource,
                            const struct source_target *target)
{
    struct single *single = mem_alloc(sizeof *single);
    single->loop = loop;
    single->target = *target;
    single->resource = resource;
    return (struct source){.pull = single_pull, .free = single_free, .self = single};
}
