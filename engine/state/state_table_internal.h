/* The table's own, shared by its files. */
#ifndef STATE_STATE_TABLE_INTERNAL_H
#define STATE_STATE_TABLE_INTERNAL_H

#include "policy/resource.h"
#include "state/state_table.h"

#define STATE_DAY_S 86400

struct state_table {
    struct message *message;
    const struct settings *settings;
    state_count_fn count;
    char token[37];  /* of this process: which claims are its own */
    char summed[16]; /* the day whose sum needs no more looking after */
};

int64_t state_now_s(void);
/* {"N":"5"} and {"S":"text"}, as DynamoDB writes them. New. */
json_t *state_number(int64_t value);
json_t *state_text(const char *text);
/* A call that changes or reads numbers. `done` takes over nothing. */
void state_update(struct state_table *table, json_t *params, message_done done, void *arg);
/* Logged, and counted where an operator must hear of it. */
void state_note(struct state_table *table, const struct err *err);
void state_tell(const struct state_table *table, const char *metric);
/* "resource/<digest>" of what tells the resource, or one check of it, from others. mem_free. */
char *state_key(const char *kind, const struct resource *resource, bool global, const char *check);
/* "2026-11-30" in UTC. */
void state_day(char out[16]);

#endif
