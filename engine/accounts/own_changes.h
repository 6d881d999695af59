/* Which changes are the engine's own. The names of the sessions that change things are made and
 * recognized here, in one place. Serves sessions (which names them) and translate (which drops
 * their events, so that a repair is not audited again).
 *
 * What such a name proves: it cannot be guessed before its first use, but CloudTrail shows it, and
 * anyone who may assume the member role may use any name. So it distinguishes the engine from an
 * honest user of the role; only the role's trust policy keeps others out. In case of doubt a change
 * is not the engine's own: then the resource is audited again, which does no harm, and no change is
 * overlooked. */
#ifndef ACCOUNTS_OWN_CHANGES_H
#define ACCOUNTS_OWN_CHANGES_H

#include <jansson.h>
#include <stdbool.h>

/* Prefix of the names of changing sessions; OWN_CHANGES_RANDOM hexadecimal digits follow. Reading
 * sessions and the sessions of scripts have other names. */
#define OWN_CHANGES_PREFIX "engine-change-"
#define OWN_CHANGES_RANDOM 32

/* Is this CloudTrail userIdentity one of the engine's changing sessions in that account?
 * member_role: as in MEMBER_ROLE, with or without a path. NULL: no role is assumed, and the
 * caller's own credentials do not identify the engine. */
bool own_changes_is_own(const json_t *identity, const char *account, const char *member_role);

#endif
