/* The endpoint of STS, and explanations of its errors for the reader. Serves creds_sts. */
#ifndef AWS_CREDS_CREDS_STS_REPLY_H
#define AWS_CREDS_CREDS_STS_REPLY_H

#include "base/err.h"
#include "net/http/http.h"

struct creds_env;

/* The endpoint of STS. */
struct creds_endpoint {
    char url[600];
    char host[300];
    char path[300];
    char region[64];
};
int creds_sts_endpoint(const struct creds_env *env, const char *region,
                       struct creds_endpoint *endpoint, struct err *err);
/* Reads an error response of STS as ERR_API. Returns -1. */
int creds_sts_error(const struct http_response *response, struct err *err);
/* Adds to the message what was requested and what to check. */
void creds_sts_explain(const char *operation, const char *role_arn, struct err *err);

#endif
