#include <string.h>

#include "base/mem.h"
#include "value/json.h"
#include "work/poll.h"

#define MOST_BYTES (512u << 10) /* of the places that one line names; source.h takes 1 MiB */

void poll_put_begin(const struct poll *poll, struct lines *lines)
{
    json_t *line =
        json_pack("{s:s, s:I}", "poll", "begin", "places", (json_int_t)poll_places(poll));
    lines_note(lines, line);
    json_decref(line);
}

static json_t *failure_of(const struct poll_place *place, const json_t *error)
{
    return json_pack("{s:s, s:s, s:s, s:O}", "account", place->account, "region", place->region,
                     "type", place->policy->type, "error", error);
}

static void put(struct lines *lines, const char *word, json_t *failed)
{
    json_t *line = json_pack("{s:s, s:O}", "poll", word, "failed", failed);
    lines_note(lines, line);
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

void poll_put_end(const struct poll *poll, struct lines *lines)
{
    size_t bytes = 0;
    json_t *failed = json_array();
    for (size_t i = 0; i < poll_places(poll); i++) {
        const json_t *error = poll_error(poll, i);
        if (error == NULL)
            continue;
        json_t *failure = failure_of(poll_place(poll, i), error);
        size_t length = length_of(failure);
        if (bytes > 0 && bytes + length > MOST_BYTES) {
            put(lines, "failed", failed);
            bytes = 0;
        }
        bytes += length;
        json_array_append_new(failed, failure);
    }
    put(lines, "end", failed);
    json_decref(failed);
}
