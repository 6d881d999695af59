/* The members that every item of a resource has. Serves state_notify and state_started; calls
 * state_table. */
#ifndef STATE_STATE_ITEM_H
#define STATE_STATE_ITEM_H

#include "policy/resource.h"
#include "state/state_table.h"

/* Sets the members that identify the resource of an item, and those that every item has. */
void state_name(json_t *content, const struct resource *resource);
/* Writes the item of a resource; revision and done as in state_put. */
void state_put_resource(struct state_table *table, const char *key, const json_t *content,
                        int64_t revision, message_done done, void *arg);

#endif
