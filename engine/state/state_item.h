/* What an item of a resource always has. Serves state_told and state_begun; calls state_table. */
#ifndef STATE_STATE_ITEM_H
#define STATE_STATE_ITEM_H

#include "policy/resource.h"
#include "state/state_table.h"

/* The members that tell which resource an item's content is about, and those that it always has. */
void state_name(json_t *content, const struct resource *resource);
/* Writes it as that of a resource; revision and done as state_put has them. */
void state_put_resource(struct state_table *table, const char *key, const json_t *content,
                        int64_t revision, message_done done, void *arg);

#endif
