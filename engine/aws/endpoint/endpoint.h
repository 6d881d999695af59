/* Resolves the endpoint of a call, and the region and service to sign for. Source: the services'
 * endpoint rule sets and partitions.json in botocore's data, evaluated for every region when the
 * models were compiled (the older endpoints.json is wrong for newer services), and the AWS SDKs and
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
    char host[300];        /* value of the Host header */
    char path_prefix[200]; /* path of an override URL, or the bucket in path style, or "" */
    char signing_region[64];
    char signing_name[64];
    bool overridden;
    bool bucket_in_host; /* S3 virtual-hosted style: leave out the first segment of the path */
};

struct endpoints; /* partitions of a model set, and overrides from the environment */
struct endpoints *endpoints_new(struct model_set *set, const char *(*getenv)(const char *));
void endpoints_free(struct endpoints *endpoints);
/* The selected profile's settings (creds_profile_settings), held; NULL: none. */
void endpoints_configure(struct endpoints *endpoints, json_t *profile);

/* An override is used unchanged: path style, no host prefix. Otherwise the partition follows from
 * the region, global services from their scope; S3 uses virtual-hosted style if the bucket's name
 * allows it (DNS-compatible and without dots); `host_prefix` is put before the host. Unknown
 * endpoints and regions follow the partition's pattern. ERR_USAGE if the region's form is wrong
 * ("no region: give --region …"), if a FIPS or dual-stack endpoint is requested and does not exist,
 * or if one is requested together with an override URL. */
int endpoint_resolve(const struct endpoints *endpoints, const struct model *model,
                     const char *region, const char *host_prefix, const char *bucket,
                     struct endpoint *endpoint, struct err *err);

/* The same for one operation: a few services have operations with other endpoints. */
int endpoint_resolve_operation(const struct endpoints *endpoints, const struct model *model,
                               model_operation operation, const char *region,
                               const char *host_prefix, const char *bucket,
                               struct endpoint *endpoint, struct err *err);

#endif
