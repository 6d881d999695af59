/* The layout of the table, shared by the files of this room. */
#ifndef STATE_STATE_TABLE_INTERNAL_H
#define STATE_STATE_TABLE_INTERNAL_H

#include "policy/resource.h"
#include "state/state_table.h"

#define STATE_DAY_S 86400

struct state_table {
    struct message *message;
    const struct settings *settings;
    state_count_fn count;
    char token[37];  /* of this process: identifies its own claims */
    char summed[16]; /* the day whose summary is done */
    json_t *asked;   /* by account: the time of state_table_is_to_ask */
    char *noted;     /* the last error that was logged, and when */
    int64_t noted_ms;
};

int64_t state_now_s(void);
/* {"N":"5"} and {"S":"text"}, as DynamoDB writes them. New. */
json_t *state_number(int64_t value);
json_t *state_text(const char *text);
/* A call that changes or reads numbers. `done` takes no ownership. */
void state_update(struct state_table *table, json_t *params, message_done done, void *arg);
/* Logs the error, unless it was just logged, and counts it. */
void state_note(struct state_table *table, const struct err *err);
void state_count(const struct state_table *table, const char *metric);
/* "resource/<digest>" of what identifies the resource, or one check of it. mem_free. */
char *state_key(const char *kind, const struct resource *resource, bool global, const char *check);
/* "2026-11-30" in UTC. */
void state_day(char out[16]);

#endif
