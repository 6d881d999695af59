/* One listing of the organization, or of some of its units, with calls to AWS. It may take several
 * runs of this process to complete. Serves organization_list; calls organization_walk. */
#ifndef ACCOUNTS_ORGANIZATION_LISTING_H
#define ACCOUNTS_ORGANIZATION_LISTING_H

#include "accounts/context.h"
#include "accounts/organization_known.h"

struct organization_listing_target {
    loop_fn page;      /* another page was listed */
    message_done done; /* the listing is complete, or failed, or was stopped (ERR_TIMEOUT) */
    void *arg;
};

struct organization_listing;
/* parents, as organization_walk_add takes them: only ORGANIZATION_WHOLE, or units. Borrowed. */
struct organization_listing *organization_listing_new(const struct settings *settings,
                                                      const json_t *parents,
                                                      struct organization_listing_target target);
void organization_listing_free(struct organization_listing *listing);
/* Continues where the last start was interrupted, unless that is too long ago; from the loop. */
void organization_listing_start(struct organization_listing *listing,
                                const struct context *context);
/* Call it while the listing is running: the page already requested is the last. */
void organization_listing_stop(struct organization_listing *listing);
/* Is there an interrupted listing to continue? */
bool organization_listing_is_partial(const struct organization_listing *listing);
/* After done without an error: replaces *known with the list. */
void organization_listing_take(struct organization_listing *listing,
                               struct organization_known *known);
/* The next start lists from the beginning. */
void organization_listing_forget(struct organization_listing *listing);

#endif
