/* Divides the reads of a run's resource types into few groups, each of which fits into a session
 * policy, so that the types of a group share one session of an account. The same members always
 * make the same groups. The longest policy is as short as that number of groups allows, because STS
 * also limits the packed size, which only STS can compute: read_groups_narrow divides a group that
 * STS refuses. Serves sessions and group_provider. Owned by sessions. */
#ifndef ACCOUNTS_READ_GROUPS_H
#define ACCOUNTS_READ_GROUPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* IAM User Guide, "IAM and AWS STS quotas": maximum length of a session policy in characters. */
#define SESSION_POLICY_MOST 2048

struct read_groups;
struct read_groups *read_groups_new(void);
void read_groups_free(struct read_groups *groups); /* NULL is allowed */

/* Before read_groups_pack. `actions` is an array of IAM actions. A name that was added before is
 * not added again. */
void read_groups_add(struct read_groups *groups, const char *name, const json_t *actions);
/* A member whose own session policy would be too long gets a group of its own. */
void read_groups_pack(struct read_groups *groups);

/* The session policy of the member's group; NULL: no such member. Borrowed until the next
 * read_groups_narrow. */
const char *read_groups_policy(const struct read_groups *groups, const char *name);
/* STS refused this session policy of the member's group as too large. Divides the group, unless
 * that was done since. False: the member is alone in its group. */
bool read_groups_narrow(struct read_groups *groups, const char *name, const char *refused);
/* Was any group divided? */
bool read_groups_narrowed(const struct read_groups *groups);
size_t read_groups_count(const struct read_groups *groups);

/* {"Version","Statement":[{"Effect":"Allow","Action":[…],"Resource":"*"}]} as a new string. */
char *read_groups_text(const json_t *actions);

#endif
