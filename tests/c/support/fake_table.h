/*
 * A table of DynamoDB and a topic of SNS, in memory, for fake_aws: GetItem, PutItem by the
 * conditions that the engine writes, Scan in pages of one item, Publish. Of UpdateItem it keeps the
 * requests alone, and answers as the test says: what the expressions mean is tried against an
 * emulator.
 */
#ifndef TESTS_FAKE_TABLE_H
#define TESTS_FAKE_TABLE_H

#include "support/fake_aws.h"

struct fake_table {
    json_t *items; /* by key, as DynamoDB writes them */
    /* The operation ("GetItem") that is refused, and its key ("" for all); NULL: none. */
    const char *refused, *refused_key;
    const char *code; /* AccessDeniedException where it is NULL */
    bool mute;        /* the topic takes nothing */
    int busy;         /* so many notifications are answered by a fault of the service */
    int published;    /* notifications of findings that were taken */
    int sums;         /* and of what is open */
    int refusals;     /* how many of the operation's calls are refused, or all for -1 */
    char subjects[4000];
};
extern struct fake_table fake_table;

void fake_table_set_up(void);
void fake_table_tear_down(void);
/* As fake_fn. */
struct fake_answer fake_table_answer(const struct fake_request *request, size_t index);
/* How often an operation of the table was asked for. */
int fake_table_count(const char *operation);
/* The request of that number (from 0) of the operation; NULL: there is none. */
const json_t *fake_table_request(const char *operation, int number);
/* The item whose key begins so, or NULL. */
json_t *fake_table_item(const char *prefix);

#endif
