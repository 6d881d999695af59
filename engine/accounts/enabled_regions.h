/* The regions that are enabled in each account, for --regions all. Serves poll and app/; calls
 * sessions and client. Source of the call: EC2 API Reference, DescribeRegions: without AllRegions
 * it returns the regions that are enabled for the account. The action is among own_reads. */
#ifndef ACCOUNTS_ENABLED_REGIONS_H
#define ACCOUNTS_ENABLED_REGIONS_H

#include "accounts/context.h"

struct enabled_regions;
/* Lists the regions of the context's accounts, or of `caller` if it has none. Calls done once, from
 * the loop. It may free the list. */
struct enabled_regions *enabled_regions_load(const struct context *context, const char *caller,
                                             loop_fn done, void *arg);
/* Cancels requests in progress. NULL is allowed. */
void enabled_regions_free(struct enabled_regions *regions);

/* Empty if they are not known. `regions` may be NULL: then nothing is known. Borrowed. */
const struct text_list *enabled_regions_of(const struct enabled_regions *regions,
                                           const char *account);
/* Why they could not be listed; NULL: they were, or were not requested. Borrowed. */
const struct err *enabled_regions_error(const struct enabled_regions *regions, const char *account);

#endif
