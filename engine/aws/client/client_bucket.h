/* Finds the region of a bucket when S3 says that it is in another one. Serves client_call.c. */
#ifndef AWS_CLIENT_CLIENT_BUCKET_H
#define AWS_CLIENT_CLIENT_BUCKET_H

#include "aws/client/client_internal.h"

/* The bucket's region as the response names it, or NULL. Valid as long as the response. */
const char *client_bucket_region(const struct client_call *call,
                                 const struct http_response *response, char out[64]);
/* Does the error say that the bucket is in another region, possibly without naming it? The client
 * then finds the region with HeadBucket, which no policy has to declare. */
bool client_bucket_may_ask(const struct client_call *call, const struct err *err);

#endif
