/* Where STS is, and what its refusals mean for whoever reads them. Serves creds_sts. */
#ifndef AWS_CREDS_CREDS_STS_REPLY_H
#define AWS_CREDS_CREDS_STS_REPLY_H

#include "base/err.h"
#include "net/http/http.h"

struct creds_env;

/* STS's own address. */
struct creds_endpoint {
    char url[600];
    char host[300];
    char path[300];
    char region[64];
};
int creds_sts_endpoint(const struct creds_env *env, const char *region,
                       struct creds_endpoint *endpoint, struct err *err);
/* An error reply of STS as ERR_API. Returns -1. */
int creds_sts_error(const struct http_response *response, struct err *err);
/* Says what was asked and what to check. */
void creds_sts_explain(const char *operation, const char *role_arn, struct err *err);

#endif
