/* Policies that consist only of what they declare, for the tests of what is generated. JSON is
 * written with ' for " here. */
#ifndef SUPPORT_DECLARED_H
#define SUPPORT_DECLARED_H

#include <jansson.h>

#include "generate/generate.h"

struct declared {
    struct policy items[64];
    const struct policy *list[64];
    struct generate_input input;
};

/* A queue's: reads sqs:ListQueues and sqs:GetQueueAttributes, writes sqs:SetQueueAttributes. */
extern const char declared_queue[];

/* Adds a policy with this metadata. */
void declared_add(struct declared *declared, const char *meta);
void declared_forget(struct declared *declared);

/* The value is this JSON, byte for byte; frees the value. */
void declared_expect(json_t *value, const char *expected);

#endif
