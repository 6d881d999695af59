/* Which changes are the engine's own: the names of the sessions that it changes things with, made
 * and recognized in one place. Serves sessions (names them) and translate (drops their events, so
 * that a repair is not looked at again).
 *
 * What a name is worth: it is not guessed before its first use, but CloudTrail shows it, and
 * whoever may assume the member role may take any name. So it tells the engine from an honest user
 * of the role, and the role's trust policy alone keeps others out. Whatever is in doubt is not the
 * engine's own: then a change is audited once more, which does no harm, and none is overlooked. */
#ifndef ACCOUNTS_OWN_H
#define ACCOUNTS_OWN_H

#include <jansson.h>
#include <stdbool.h>

/* How the names of changing sessions begin; OWN_RANDOM hexadecimal digits follow. Sessions that
 * read, and those of scripts, are named otherwise. */
#define OWN_PREFIX "engine-change-"
#define OWN_RANDOM 32

/* Is that CloudTrail's userIdentity of a changing session of the engine's in that account?
 * member_role: as MEMBER_ROLE gives it, with or without a path; NULL: none is assumed, and the
 * caller's own credentials are nobody's in particular. */
bool own_identity(const json_t *identity, const char *account, const char *member_role);

#endif
