#include "state/state_item.h"

#include <string.h>

#include "policy/finding.h"
#include "policy/finding_entry.h"
#include "state/state_diff.h"
#include "state/state_table_internal.h"
#include "value/json.h"

/* Open and exempt findings are kept for this time after they were last seen. */
#define KEPT_S (90 * STATE_DAY_S)
/* An account that cannot be entered is reported by each poll, once a day, as long as it is polled.
 */
#define ENTRY_KEPT_S (7 * STATE_DAY_S)

static void add(json_t *content, const char *key, json_t *value)
{
    if (json_object_get(content, key) == NULL)
        json_object_set(content, key, value);
    json_decref(value);
}

void state_name(json_t *content, const struct resource *resource)
{
    add(content, "checks", json_object());
    add(content, "owed", json_array());
    add(content, "begun", json_object());
    finding_set(content, "account", resource->account);
    finding_set(content, "region", resource->region);
    finding_set(content, "type", resource->type);
    finding_set(content, "id", resource->id);
}

void state_put_resource(struct state_table *table, const char *key, const json_t *content,
                        int64_t revision, message_done done, void *arg)
{
    size_t owed = json_array_size(json_object_get(content, "owed")) +
                  json_object_size(json_object_get(content, "begun"));
    bool entry = strcmp(json_get_string(content, "type", ""), FINDING_ENTRY_TYPE) == 0;
    const struct state_content item = {.key = key,
                                       .kind = "resource",
                                       .content = content,
                                       .revision = revision,
                                       .expires_s = state_now_s() + (entry ? ENTRY_KEPT_S : KEPT_S),
                                       .open =
                                           state_open(json_object_get(content, "checks")) + owed};
    state_put(table, &item, done, arg);
}
