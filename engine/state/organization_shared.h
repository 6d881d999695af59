/* A list of accounts of the organization in STATE_TABLE, so that of all the processes of a
 * deployment one asks AWS Organizations for it. Serves organization_list; calls state_table.
 *
 * One item, the head, says which list counts, and who makes the next one. A list is one or more
 * items of its own, which are written before the head names them, and never changed:
 *
 *   organization/ACCOUNT, organization/ACCOUNT/DIGEST (of the units, where not all accounts are
 *     listed): {"claim":{"token","until"},"listed","generation","parts":["sha256",…],
 *     "organization":"o-…"}
 *   HEAD/GENERATION/N: {"ou-…":["111122223333",…]}, by the parent that was asked for
 *
 * So a list that was cut off is never taken for one that is whole: the head names none that was not
 * written to its end, and a list whose parts are not those that the head names is not read. */
#ifndef STATE_ORGANIZATION_SHARED_H
#define STATE_ORGANIZATION_SHARED_H

#include "accounts/organization_listing.h"
#include "state/state_table.h"

struct organization_shared;
/* parents: what was asked for, as organization_walk_add takes it. All three are borrowed. */
struct organization_shared *organization_shared_new(struct state_table *table, const char *account,
                                                    const json_t *parents);
void organization_shared_free(struct organization_shared *shared);

/* Reads the head. One of these calls is pending at a time, organization_shared_keep aside. */
void organization_shared_read(struct organization_shared *shared, message_done done, void *arg);
/* As it was read last: when AWS was asked (epoch seconds; 0: there is no list). */
int64_t organization_shared_listed(const struct organization_shared *shared);
const char *organization_shared_generation(const struct organization_shared *shared);
/* Does another process list it? */
bool organization_shared_claimed(const struct organization_shared *shared);
/* This list is of no use, whatever the head says. Until the head is read again. */
void organization_shared_forget(struct organization_shared *shared);

/* This process lists it: for so long as it says so again (organization_shared_keep, from time to
 * time; nobody waits for that). err is one of state_is_conflict where another was faster. */
void organization_shared_claim(struct organization_shared *shared, message_done done, void *arg);
void organization_shared_keep(struct organization_shared *shared);
/* Nobody waits. */
void organization_shared_release(struct organization_shared *shared);

/* accounts: each with the parent in which it is. ERR_PARSE: it is not whole, or no such list. */
typedef void (*organization_fetched)(void *arg, json_t *accounts, const char *organization,
                                     const struct err *err);
void organization_shared_fetch(struct organization_shared *shared, organization_fetched done,
                               void *arg);
/* Of a list that is whole; borrowed until done. Ends the claim. */
void organization_shared_store(struct organization_shared *shared,
                               const struct organization_known *known, message_done done,
                               void *arg);

#endif
