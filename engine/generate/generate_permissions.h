/* The IAM policy document for the calls that policies declare. Serves `engine generate
 * permissions`. */
#ifndef GENERATE_GENERATE_PERMISSIONS_H
#define GENERATE_GENERATE_PERMISSIONS_H

#include "generate/generate.h"

struct generate_permissions {
    bool read, write;      /* which part; at least one */
    const char *partition; /* "aws", "aws-cn", … */
};
/* One IAM policy document, new reference; NULL with ERR_LIMIT if it exceeds the limits of IAM. With
 * `read`, it includes the engine's own reads. */
json_t *generate_permissions(const struct generate_input *input,
                             const struct generate_permissions *wanted, struct err *err);
/* Length of a document as IAM counts it: without white space. */
size_t generate_size(const json_t *document);

#endif
