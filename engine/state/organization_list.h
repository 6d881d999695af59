/* The accounts of the organization, or of some of its units, as this process knows them from one
 * run to the next. Serves services and admission; calls organization_listing and
 * organization_shared.
 *
 * Where STATE_TABLE is set, processes share the list: the first that finds it older than a quarter
 * of an hour lists anew, the others go on with the list that there is. Without the table each
 * process lists for itself, every three quarters of an hour. Either way a run does not begin with a
 * list that is older than an hour: then none is known. A listing that was cut off counts for
 * nothing until it is whole: the next load of this process goes on where it ended. */
#ifndef STATE_ORGANIZATION_LIST_H
#define STATE_ORGANIZATION_LIST_H

#include "accounts/organization_listing.h"

struct organization_list;
/* ORGANIZATION_ACCOUNT is set. */
struct organization_list *organization_list_new(const struct settings *settings);
void organization_list_free(struct organization_list *list);
/* Before the first load: ORGANIZATION_WHOLE, which is asked for alone, or units. */
void organization_list_add(struct organization_list *list, const char *parent);

/* Makes the list as new as it must be; from the loop. err: there is none. */
void organization_list_load(struct organization_list *list, const struct context *context,
                            message_done done, void *arg);
/* Nothing more is asked for: a load that is under way ends after its page. */
void organization_list_stop(struct organization_list *list);

/* As of the last load; NULL: there is no list that is new enough. Until the next load. */
const struct organization_known *organization_list_known(const struct organization_list *list);

#endif
