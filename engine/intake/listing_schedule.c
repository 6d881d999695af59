#include "intake/listing_schedule.h"

#include "base/mem.h"
#include "value/json.h"

#define MOST_KEPT 10000

struct listing_schedule {
    json_t *due; /* by target: when it is due, in milliseconds */
};

struct listing_schedule *listing_schedule_new(void)
{
    struct listing_schedule *schedule = mem_alloc(sizeof *schedule);
    schedule->due = json_object();
    return schedule;
}

void listing_schedule_free(struct listing_schedule *schedule)
{
    if (schedule == NULL)
        return;
    json_decref(schedule->due);
    mem_free(schedule);
}

void listing_schedule_forget(struct listing_schedule *schedule)
{
    json_object_clear(schedule->due);
}

static void keep(struct listing_schedule *schedule, const char *target, int64_t due_ms)
{
    if (json_object_size(schedule->due) >= MOST_KEPT)
        listing_schedule_forget(schedule);
    json_object_set_new_nocheck(schedule->due, target, json_integer(due_ms));
}

/* At most one listing of a target is due in the future; it covers all events until then. An earlier
 * one may be in progress or finished. */
static int seconds_until(const json_t *known, int64_t now_ms)
{
    int64_t due_ms = json_integer_value(known);
    if (known != NULL && due_ms > now_ms)
        return -1;
    int64_t left_ms = due_ms + LISTING_INTERVAL_S * 1000 - now_ms;
    return known == NULL || left_ms <= 0 ? 0 : (int)((left_ms + 999) / 1000);
}

int listing_schedule_delay(struct listing_schedule *schedule, const json_t *message, int64_t now_ms)
{
    char *target = json_text_canonical(message);
    int seconds = seconds_until(json_object_get(schedule->due, target), now_ms);
    if (seconds >= 0)
        keep(schedule, target, now_ms + (int64_t)seconds * 1000);
    mem_free(target);
    return seconds;
}
