/* The items of STATE_TABLE that hold a list of accounts: KEY/N with content
 * {"ou-…":["111122223333",…]}, by the parent that was listed. Serves organization_shared, which
 * decides which list is valid; calls state_table. */
#ifndef STATE_ORGANIZATION_PARTS_H
#define STATE_ORGANIZATION_PARTS_H

#include "base/digest.h"
#include "state/state_table.h"

/* Items of a list that is no longer valid are deleted after this time. */
#define ORGANIZATION_KEPT_S (2 * 86400)
#define ORGANIZATION_UNUSABLE "the list %s of accounts in STATE_TABLE is not used: %s"

void organization_digest(const json_t *value, char hex[SHA256_HEX]);

/* digests: of the parts, ["sha256",…]; borrowed. accounts: maps each account to the parent that
 * contains it; borrowed. All callbacks come from the loop. */
typedef void (*organization_written)(void *arg, json_t *digests, const struct err *err);
void organization_parts_write(struct state_table *table, const char *key, const json_t *accounts,
                              organization_written done, void *arg);
/* ERR_PARSE: a part is missing, its digest is not in the list, or it contains something that is not
 * an account, or an account that is in none of the parents (borrowed until done). */
typedef void (*organization_read)(void *arg, json_t *accounts, const struct err *err);
void organization_parts_read(struct state_table *table, const char *key, json_t *digests,
                             const json_t *parents, organization_read done, void *arg);

#endif
