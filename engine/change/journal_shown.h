/* A fix of a journal as a finding, so that reports can show it. Serves cmd_show. */
#ifndef CHANGE_JOURNAL_SHOWN_H
#define CHANGE_JOURNAL_SHOWN_H

#include <jansson.h>

/* `fix` as journal_read_all returns it. The summary says what was done, when, by whom, and what can
 * be undone; `steps` are the calls, with their inverses. New. */
json_t *journal_shown(const json_t *fix);

#endif
