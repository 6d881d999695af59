/* The AWS of a test: answers each call of the client from the test's replies, and accepts only the
 * changes that the test expects, in their order. After each change the reads are answered by its
 * replies; the inverse call leads back. Serves test_world, which gives it to the client. */
#ifndef TESTING_CANNED_H
#define TESTING_CANNED_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/client/client.h"
#include "base/text_list.h"

struct canned {
    struct model_set *models;
    const char *account;
    const json_t *replies; /* "sqs:GetQueueAttributes" to a reply (reply.h) */
    const json_t
        *changes;  /* [{"call","with","undo":{"call","with"},"replies","reply"}…], or NULL */
    bool recorded; /* reads are sent: their answers come from a recording */
    const char *refused;       /* this operation is refused; NULL: none is */
    size_t made;               /* the number of changes that were made and not undone */
    bool undoing;              /* a change must be the inverse of the last one that was made */
    json_t *called;            /* the operations that were called, as keys */
    struct text_list problems; /* calls that the test does not expect */
};

void canned_init(struct canned *canned, struct model_set *models);
void canned_clear(struct canned *canned);
/* Forgets what happened, and answers from these replies. All borrowed. */
void canned_begin(struct canned *canned, const char *account, const json_t *replies,
                  const json_t *changes);

/* For client_options; `canned` is a struct canned. */
int canned_answer(void *canned, const struct call *call, bool change, json_t **result,
                  struct err *err);

#endif
