/* Which targets should be listed because events named no resource: many such events cause few
 * listings. Serves the two users of translate, which send the messages; it does not use queues
 * itself. One instance per process, for all its runs. */
#ifndef INTAKE_LISTING_SCHEDULE_H
#define INTAKE_LISTING_SCHEDULE_H

#include <jansson.h>
#include <stdint.h>

#define LISTING_INTERVAL_S 300 /* minimum between listings of one target; within SQS's 900 */

struct listing_schedule;
struct listing_schedule *listing_schedule_new(void);
void listing_schedule_free(struct listing_schedule *schedule);

/* In how many seconds this target (a message as in translate.h) should be listed. 0 if it was not
 * listed for LISTING_INTERVAL_S; -1 if a listing is already due later. */
int listing_schedule_delay(struct listing_schedule *schedule, const json_t *message,
                           int64_t now_ms);
/* Call it if messages may have been lost: the next event of each target asks again. */
void listing_schedule_forget(struct listing_schedule *schedule);

#endif
