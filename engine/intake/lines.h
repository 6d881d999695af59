/* Where resource lines go: to stdout, one JSON object a line, or to a queue. Serves poll and
 * translate. */
#ifndef INTAKE_LINES_H
#define INTAKE_LINES_H

#include "notify/message.h"
#include "policy/resource.h"

struct lines;
/* queue_url NULL: stdout. */
struct lines *lines_open(struct message *message, const char *queue_url, struct err *err);
void lines_put(struct lines *lines, const struct resource *resource);
/* Any line, to stdout: only where there is no queue. */
void lines_print(struct lines *lines, const char *text);
/* Anything else; not counted. A queue holds it back for delay_s. */
void lines_put_message(struct lines *lines, const json_t *message, int delay_s);
/* So much waits to be sent that the caller should pause. */
bool lines_full(const struct lines *lines);
/* Lines put so far. */
size_t lines_count(const struct lines *lines);
/* Sends the rest; done when all is delivered or lost. Frees. */
void lines_close(struct lines *lines, struct loop *loop, message_done done, void *arg);

#endif
