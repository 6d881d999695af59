/* Where a call goes and for which region and service it is signed. Source: the services' endpoint
 * rule sets and partitions.json in botocore's data, asked for every region when the models were
 * compiled (the older endpoints.json is wrong for services that came later), and the AWS SDKs and
 * Tools Reference Guide, "Service-specific endpoints" (AWS_ENDPOINT_URL,
 * AWS_ENDPOINT_URL_<SERVICE_ID>, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, AWS_USE_FIPS_ENDPOINT,
 * AWS_USE_DUALSTACK_ENDPOINT, and the same in the config file). Serves client. */
#ifndef AWS_ENDPOINT_ENDPOINT_H
#define AWS_ENDPOINT_ENDPOINT_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/model/model.h"
#include "base/err.h"

struct endpoint {
    char base[512];        /* "https://sqs.eu-west-1.amazonaws.com", no trailing slash */
    char host[300];        /* Host header's value */
    char path_prefix[200]; /* path of an override URL or bucket in path style, or "" */
    char signing_region[64];
    char signing_name[64];
    bool overridden;
    bool bucket_in_host; /* S3 virtual-host style: the path's first segment must be dropped */
};

struct endpoints; /* partitions of a model set plus overrides of the environment */
struct endpoints *endpoints_new(struct model_set *set, const char *(*getenv)(const char *));
void endpoints_free(struct endpoints *endpoints);
/* The chosen profile's settings (creds_profile_settings), held; NULL: none. */
void endpoints_configure(struct endpoints *endpoints, json_t *profile);

/* An override is used as it is: path style, no host prefix. Otherwise partition by region, global
 * services by their scope, S3 virtual-host style where the bucket's name allows (DNS-compatible and
 * without dots), `host_prefix` put before the host. Endpoints or regions that are not known follow
 * the partition's pattern; ERR_USAGE when the region's form is wrong ("no region: give --region
 * …"), when there is no FIPS or dual-stack endpoint where one is asked for, and when a URL stands
 * beside such a demand. */
int endpoint_resolve(const struct endpoints *endpoints, const struct model *model,
                     const char *region, const char *host_prefix, const char *bucket,
                     struct endpoint *endpoint, struct err *err);

/* The same for one operation: few services have operations that are served elsewhere. */
int endpoint_resolve_operation(const struct endpoints *endpoints, const struct model *model,
                               model_operation operation, const char *region,
                               const char *host_prefix, const char *bucket,
                               struct endpoint *endpoint, struct err *err);

#endif
