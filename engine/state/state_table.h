/* STATE_TABLE: the data that several runs share. Each item has a key and one of two forms: content
 * (a JSON object), which only a process that has read its newest revision may replace, or a number,
 * which is only added to. So two processes can never overwrite each other's changes or exceed a
 * limit together. Serves state_notify, state_limits and state_sum; calls message.
 *
 * Attributes: pk (the key), item_kind, expires_at (epoch seconds; DynamoDB deletes expired items
 * within some days, so readers check it as well), content and revision_no and open_checks, or
 * change_count. */
#ifndef STATE_STATE_TABLE_H
#define STATE_STATE_TABLE_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "notify/message.h"
#include "settings/settings.h"

struct state_table;
/* ERR_USAGE if STATE_TABLE is not a table name or ARN, or if it is not set and a setting needs
 * it. */
int state_table_check(const struct settings *settings, struct err *err);
/* NULL if STATE_TABLE is not set. Both arguments are borrowed. */
struct state_table *state_table_new(struct message *message, const struct settings *settings);
void state_table_free(struct state_table *table);

/* What an operator must know about: called with "FlipFlops" (a resource that needs repair again and
 * again is held), "StateTableFailures" (the table could not be read or written) and
 * "NotificationsFailed" (the daily summary could not be sent). */
typedef void (*state_count_fn)(const char *metric);
void state_table_on_count(struct state_table *table, state_count_fn count);

/* Is it time to look whether the table has a finding that this account cannot be entered? Every
 * resource of the account would ask, so a process does at most every 15 minutes, and after
 * state_table_ask_again. */
bool state_table_is_to_ask(struct state_table *table, const char *account);
void state_table_ask_again(struct state_table *table, const char *account);

struct state_item {
    json_t *content;  /* an object; empty if there is no such item, or it has expired */
    int64_t revision; /* 0: there is no such item */
    int64_t expires_s;
};
typedef void (*state_got)(void *arg, const struct state_item *item, const struct err *err);
/* The newest revision of the item. item is borrowed. */
void state_get(struct state_table *table, const char *key, state_got done, void *arg);

struct state_content {
    const char *key, *kind;
    const json_t *content;
    int64_t revision; /* the revision that was read */
    int64_t expires_s;
    size_t open; /* number of open checks */
};
/* err satisfies state_is_conflict if another process was faster. */
void state_put(struct state_table *table, const struct state_content *content, message_done done,
               void *arg);
bool state_is_conflict(const struct err *err);

/* Open findings, page by page: the contents of resources that have open checks. `last`: no more
 * pages follow. */
typedef void (*state_page)(void *arg, const json_t *contents, bool last, const struct err *err);
void state_scan(struct state_table *table, state_page page, void *arg);

#endif
