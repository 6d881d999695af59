/* A list of the organization's accounts in STATE_TABLE, so that only one of all processes of a
 * deployment calls AWS Organizations for it. Serves organization_list; calls state_table.
 *
 * One item, the head, says which list is valid and which process makes the next one. A list
 * consists of one or more other items. They are written before the head names them, and never
 * changed:
 *
 *   organization/ACCOUNT, organization/ACCOUNT/DIGEST (of the units, if not all accounts are
 *     listed): {"claim":{"token","until"},"listed","generation","parts":["sha256",…],
 *     "organization":"o-…"}
 *   HEAD/GENERATION/N: {"ou-…":["111122223333",…]}, by the parent that was listed
 *
 * So an incomplete list is never mistaken for a complete one: the head never names a list that was
 * not written completely, and a list is not read if its parts differ from those that the head
 * names. */
#ifndef STATE_ORGANIZATION_SHARED_H
#define STATE_ORGANIZATION_SHARED_H

#include "accounts/organization_listing.h"
#include "state/state_table.h"

struct organization_shared;
/* parents: what is listed, as organization_walk_add takes it. All three arguments are borrowed. */
struct organization_shared *organization_shared_new(struct state_table *table, const char *account,
                                                    const json_t *parents);
void organization_shared_free(struct organization_shared *shared);

/* Reads the head. Only one of these calls may be pending at a time, except
 * organization_shared_keep. */
void organization_shared_read(struct organization_shared *shared, message_done done, void *arg);
/* The head as it was last read: when AWS was called for the list (epoch seconds; 0: there is no
 * list). */
int64_t organization_shared_listed(const struct organization_shared *shared);
const char *organization_shared_generation(const struct organization_shared *shared);
/* Is another process listing? */
bool organization_shared_claimed(const struct organization_shared *shared);
/* Treats this list as invalid, whatever the head says, until the head is read again. */
void organization_shared_forget(struct organization_shared *shared);

/* Claims the listing for this process. The claim must be renewed from time to time with
 * organization_shared_keep, which has no callback. err satisfies state_is_conflict if another
 * process was faster. */
void organization_shared_claim(struct organization_shared *shared, message_done done, void *arg);
void organization_shared_keep(struct organization_shared *shared);
/* Ends the claim, without a callback. */
void organization_shared_release(struct organization_shared *shared);

/* accounts: maps each account to the parent that contains it. ERR_PARSE: the list is incomplete or
 * malformed. */
typedef void (*organization_fetched)(void *arg, json_t *accounts, const char *organization,
                                     const struct err *err);
void organization_shared_fetch(struct organization_shared *shared, organization_fetched done,
                               void *arg);
/* Stores a complete list; `known` is borrowed until done. Ends the claim. */
void organization_shared_store(struct organization_shared *shared,
                               const struct organization_known *known, message_done done,
                               void *arg);

#endif
