/* The class of an operation: whether it reads or changes an audited account. The gate relies on it.
 * An operation is a read only if it is in the list of reviewed reads (engine/aws/operations/reads).
 * Every other operation counts as a write. Operations that reveal data or secrets, receive messages
 * or issue identities are forbidden for policies. A policy may declare a read that was not
 * reviewed, with a reason, unless the name begins with a verb that changes things. Serves client,
 * schema, generate. */
#ifndef AWS_OPERATIONS_OPCLASS_H
#define AWS_OPERATIONS_OPCLASS_H

#include <stdbool.h>

enum opclass {
    OP_READ,       /* metadata and configuration: a policy may declare it as a read */
    OP_WRITE,      /* only allowed through the gate */
    OP_FORBIDDEN,  /* never allowed for a policy: data, secrets, identities, messages */
    OP_UNREVIEWED, /* a write, unless the policy declares it as a read */
};

/* `service` is the name in the model ("s3", "elbv2"), `operation` that in the API
 * ("GetBucketPolicy"). */
enum opclass opclass_of(const char *service, const char *operation);
const char *opclass_name(enum opclass value);

/* Does the name begin like a read (Get, List, Describe, BatchGet, BatchDescribe)? That is no proof.
 * It decides whether a call of an operator's own script may be repeated, and which IAM actions may
 * stand for a reviewed read. */
bool opclass_named_as_read(const char *operation);

#endif
