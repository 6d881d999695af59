/* Which partition a region is of, by the compiled list. Serves endpoint. */
#ifndef AWS_ENDPOINT_ENDPOINT_PARTITION_H
#define AWS_ENDPOINT_ENDPOINT_PARTITION_H

#include <stdbool.h>
#include <stddef.h>

struct endpoints;
struct partition;

/* Offers every region that is known, and counts them. */
size_t endpoint_regions(const struct endpoints *endpoints,
                        void (*offer)(void *arg, const char *region), void *arg);

/* Could it be a region that AWS has opened since? By the form of a partition's regions. */
bool endpoint_may_be_region(const struct endpoints *endpoints, const char *region);

/* "aws", "aws-cn", "aws-us-gov", … of a region; "aws" when it is not known. And its DNS suffix. */
const char *endpoint_partition(const struct endpoints *endpoints, const char *region);

/* Reads the compiled partitions; what is no list of partitions gives none. */
void partitions_load(struct endpoints *endpoints, const char *text, size_t length);
void partitions_clear(struct endpoints *endpoints);
/* NULL when no partition knows the region or its form. */
const struct partition *partition_of(const struct endpoints *endpoints, const char *region);

#endif
