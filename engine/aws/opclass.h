/* What an operation does to an audited account: the table behind the gate. An operation that is not
 * known to be a read is a write. Derived from names (the verbs that AWS uses for reads: Get, List,
 * Describe, …) over all services, then corrected by reviewed exceptions in both directions; what
 * reveals data or secrets, and what takes messages or identities, is none for a policy.
 * Source: the access levels of the Service Authorization Reference. Serves client, check, generate.
 */
#ifndef AWS_OPCLASS_H
#define AWS_OPCLASS_H

enum opclass {
    OP_READ,     /* metadata and configuration: a policy may declare it under read */
    OP_WRITE,    /* only through the gate */
    OP_FORBIDDEN /* never for a policy: data, secrets, identities, messages */
};

/* `service` is the model's name ("s3", "elbv2"), `operation` the API's ("GetBucketPolicy"). */
enum opclass opclass_of(const char *service, const char *operation);
const char *opclass_name(enum opclass value);

#endif
