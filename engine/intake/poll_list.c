#include "intake/poll_list.h"

#include <string.h>

#include "base/mem.h"
#include "base/order.h"
#include "value/json.h"

#define MOST_BYTES (512u << 10) /* of the targets in one line; source.h accepts 1 MiB */

struct poll_list {
    struct poll *poll;
    struct line_sink *lines;
    struct order *order; /* a group for each target, by its index */
};

static void print(struct poll_list *list, const json_t *line)
{
    char *text = json_text(line);
    line_sink_print(list->lines, text);
    mem_free(text);
}

static void on_turn(void *arg, const void *bytes, size_t length)
{
    struct poll_list *list = arg;
    (void)length; /* the text contains its end */
    line_sink_print(list->lines, bytes);
}

static void on_found(void *arg, size_t target, const struct resource *resource)
{
    struct poll_list *list = arg;
    json_t *line = resource_to_json(resource);
    char *text = json_text(line);
    order_settle(list->order, order_take(list->order, target), text, strlen(text) + 1);
    mem_free(text);
    json_decref(line);
}

static void on_listed(void *arg, size_t target)
{
    struct poll_list *list = arg;
    order_close(list->order, target);
}

struct poll_list *poll_list_begin(struct poll *poll, struct line_sink *lines)
{
    struct poll_list *list = mem_alloc(sizeof *list);
    const struct poll_sink sink = {.found = on_found, .listed = on_listed, .arg = list};
    *list = (struct poll_list){.poll = poll, .lines = lines, .order = order_new(on_turn, list)};
    for (size_t i = 0; i < poll_targets(poll); i++)
        order_group(list->order);
    poll_divert(poll, &sink);
    json_t *line =
        json_pack("{s:s, s:I}", "poll", "begin", "places", (json_int_t)poll_targets(poll));
    print(list, line);
    json_decref(line);
    return list;
}

/* ---- the end ---- */

static json_t *failure_of(const struct poll_target *target, const json_t *error)
{
    return json_pack("{s:s, s:s, s:s, s:O}", "account", target->account, "region", target->region,
                     "type", target->policy->type, "error", error);
}

static void put(struct poll_list *list, const char *word, json_t *failed)
{
    json_t *line = json_pack("{s:s, s:O}", "poll", word, "failed", failed);
    print(list, line);
    json_decref(line);
    json_array_clear(failed);
}

static size_t length_of(const json_t *value)
{
    char *text = json_text(value);
    size_t length = strlen(text);
    mem_free(text);
    return length;
}

static void put_end(struct poll_list *list)
{
    size_t bytes = 0;
    json_t *failed = json_array();
    for (size_t i = 0; i < poll_targets(list->poll); i++) {
        const json_t *error = poll_error(list->poll, i);
        if (error == NULL)
            continue;
        json_t *failure = failure_of(poll_target(list->poll, i), error);
        size_t length = length_of(failure);
        if (bytes > 0 && bytes + length > MOST_BYTES) {
            put(list, "failed", failed);
            bytes = 0;
        }
        bytes += length;
        json_array_append_new(failed, failure);
    }
    put(list, "end", failed);
    json_decref(failed);
}

int poll_list_end(struct poll_list *list)
{
    bool failed = order_failed(list->order);
    order_flush(list->order);
    if (poll_left(list->poll) == 0)
        put_end(list);
    order_free(list->order);
    mem_free(list);
    return failed ? -1 : 0;
}
