#include "aws/endpoint/endpoint.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "aws/endpoint/endpoint_internal.h"
#include "aws/endpoint/endpoint_override.h"
#include "aws/endpoint/endpoint_partition.h"
#include "aws/endpoint/endpoint_settings.h"
#include "aws/model/model.h"
#include "aws/model/model_endpoint.h"
#include "aws/model/model_format.h"
#include "aws/model/model_internal.h"
#include "aws/model/model_open.h"
#include "base/mem.h"

#define PLACEHOLDER "{region}"

struct endpoints *endpoints_new(struct model_set *set, const char *(*getenv)(const char *))
{
    struct endpoints *endpoints = mem_alloc(sizeof *endpoints);
    size_t length;
    const char *text = model_set_file(set, MODEL_PARTITIONS_FILE, &length);
    endpoints->getenv = getenv;
    if (text != NULL)
        partitions_load(endpoints, text, length);
    return endpoints;
}

void endpoints_free(struct endpoints *endpoints)
{
    if (endpoints == NULL)
        return;
    partitions_clear(endpoints);
    json_decref(endpoints->profile);
    mem_free(endpoints);
}

void endpoints_configure(struct endpoints *endpoints, json_t *profile)
{
    json_decref(endpoints->profile);
    endpoints->profile = json_incref(profile);
}

/* A region becomes part of a host name, so only a valid label is accepted. */
static int check_region(const char *region, struct err *err)
{
    if (region == NULL || region[0] == '\0')
        return err_set(err, ERR_USAGE, "no region: set --region or AWS_REGION");
    size_t length = strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (region[length] != '\0' || length > 40 || region[0] == '-' || region[length - 1] == '-')
        return err_set(err, ERR_USAGE, "\"%s\" is not a region name such as us-east-1", region);
    return 0;
}

/* The endpoint of a call, without bucket and host prefix. */
struct target {
    char url[512];
    const char *signing_region; /* or "": the region of the call */
    const char *signing_name;   /* or "": the signing name of the service */
};

static int expand_url(const char *template, const char *region, char out[512])
{
    size_t used = 0;
    while (*template != '\0') {
        bool here = strncmp(template, PLACEHOLDER, strlen(PLACEHOLDER)) == 0;
        const char *piece = here ? region : template;
        size_t length = here ? strlen(region) : 1;
        if (used + length >= 512)
            return -1;
        memcpy(out + used, piece, length);
        used += length;
        template += here ? strlen(PLACEHOLDER) : 1;
    }
    out[used] = '\0';
    return 0;
}

/* The usual form of a URL, for services about which nothing else is known. */
static int usual_url(const struct partition *partition, const struct model_info *info,
                     const char *region, char out[512])
{
    int length = snprintf(out, 512, "https://%s.%s.%s", info->endpoint_prefix, region,
                          partition->dns_suffix);
    return length < 512 ? 0 : -1;
}

/* Looks up the endpoint in the model: by region, else by partition; for this route, else the usual
 * one. */
static bool known_endpoint(const struct model *model, const struct model_route *route,
                           const char *region, const struct partition *partition,
                           struct model_endpoint *known)
{
    const struct model_route usual = {0, route->variant};
    if (model_endpoint(model, route, region, known) ||
        model_endpoint(model, route, partition->id, known))
        return true;
    return route->number != 0 && known_endpoint(model, &usual, region, partition, known);
}

static int find_target(const struct endpoints *endpoints, const struct model *model,
                       const struct model_route *route, const char *region, struct target *target)
{
    struct model_endpoint known;
    const struct partition *partition = partition_of(endpoints, region);
    if (partition == NULL && endpoints->count > 0)
        partition = &endpoints->partitions[0]; /* "aws" is the first */
    target->signing_region = target->signing_name = "";
    if (partition == NULL)
        return -1;
    if (!known_endpoint(model, route, region, partition, &known))
        return route->variant != 0 ? -1
                                   : usual_url(partition, model_info(model), region, target->url);
    target->signing_region = known.signing_region;
    target->signing_name = known.signing_name;
    return expand_url(known.url, region, target->url);
}

static int copy_text(char *out, size_t size, const char *text, struct err *err)
{
    if (strlen(text) >= size)
        return err_set(err, ERR_LIMIT, "an endpoint's part is too long: %s", text);
    strcpy(out, text);
    return 0;
}

static int fill_signing(const struct target *target, const struct model_info *info,
                        const char *region, struct endpoint *endpoint, struct err *err)
{
    const char *name = target->signing_name[0] ? target->signing_name : info->signing_name;
    const char *where = target->signing_region[0] ? target->signing_region : region;
    if (copy_text(endpoint->signing_name, sizeof endpoint->signing_name, name, err) != 0)
        return -1;
    return copy_text(endpoint->signing_region, sizeof endpoint->signing_region, where, err);
}

/* Can the bucket's name be a label of a host name? Names with dots are DNS names too, but the
 * certificate covers one label. Source: S3 User Guide, "Virtual hosting" and "Bucket naming". */
static bool is_label(const char *bucket)
{
    size_t length = strlen(bucket);
    return length >= 3 && length <= 63 && bucket[0] != '-' && bucket[length - 1] != '-' &&
           strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool bucket_leads(const struct model_info *info, const char *bucket)
{
    return info->s3 && strcmp(info->endpoint_prefix, "s3") == 0 && bucket != NULL &&
           is_label(bucket);
}

static int compose(const struct target *target, const char *host_prefix, const char *bucket,
                   struct endpoint *endpoint, struct err *err)
{
    const char *host = strstr(target->url, "://");
    host = host != NULL ? host + 3 : target->url;
    int written = snprintf(endpoint->host, sizeof endpoint->host, "%s%s%s%s",
                           host_prefix != NULL ? host_prefix : "", bucket != NULL ? bucket : "",
                           bucket != NULL ? "." : "", host);
    if (written >= (int)sizeof endpoint->host)
        return err_set(err, ERR_LIMIT, "the endpoint's host name is too long: %s", target->url);
    snprintf(endpoint->base, sizeof endpoint->base, "%.*s%s", (int)(host - target->url),
             target->url, endpoint->host);
    endpoint->bucket_in_host = bucket != NULL;
    return 0;
}

static int refuse(const struct model_info *info, const char *region, unsigned variant,
                  struct err *err)
{
    static const char *const kinds[] = {"", "FIPS", "dual-stack", "dual-stack FIPS"};
    if (variant == 0)
        return err_set(err, ERR_USAGE,
                       "no endpoint data for %s: compile the models of a data directory, or set "
                       "AWS_ENDPOINT_URL",
                       info->name);
    return err_set(err, ERR_USAGE,
                   "%s has no %s endpoint in %s, but AWS_USE_FIPS_ENDPOINT or "
                   "AWS_USE_DUALSTACK_ENDPOINT (or the profile) requires one",
                   info->name, kinds[variant % 4], region);
}

int endpoint_resolve_operation(const struct endpoints *endpoints, const struct model *model,
                               model_operation operation, const char *region,
                               const char *host_prefix, const char *bucket,
                               struct endpoint *endpoint, struct err *err)
{
    const struct model_info *info = model_info(model);
    const char *source;
    const char *url =
        endpoint_own_url(endpoints->getenv, endpoints->profile, info->service_id, &source);
    struct model_route route = {model_operation_route(model, operation), 0};
    struct target target = {.url = ""};
    memset(endpoint, 0, sizeof *endpoint);
    if (check_region(region, err) != 0 ||
        endpoint_variant(endpoints->getenv, endpoints->profile, &route.variant, err) != 0)
        return -1;
    if (url != NULL && route.variant != 0)
        return endpoint_refuse_both(source, err);
    if (find_target(endpoints, model, &route, region, &target) != 0 && url == NULL)
        return refuse(info, region, route.variant, err);
    if (fill_signing(&target, info, region, endpoint, err) != 0)
        return -1;
    if (url != NULL)
        return override_apply(url, source, endpoint, err);
    return compose(&target, host_prefix, bucket_leads(info, bucket) ? bucket : NULL, endpoint, err);
}

int endpoint_resolve(const struct endpoints *endpoints, const struct model *model,
                     const char *region, const char *host_prefix, const char *bucket,
                     struct endpoint *endpoint, struct err *err)
{
    return endpoint_resolve_operation(endpoints, model, MODEL_NOTHING, region, host_prefix, bucket,
                                      endpoint, err);
}
