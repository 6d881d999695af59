/* Where a bucket is, when S3 says that it is elsewhere. Serves client_call.c. */
#ifndef AWS_CLIENT_CLIENT_BUCKET_H
#define AWS_CLIENT_CLIENT_BUCKET_H

#include "aws/client/client_internal.h"

/* The region that a reply says the bucket lives in, or NULL. Valid while the response is. */
const char *client_bucket_region(const struct client_call *call,
                                 const struct http_response *response, char out[64]);
/* Does the error say that the bucket is elsewhere, and may leave open where? Then it is asked by
 * HeadBucket, a read of the engine's own that no policy has to declare. */
bool client_bucket_may_ask(const struct client_call *call, const struct err *err);

#endif
