#include "app/services/listing_requests.h"

#include "base/clock.h"
#include "intake/listing_schedule.h"

bool listing_requests_add(struct services *services, struct line_sink **queue,
                          const json_t *message, struct err *err)
{
    const char *url = services->settings.poll_queue;
    if (*queue == NULL && url != NULL)
        *queue = line_sink_open(services->message, url, err);
    if (*queue == NULL)
        return false;
    if (services->listing_schedule == NULL)
        services->listing_schedule = listing_schedule_new();
    int when_s = listing_schedule_delay(services->listing_schedule, message, clock_wall_ms());
    if (when_s >= 0)
        line_sink_put_message(*queue, message, when_s);
    return true;
}

void listing_requests_forget(struct services *services)
{
    if (services->listing_schedule != NULL)
        listing_schedule_forget(services->listing_schedule);
}
