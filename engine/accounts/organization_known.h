/* What is known of an organization, or of some of its units. Serves those who list it, and trust,
 * admission and accounts, who go by it. */
#ifndef ACCOUNTS_ORGANIZATION_KNOWN_H
#define ACCOUNTS_ORGANIZATION_KNOWN_H

#include <jansson.h>
#include <stdint.h>

struct organization_known {
    json_t *accounts; /* each with the nearest of the parents in which it is */
    json_t *inactive; /* those that are not active, as keys; NULL: that is not known */
    char *id;         /* of the whole organization; NULL where units were listed */
    int64_t listed_s; /* when it was begun, epoch seconds; 0: nothing is known */
};
void organization_known_clear(struct organization_known *known);

#endif
