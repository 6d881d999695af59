/* The IAM policy document of the calls that policies declare. Serves `engine generate permissions`.
 */
#ifndef GENERATE_GENERATE_PERMISSIONS_H
#define GENERATE_GENERATE_PERMISSIONS_H

#include "generate/generate.h"

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

#endif
