/* One listing of the organization, or of some of its units, by AWS: until it is whole, in as many
 * runs of this process as that takes. Serves organization_list; calls organization_walk. */
#ifndef ACCOUNTS_ORGANIZATION_LISTING_H
#define ACCOUNTS_ORGANIZATION_LISTING_H

#include "accounts/context.h"
#include "accounts/organization_known.h"

struct organization_listing_target {
    loop_fn page;      /* another page was listed */
    message_done done; /* it is whole, or failed, or was stopped (ERR_TIMEOUT) */
    void *arg;
};

struct organization_listing;
/* parents, as organization_walk_add takes them: ORGANIZATION_WHOLE alone, or units. Borrowed. */
struct organization_listing *organization_listing_new(const struct settings *settings,
                                                      const json_t *parents,
                                                      struct organization_listing_target target);
void organization_listing_free(struct organization_listing *listing);
/* Goes on where the last one was cut off, unless that is too long ago; from the loop. */
void organization_listing_start(struct organization_listing *listing,
                                const struct context *context);
/* While it is under way: the page that was asked for is the last. */
void organization_listing_stop(struct organization_listing *listing);
/* Is there something to go on from? */
bool organization_listing_is_partial(const struct organization_listing *listing);
/* After done without an error: hands it over, instead of what is known. */
void organization_listing_take(struct organization_listing *listing,
                               struct organization_known *known);
/* The next one begins anew. */
void organization_listing_forget(struct organization_listing *listing);

#endif
