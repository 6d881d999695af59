/* Writes resource lines to stdout, one JSON object per line, or to a queue. Serves poll and
 * translate. */
#ifndef INTAKE_LINE_SINK_H
#define INTAKE_LINE_SINK_H

#include "notify/message.h"
#include "policy/resource.h"

struct line_sink;
/* queue_url NULL: stdout. */
struct line_sink *line_sink_open(struct message *message, const char *queue_url, struct err *err);
void line_sink_put(struct line_sink *lines, const struct resource *resource);
/* Writes any text as a line to stdout: only if there is no queue. */
void line_sink_print(struct line_sink *lines, const char *text);
/* Writes any other message; it is not counted. A queue delays it by delay_s. */
void line_sink_put_message(struct line_sink *lines, const json_t *message, int delay_s);
/* Too many lines wait to be sent: the caller should pause. */
bool line_sink_full(const struct line_sink *lines);
/* stdout cannot be written any more, as when the next program in a pipe has ended. line_sink_close
 * reports it. */
bool line_sink_failed(const struct line_sink *lines);
/* Lines put so far. */
size_t line_sink_count(const struct line_sink *lines);
/* Sends the rest; done is called when everything is delivered or lost. Frees. */
void line_sink_close(struct line_sink *lines, struct loop *loop, message_done done, void *arg);

#endif
