/* Writes resource lines to stdout, one JSON object per line, or to a queue. Serves poll and
 * translate. */
#ifndef INTAKE_LINES_H
#define INTAKE_LINES_H

#include "notify/message.h"
#include "policy/resource.h"

struct lines;
/* queue_url NULL: stdout. */
struct lines *lines_open(struct message *message, const char *queue_url, struct err *err);
void lines_put(struct lines *lines, const struct resource *resource);
/* Writes any text as a line to stdout: only if there is no queue. */
void lines_print(struct lines *lines, const char *text);
/* Writes any other message; it is not counted. A queue delays it by delay_s. */
void lines_put_message(struct lines *lines, const json_t *message, int delay_s);
/* Too many lines wait to be sent: the caller should pause. */
bool lines_full(const struct lines *lines);
/* Lines put so far. */
size_t lines_count(const struct lines *lines);
/* Sends the rest; done is called when everything is delivered or lost. Frees. */
void lines_close(struct lines *lines, struct loop *loop, message_done done, void *arg);

#endif
