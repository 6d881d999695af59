/* Which places were asked to be listed, because events named no resource of theirs: many such
 * events become few lists. Serves translate's two users, which send the messages; knows nothing of
 * queues. One for a process, however many runs it makes. */
#ifndef INTAKE_ASKED_H
#define INTAKE_ASKED_H

#include <jansson.h>
#include <stdint.h>

#define ASKED_APART_S 300 /* two lists of one place, at least; within SQS's 900 */

struct asked;
struct asked *asked_new(void);
void asked_free(struct asked *asked);

/* In how many seconds this place (a message as translate.h has it) should be listed; -1: it will be
 * anyway, after now. At once where it was not for ASKED_APART_S. */
int asked_when(struct asked *asked, const json_t *message, int64_t now_ms);
/* Some of the messages may not have arrived: the next event of each place asks again. */
void asked_forget(struct asked *asked);

#endif
