/* What follows from the policies and is deployed or read elsewhere: event patterns, IAM
 * permissions, the table of checks, editor annotations. Everything comes from the policies'
 * declarations and is the same each time. Serves the command `engine generate`; calls nothing
 * beyond the policies' metadata. */
#ifndef GENERATE_GENERATE_H
#define GENERATE_GENERATE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "policy/evaluator.h"

/* The chosen policies, sorted by type; borrowed. */
struct generate_input {
    const struct policy *const *policies;
    size_t count;
};

/* A list of EventBridge patterns, new reference: each matches some watched events of one source,
 * and none that failed. */
json_t *generate_events(const struct generate_input *input);

struct generate_permissions {
    bool read, write;      /* which part; at least one */
    const char *partition; /* "aws", "aws-cn", … */
};
/* One IAM policy document, new reference; NULL with ERR_LIMIT when IAM would not take it. What the
 * engine itself reads is there with `read`. */
json_t *generate_permissions(const struct generate_input *input,
                             const struct generate_permissions *wanted, struct err *err);
/* Characters of a document as IAM counts them: without white space. */
size_t generate_size(const json_t *document);

/* A Markdown page with the table of checks. */
void generate_checks(const struct generate_input *input, struct buf *out);

/* The same as data, new reference:
 * [{"id","type","aliases":[…],"title","severity","impact","fix"}…], `fix`: there is a repair. */
json_t *generate_checks_list(const struct generate_input *input);

/* Annotations of the operations that the policies declare; those of the language itself come
 * before them, and from it. */
void generate_types(const struct generate_input *input, struct buf *out);

#endif
