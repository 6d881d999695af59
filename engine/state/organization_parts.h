/* The items of STATE_TABLE that hold a list of accounts: KEY/N with content
 * {"ou-…":["111122223333",…]}, by the parent that was asked for. Serves organization_shared, which
 * says which list counts; calls state_table. */
#ifndef STATE_ORGANIZATION_PARTS_H
#define STATE_ORGANIZATION_PARTS_H

#include "base/digest.h"
#include "state/state_table.h"

/* Items of a list that counts no more are deleted after so long. */
#define ORGANIZATION_KEPT_S (2 * 86400)
#define ORGANIZATION_UNUSABLE "the list %s of accounts in STATE_TABLE is not used: %s"

void organization_digest(const json_t *value, char hex[SHA256_HEX]);

/* digests: of the parts, ["sha256",…]; borrowed, as accounts is: each account with the parent in
 * which it is. All from the loop. */
typedef void (*organization_written)(void *arg, json_t *digests, const struct err *err);
void organization_parts_write(struct state_table *table, const char *key, const json_t *accounts,
                              organization_written done, void *arg);
/* ERR_PARSE: a part is missing, not one of those digests, or holds what is no account or in none of
 * the parents (borrowed until done). */
typedef void (*organization_read)(void *arg, json_t *accounts, const struct err *err);
void organization_parts_read(struct state_table *table, const char *key, json_t *digests,
                             const json_t *parents, organization_read done, void *arg);

#endif
