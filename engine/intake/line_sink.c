#include "intake/line_sink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "notify/message_queue.h"
#include "value/json.h"

struct line_sink {
    struct message_queue *queue; /* NULL: stdout */
    size_t count;
    struct err err;
    message_done done;
    void *arg;
};

struct line_sink *line_sink_open(struct message *message, const char *queue_url, struct err *err)
{
    struct message_queue *queue = NULL;
    if (queue_url != NULL) {
        queue = message_queue_open(message, queue_url, err);
        if (queue == NULL)
            return NULL;
    }
    struct line_sink *lines = mem_alloc(sizeof *lines);
    lines->queue = queue;
    return lines;
}

size_t line_sink_count(const struct line_sink *lines)
{
    return lines->count;
}

/* Each line is flushed: the next program in a pipe need not wait for a full buffer. */
void line_sink_print(struct line_sink *lines, const char *text)
{
    bool written = printf("%s\n", text) >= 0 && fflush(stdout) == 0;
    if (!written && lines->err.kind == ERR_NONE)
        err_set(&lines->err, ERR_IO, "stdout cannot be written: %s", strerror(errno));
}

static void print(struct line_sink *lines, const json_t *line)
{
    char *text = json_text(line);
    line_sink_print(lines, text);
    mem_free(text);
}

void line_sink_put(struct line_sink *lines, const struct resource *resource)
{
    json_t *line = resource_to_json(resource);
    lines->count++;
    if (lines->queue != NULL)
        message_queue_put(lines->queue, line, resource->delay);
    else
        print(lines, line);
    json_decref(line);
}

void line_sink_put_message(struct line_sink *lines, const json_t *message, int delay_s)
{
    if (lines->queue != NULL)
        message_queue_put(lines->queue, message, delay_s);
    else
        print(lines, message);
}

bool line_sink_full(const struct line_sink *lines)
{
    return lines->queue != NULL && message_queue_full(lines->queue);
}

bool line_sink_failed(const struct line_sink *lines)
{
    return lines->queue == NULL && lines->err.kind != ERR_NONE;
}

static void report(void *arg)
{
    struct line_sink *lines = arg;
    message_done done = lines->done;
    void *done_arg = lines->arg;
    struct err err = lines->err;
    mem_free(lines);
    done(done_arg, err.kind != ERR_NONE ? &err : NULL);
}

static void on_sent(void *arg, const struct err *err)
{
    struct line_sink *lines = arg;
    if (err != NULL)
        lines->err = *err;
    report(lines);
}

void line_sink_close(struct line_sink *lines, struct loop *loop, message_done done, void *arg)
{
    lines->done = done;
    lines->arg = arg;
    if (lines->queue != NULL) {
        message_queue_close(lines->queue, on_sent, lines);
        return;
    }
    loop_defer(loop, report, lines);
}
