#include "intake/lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "notify/message_queue.h"
#include "value/json.h"

struct lines {
    struct message_queue *queue; /* NULL: stdout */
    size_t count;
    struct err err;
    message_done done;
    void *arg;
};

struct lines *lines_open(struct message *message, const char *queue_url, struct err *err)
{
    struct message_queue *queue = NULL;
    if (queue_url != NULL) {
        queue = message_queue_open(message, queue_url, err);
        if (queue == NULL)
            return NULL;
    }
    struct lines *lines = mem_alloc(sizeof *lines);
    lines->queue = queue;
    return lines;
}

size_t lines_count(const struct lines *lines)
{
    return lines->count;
}

void lines_print(struct lines *lines, const char *text)
{
    if (printf("%s\n", text) < 0 && lines->err.kind == ERR_NONE)
        err_set(&lines->err, ERR_IO, "stdout cannot be written: %s", strerror(errno));
}

static void print(struct lines *lines, const json_t *line)
{
    char *text = json_text(line);
    lines_print(lines, text);
    mem_free(text);
}

void lines_put(struct lines *lines, const struct resource *resource)
{
    json_t *line = resource_to_json(resource);
    lines->count++;
    if (lines->queue != NULL)
        message_queue_put(lines->queue, line, resource->delay);
    else
        print(lines, line);
    json_decref(line);
}

void lines_put_message(struct lines *lines, const json_t *message, int delay_s)
{
    if (lines->queue != NULL)
        message_queue_put(lines->queue, message, delay_s);
    else
        print(lines, message);
}

bool lines_full(const struct lines *lines)
{
    return lines->queue != NULL && message_queue_full(lines->queue);
}

static void tell(void *arg)
{
    struct lines *lines = arg;
    message_done done = lines->done;
    void *done_arg = lines->arg;
    struct err err = lines->err;
    mem_free(lines);
    done(done_arg, err.kind != ERR_NONE ? &err : NULL);
}

static void on_sent(void *arg, const struct err *err)
{
    struct lines *lines = arg;
    if (err != NULL)
        lines->err = *err;
    tell(lines);
}

void lines_close(struct lines *lines, struct loop *loop, message_done done, void *arg)
{
    lines->done = done;
    lines->arg = arg;
    if (lines->queue != NULL) {
        message_queue_close(lines->queue, on_sent, lines);
        return;
    }
    if (fflush(stdout) != 0 && lines->err.kind == ERR_NONE)
        err_set(&lines->err, ERR_IO, "stdout cannot be written: %s", strerror(errno));
    loop_defer(loop, tell, lines);
}
