/* Shared by endpoint.c (where a call goes), endpoint_partition.c (which partition a region is of)
 * and endpoint_override.c (what the environment says instead). */
#ifndef AWS_ENDPOINT_INTERNAL_H
#define AWS_ENDPOINT_INTERNAL_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/endpoint.h"

struct partition {
    char *id;
    char *dns_suffix;
    char **regions;
    size_t region_count;
    regex_t pattern; /* of regions that are not listed yet */
};

struct endpoints {
    struct partition *partitions;
    size_t count;
    const char *(*getenv)(const char *);
};

/* Reads the compiled partitions; what is no list of partitions gives none. */
void partitions_load(struct endpoints *endpoints, const char *text, size_t length);
void partitions_clear(struct endpoints *endpoints);
/* NULL when no partition knows the region or its form. */
const struct partition *partition_of(const struct endpoints *endpoints, const char *region);

/* The URL that the environment gives for a service, or NULL. */
const char *override_url(const struct endpoints *endpoints, const char *service_id);
/* Fills base, host and path_prefix. */
int override_apply(const char *url, struct endpoint *endpoint, struct err *err);

#endif
