#include "audit/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_LINE (1u << 20)
#define CHUNK 65536

/* One call of `target` answers one pull. The descriptor is watched only while an answer needs bytes
 * that have not arrived yet. */
struct lines {
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
    bool told_end;
    struct err broken; /* reading failed: reported before the end */
};

struct single {
    struct loop *loop;
    struct source_target target;
    struct resource *resource;
    struct loop_timer *timer;
    unsigned pulls;
    bool told_end;
};

static void lines_step(void *arg);

/* Pulls are answered from the loop, one per turn. */
static void lines_schedule(struct lines *lines)
{
    if (lines->timer == NULL && lines->watch == NULL && lines->pulls > 0)
        lines->timer = loop_after(lines->loop, 0, lines_step, lines);
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
static void tell_bad(struct lines *lines, struct err *err)
{
    lines->pulls--;
    lines_schedule(lines);
    lines->target.bad(lines->target.arg, err);
}

static void tell_text(struct lines *lines, const char *text, size_t length)
{
    lines->pulls--;
    lines_schedule(lines);
    lines->target.line(lines->target.arg, lines->number, text, length);
}

/* A line in which the poll describes its list, or one that asks for a list. */
static bool is_mark(const json_t *line)
{
    const char *word = json_get_string(line, "poll", "");
    return strcmp(word, "begin") == 0 || strcmp(word, "failed") == 0 || strcmp(word, "end") == 0 ||
           strcmp(json_get_string(line, "type", ""), "poll") == 0;
}

static void tell_resource(struct lines *lines, const json_t *line, struct err *err)
{
    struct resource *resource = line != NULL ? resource_from_json(line, err) : NULL;
    if (resource == NULL) {
        err_prefix(err, line != NULL ? "line %lu" : "line %lu: this is no JSON", lines->number);
        tell_bad(lines, err);
        return;
    }
    lines->pulls--;
    lines_schedule(lines);
    lines->target.resource(lines->target.arg, resource);
}

/* False: the line answered no pull, the next one may. */
static bool tell_line(struct lines *lines, const char *text, size_t length)
{
    struct err err = {0};
    if (lines->target.line != NULL) {
        tell_text(lines, text, length);
        return true;
    }
    json_t *line = json_parse_line(text, length, &err);
    bool mark = lines->target.mark != NULL && is_mark(line);
    if (mark)
        lines->target.mark(lines->target.arg, line);
    else
        tell_resource(lines, line, &err);
    json_decref(line);
    return !mark;
}

static void tell_too_long(struct lines *lines, bool rest_follows)
{
    struct err err = {0};
    err_set(&err, ERR_LIMIT, "line %lu: longer than %u bytes", ++lines->number, MAX_LINE);
    lines->skipping = rest_follows;
    tell_bad(lines, &err);
}

static void tell_end(struct lines *lines)
{
    struct err broken = lines->broken;
    if (broken.kind != ERR_NONE) {
        lines->broken.kind = ERR_NONE;
        tell_bad(lines, &broken);
        return;
    }
    lines->pulls = 0;
    if (lines->told_end)
        return;
    lines->told_end = true;
    lines->target.end(lines->target.arg);
}

/* The bytes of the next line; false if its end has not arrived yet. */
static bool take_line(struct lines *lines, const char **text, size_t *length)
{
    size_t held = lines->held.len - lines->start;
    const char *bytes = buf_text(&lines->held) + lines->start;
    const char *end = memchr(bytes + lines->searched, '\n', held - lines->searched);
    if (end == NULL && !(lines->at_end && held > 0)) {
        lines->searched = held;
        return false;
    }
    *text = bytes;
    *length = end != NULL ? (size_t)(end - bytes) : held;
    lines->start += *length + (end != NULL);
    lines->searched = 0;
    return true;
}

/* Delivers one line or the end; false if bytes are missing. */
static bool answer(struct lines *lines)
{
    const char *text;
    size_t length;
    while (take_line(lines, &text, &length)) {
        if (lines->skipping) {
            lines->skipping = false;
            continue;
        }
        if (length > MAX_LINE) {
            tell_too_long(lines, false);
            return true;
        }
        lines->number++;
        if (!is_blank(text, length) && tell_line(lines, text, length))
            return true;
    }
    if (!lines->at_end)
        return false;
    tell_end(lines);
    return true;
}

/* Makes room for a chunk; a line that fills the whole buffer is reported as too long and
 * dropped. */
static bool drop_overlong(struct lines *lines)
{
    bool overlong = lines->held.len - lines->start > MAX_LINE;
    if (overlong || lines->skipping) {
        buf_reset(&lines->held);
        lines->start = lines->searched = 0;
    }
    return overlong && !lines->skipping;
}

static void keep_rest(struct lines *lines)
{
    size_t rest = lines->held.len - lines->start;
    if (lines->start == 0)
        return;
    memmove(lines->held.data, lines->held.data + lines->start, rest);
    lines->held.len = rest;
    lines->start = 0;
}

static void read_chunk(struct lines *lines)
{
    char chunk[CHUNK];
    ssize_t got = read(lines->fd, chunk, sizeof chunk);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got < 0)
        err_set(&lines->broken, ERR_IO, "reading the lines failed: %s", strerror(errno));
    if (got <= 0) {
        lines->at_end = true;
        return;
    }
    keep_rest(lines);
    buf_add(&lines->held, chunk, (size_t)got);
}

static void lines_readable(void *arg, int fd, bool readable, bool writable)
{
    struct lines *lines = arg;
    (void)fd, (void)readable, (void)writable;
    read_chunk(lines);
    loop_unwatch(lines->loop, lines->watch);
    lines->watch = NULL;
    lines_step(lines);
}

static void lines_step(void *arg)
{
    struct lines *lines = arg;
    lines->timer = NULL;
    if (answer(lines))
        return;
    if (drop_overlong(lines))
        tell_too_long(lines, true);
    else
        lines->watch = loop_watch(lines->loop, lines->fd, true, false, lines_readable, lines);
}

static void lines_pull(void *self)
{
    struct lines *lines = self;
    lines->pulls++;
    lines_schedule(lines);
}

static void lines_free(void *self)
{
    struct lines *lines = self;
    loop_cancel(lines->loop, lines->timer);
    loop_unwatch(lines->loop, lines->watch);
    buf_clear(&lines->held);
    mem_free(lines);
}

struct source source_lines(struct loop *loop, int fd, const struct source_target *target)
{
    struct lines *lines = mem_alloc(sizeof *lines);
    lines->loop = loop;
    lines->target = *target;
    lines->fd = fd;
    buf_init(&lines->held, MAX_LINE + 2 * CHUNK);
    return (struct source){.pull = lines_pull, .free = lines_free, .self = lines};
}

static void single_step(void *arg)
{
    struct single *single = arg;
    struct resource *resource = single->resource;
    single->resource = NULL;
    single->timer = NULL;
    single->pulls--;
    if (single->pulls > 0 && !single->told_end)
        single->timer = loop_after(single->loop, 0, single_step, single);
    if (resource != NULL) {
        single->target.resource(single->target.arg, resource);
        return;
    }
    single->told_end = true;
    single->target.end(single->target.arg);
}

static void single_pull(void *self)
{
    struct single *single = self;
    single->pulls++;
    if (single->timer == NULL && !single->told_end)
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
