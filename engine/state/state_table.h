/* STATE_TABLE: what several runs know together. Each item has a key and one of two forms: content
 * (a JSON object) that is replaced only by who has read its newest revision, or a number that is
 * only added to. Two processes can so never undo each other's writing, or pass a limit together.
 * Serves state_told, state_limits and state_sum; calls message.
 *
 * Attributes: pk (the key), item_kind, expires_at (epoch seconds; DynamoDB deletes what has
 * expired within some days, so who reads looks at it as well), content and revision_no and
 * open_checks, or change_count. */
#ifndef STATE_STATE_TABLE_H
#define STATE_STATE_TABLE_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "notify/message.h"
#include "settings/settings.h"

struct state_table;
/* ERR_USAGE where STATE_TABLE is no table's name or ARN, or a setting needs it and it is not set.
 */
int state_table_check(const struct settings *settings, struct err *err);
/* NULL where it is not set. Both are borrowed. */
struct state_table *state_table_new(struct message *message, const struct settings *settings);
void state_table_free(struct state_table *table);

/* What an operator must hear of: called with "FlipFlops" (a resource that is repaired over and
 * over is held), "StateTableFailures" (it could not be read or written) and "NotificationsFailed"
 * (the day's sum was not taken). */
typedef void (*state_count_fn)(const char *metric);
void state_table_on_count(struct state_table *table, state_count_fn count);

struct state_item {
    json_t *content;  /* an object; empty where there is no such item, or it has expired */
    int64_t revision; /* 0: there is no such item */
    int64_t expires_s;
};
typedef void (*state_got)(void *arg, const struct state_item *item, const struct err *err);
/* The newest of it. item is borrowed. */
void state_get(struct state_table *table, const char *key, state_got done, void *arg);

struct state_content {
    const char *key, *kind;
    const json_t *content;
    int64_t revision; /* that was read */
    int64_t expires_s;
    size_t open; /* checks of it that are open */
};
/* err is one of state_is_conflict where somebody else was faster. */
void state_put(struct state_table *table, const struct state_content *content, message_done done,
               void *arg);
bool state_is_conflict(const struct err *err);

/* What was found, page by page: the contents of resources that have open checks. `last`: no
 * further page comes. */
typedef void (*state_page)(void *arg, const json_t *contents, bool last, const struct err *err);
void state_scan(struct state_table *table, state_page page, void *arg);

#endif
