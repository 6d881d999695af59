/* Which targets should be listed because events named no resource: many such events cause few
 * listings. Serves the two users of translate, which send the messages; it does not use queues
 * itself. One instance per process, for all its runs. */
#ifndef INTAKE_ASKED_H
#define INTAKE_ASKED_H

#include <jansson.h>
#include <stdint.h>

#define ASKED_APART_S 300 /* minimum between listings of one target; within SQS's 900 */

struct asked;
struct asked *asked_new(void);
void asked_free(struct asked *asked);

/* In how many seconds this target (a message as in translate.h) should be listed. 0 if it was not
 * listed for ASKED_APART_S; -1 if a listing is already due later. */
int asked_when(struct asked *asked, const json_t *message, int64_t now_ms);
/* Call it if messages may have been lost: the next event of each target asks again. */
void asked_forget(struct asked *asked);

#endif
