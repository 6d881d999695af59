/* What an operation does to an audited account: the table behind the gate. An operation is a
 * read only if it stands in the list of reviewed reads (engine/aws/operations/reads); anything
 * else counts as a write, and what reveals data or secrets, or takes messages or identities, is
 * none for a policy. A policy may declare a read that was not reviewed, with a reason; never one
 * whose name begins with a verb that changes things. Serves client, schema, generate. */
#ifndef AWS_OPERATIONS_OPCLASS_H
#define AWS_OPERATIONS_OPCLASS_H

#include <stdbool.h>

enum opclass {
    OP_READ,       /* metadata and configuration: a policy may declare it under read */
    OP_WRITE,      /* only through the gate */
    OP_FORBIDDEN,  /* never for a policy: data, secrets, identities, messages */
    OP_UNREVIEWED, /* a write, unless the policy declares it as a read */
};

/* `service` is the model's name ("s3", "elbv2"), `operation` the API's ("GetBucketPolicy"). */
enum opclass opclass_of(const char *service, const char *operation);
const char *opclass_name(enum opclass value);

/* Named as AWS names reads (Get, List, Describe, BatchGet, BatchDescribe). That proves nothing: it
 * tells whether a call of an operator's own script may be repeated, and what may be an action of
 * IAM that stands for a reviewed read. */
bool opclass_named_as_read(const char *operation);

#endif
