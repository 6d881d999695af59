/* Credentials with which one resource type is read in one account: those of the session that the
 * types of its group share (read_groups.h). If STS refuses the session policy as too large, the
 * group is divided, for all accounts, and the type gets a smaller session. Serves sessions; calls
 * creds_cache and read_groups. */
#ifndef ACCOUNTS_GROUP_PROVIDER_H
#define ACCOUNTS_GROUP_PROVIDER_H

struct creds_assume;
struct creds_cache;
struct creds_provider;
struct read_groups;

/* `name` is a member of the groups. Borrows groups, cache and the external id of `role`, as long as
 * credentials are requested; copies the rest. New. */
struct creds_provider *group_provider_new(struct read_groups *groups, struct creds_cache *cache,
                                          const char *name, const struct creds_assume *role);

#endif
