/* The list of a poll on stdout: {"poll":"begin","places":19}, the resource lines in the order of
 * their targets, {"poll":"end","failed":[{"account","region","type","error"}]}. So a reader knows
 * whether it has all lines, and two polls of the same resources have the same output. If very many
 * targets failed, lines {"poll":"failed","failed":[…]} before the last line contain the first of
 * them: no line is longer than its reader accepts. Serves cmd_poll; calls poll, order and lines. */
#ifndef INTAKE_POLL_LIST_H
#define INTAKE_POLL_LIST_H

#include "intake/poll.h"

struct poll_list;
/* Call it before poll_start. Both are borrowed until the end. */
struct poll_list *poll_list_begin(struct poll *poll, struct line_sink *lines);
/* Call it when the poll is done. If the poll was stopped early, the list has no last line. Frees.
 * -1: the order was lost (which was logged). */
int poll_list_end(struct poll_list *list);

#endif
