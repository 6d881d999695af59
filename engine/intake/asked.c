#include "intake/asked.h"

#include "base/mem.h"
#include "value/json.h"

#define MOST_KEPT 10000

struct asked {
    json_t *due; /* by target: when it is due, in milliseconds */
};

struct asked *asked_new(void)
{
    struct asked *asked = mem_alloc(sizeof *asked);
    asked->due = json_object();
    return asked;
}

void asked_free(struct asked *asked)
{
    if (asked == NULL)
        return;
    json_decref(asked->due);
    mem_free(asked);
}

void asked_forget(struct asked *asked)
{
    json_object_clear(asked->due);
}

static void keep(struct asked *asked, const char *place, int64_t due_ms)
{
    if (json_object_size(asked->due) >= MOST_KEPT)
        asked_forget(asked);
    json_object_set_new_nocheck(asked->due, place, json_integer(due_ms));
}

/* At most one listing of a target is due in the future; it covers all events until then. An earlier
 * one may be in progress or finished. */
static int seconds_until(const json_t *known, int64_t now_ms)
{
    int64_t due_ms = json_integer_value(known);
    if (known != NULL && due_ms > now_ms)
        return -1;
    int64_t left_ms = due_ms + ASKED_APART_S * 1000 - now_ms;
    return known == NULL || left_ms <= 0 ? 0 : (int)((left_ms + 999) / 1000);
}

int asked_when(struct asked *asked, const json_t *message, int64_t now_ms)
{
    char *place = json_text_canonical(message);
    int seconds = seconds_until(json_object_get(asked->due, place), now_ms);
    if (seconds >= 0)
        keep(asked, place, now_ms + (int64_t)seconds * 1000);
    mem_free(place);
    return seconds;
}
