/* Whom the operator trusts: KNOWN_ACCOUNTS, the accounts and the id of the organization of
 * ORGANIZATION_ACCOUNT, the accounts that are polled (ACCOUNTS) and the caller's own. Serves
 * policies (`resource:trusted`). */
#ifndef ACCOUNTS_TRUST_H
#define ACCOUNTS_TRUST_H

#include "accounts/organization_known.h"
#include "settings/settings.h"

struct trust;
struct trust *trust_new(const struct settings *settings);
void trust_free(struct trust *trust);

/* The organization of ORGANIZATION_ACCOUNT, borrowed. NULL, as before the first call: it could not
 * be read, so its members are not known. */
void trust_organization(struct trust *trust, const struct organization_known *known);

/* The caller's own account; NULL: it could not be determined, so no fix may remove an account. */
void trust_caller(struct trust *trust, const char *account);

/* For scope.trusted and scope.doubt; `trust` is a struct trust. 1 trusted, 0 not, -1 cannot be
 * determined. */
int trust_check(void *trust, const char *id);
const char *trust_doubt(void *trust, const char *id);

#endif
