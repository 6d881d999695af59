/* A poll's list on stdout: {"poll":"begin","places":19}, the resource lines in the order of their
 * places, {"poll":"end","failed":[{"account","region","type","error"}]}. So a reader knows whether
 * it has them all, and two polls of the same are the same. Where very many places failed, lines
 * {"poll":"failed","failed":[…]} before the last one hold the first of them: no line is longer than
 * its reader takes. Serves cmd_poll; calls poll, order and lines. */
#ifndef INTAKE_POLL_LIST_H
#define INTAKE_POLL_LIST_H

#include "intake/poll.h"

struct poll_list;
/* Before poll_start. Both are borrowed until the end. */
struct poll_list *poll_list_begin(struct poll *poll, struct lines *lines);
/* When the poll is done; one that was stopped before it was has no last line. Frees. -1: the order
 * is lost (which was logged). */
int poll_list_end(struct poll_list *list);

#endif
