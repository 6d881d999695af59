/* What is known of an organization, or of some of its units. Serves the files that list it, and
 * trust, admission and accounts, which use the list. */
#ifndef ACCOUNTS_ORGANIZATION_KNOWN_H
#define ACCOUNTS_ORGANIZATION_KNOWN_H

#include <jansson.h>
#include <stdint.h>

struct organization_known {
    json_t *accounts; /* maps each account to the nearest parent that contains it */
    json_t *inactive; /* accounts that are not active, as keys; NULL: not known */
    char *id;         /* of the whole organization; NULL if units were listed */
    int64_t listed_s; /* when the listing began, epoch seconds; 0: nothing is known */
};
void organization_known_clear(struct organization_known *known);

#endif
