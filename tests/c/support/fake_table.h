/* A DynamoDB table, an SNS topic and an event bus, in memory, for fake_aws: GetItem, PutItem with
 * the conditions that the engine writes, Scan in pages of one item, Publish, PutEvents. Of
 * UpdateItem it only keeps the
 * requests, and answers as the test says: what the expressions mean is tested with an emulator. */
#ifndef TESTS_FAKE_TABLE_H
#define TESTS_FAKE_TABLE_H

#include "support/fake_aws.h"

struct fake_table {
    json_t *items; /* by key, in the form of DynamoDB */
    /* The operation ("GetItem") that is refused, and its key ("" for all); NULL: none. */
    const char *refused, *refused_key;
    const char *code; /* AccessDeniedException if it is NULL */
    bool mute;        /* the topic accepts nothing */
    int busy;         /* the number of notifications that get a server error as response */
    int published;    /* accepted notifications about findings */
    int sums;         /* and about what is open */
    int refusals;     /* how many of the operation's calls are refused; -1: all */
    char subjects[4000];
    char events[1000]; /* the detail types, a line each */
};
extern struct fake_table fake_table;

void fake_table_set_up(void);
void fake_table_tear_down(void);
/* As fake_fn. */
struct fake_answer fake_table_answer(const struct fake_request *request, size_t index);
/* How often an operation of the table was called. */
int fake_table_count(const char *operation);
/* The request with that number (from 0) for the operation; NULL: there is none. */
const json_t *fake_table_request(const char *operation, int number);
/* The item whose key begins with this, or NULL. */
json_t *fake_table_item(const char *prefix);

#endif
