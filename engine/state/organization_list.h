/* The accounts of the organization, or of some of its units, as this process keeps them from one
 * run to the next. Serves services and admission; calls organization_listing and
 * organization_shared.
 *
 * If STATE_TABLE is set, processes share the list: the first process that finds it older than a
 * quarter of an hour lists again, and the others use the existing list. Without the table each
 * process lists for itself, every three quarters of an hour. In both cases a run never starts with
 * a list that is older than an hour: then there is no list. An interrupted listing is not used
 * until it is complete: the next load of this process continues it. */
#ifndef STATE_ORGANIZATION_LIST_H
#define STATE_ORGANIZATION_LIST_H

#include "accounts/organization_listing.h"

struct organization_list;
/* Requires ORGANIZATION_ACCOUNT. */
struct organization_list *organization_list_new(const struct settings *settings);
void organization_list_free(struct organization_list *list);
/* Call it before the first load: adds ORGANIZATION_WHOLE, which must be the only parent, or a
 * unit. */
void organization_list_add(struct organization_list *list, const char *parent);

/* Makes the list as new as it must be; from the loop. err: there is no list. */
void organization_list_load(struct organization_list *list, const struct context *context,
                            message_done done, void *arg);
/* Makes no more calls: a running load ends after its page. */
void organization_list_stop(struct organization_list *list);

/* The list of the last load, valid until the next load; NULL if there is no list that is new
 * enough. */
const struct organization_known *organization_list_known(const struct organization_list *list);

#endif
