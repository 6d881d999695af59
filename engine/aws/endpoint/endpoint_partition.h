/* Finds the partition of a region in the compiled list. Serves endpoint. */
#ifndef AWS_ENDPOINT_ENDPOINT_PARTITION_H
#define AWS_ENDPOINT_ENDPOINT_PARTITION_H

#include <stdbool.h>
#include <stddef.h>

struct endpoints;
struct partition;

/* Passes every known region to the callback, and counts them. */
size_t endpoint_regions(const struct endpoints *endpoints,
                        void (*offer)(void *arg, const char *region), void *arg);

/* The same for the names of the partitions. */
size_t endpoint_partitions(const struct endpoints *endpoints,
                           void (*offer)(void *arg, const char *partition), void *arg);

/* Could it be a region that AWS has opened since? Judged by the pattern of a partition's
 * regions. */
bool endpoint_may_be_region(const struct endpoints *endpoints, const char *region);

/* The partition of a region: "aws", "aws-cn", "aws-us-gov", …; "aws" if it is not known. And its
 * DNS suffix. */
const char *endpoint_partition(const struct endpoints *endpoints, const char *region);

/* Reads the compiled partitions. Any other text gives no partitions. */
void partitions_load(struct endpoints *endpoints, const char *text, size_t length);
void partitions_clear(struct endpoints *endpoints);
/* NULL if no partition has the region or a pattern that matches it. */
const struct partition *partition_of(const struct endpoints *endpoints, const char *region);

#endif
