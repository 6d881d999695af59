/* Shared by endpoint.c (where a call goes), endpoint_partition.c (which partition a region is of)
 * and endpoint_override.c (a URL in its place). */
#ifndef AWS_ENDPOINT_ENDPOINT_INTERNAL_H
#define AWS_ENDPOINT_ENDPOINT_INTERNAL_H

#include <jansson.h>
#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws/endpoint/endpoint.h"

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
    json_t *profile; /* or NULL */
};

/* Reads the compiled partitions; what is no list of partitions gives none. */
void partitions_load(struct endpoints *endpoints, const char *text, size_t length);
void partitions_clear(struct endpoints *endpoints);
/* NULL when no partition knows the region or its form. */
const struct partition *partition_of(const struct endpoints *endpoints, const char *region);

/* Fills base, host and path_prefix of a URL that is used in place of AWS's own. `source` says where
 * it comes from. */
int override_apply(const char *url, const char *source, struct endpoint *endpoint, struct err *err);

#endif
