/* Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element" (AssumedRole,
 * sessionContext); IAM User Guide, "IAM identifiers" (a session's ARN holds the role's name without
 * its path). */
#include "accounts/own_changes.h"

#include <string.h>

#include "base/mem.h"
#include "value/json.h"

static bool is_session_name(const char *name)
{
    size_t prefix = sizeof OWN_CHANGES_PREFIX - 1;
    return strncmp(name, OWN_CHANGES_PREFIX, prefix) == 0 &&
           strlen(name) == prefix + OWN_CHANGES_RANDOM &&
           strspn(name + prefix, "0123456789abcdef") == OWN_CHANGES_RANDOM;
}

/* Length of "aws" in "arn:aws:sts::…"; 0 if the text is not an ARN. */
static size_t partition_length(const char *arn)
{
    return strncmp(arn, "arn:", 4) == 0 ? strcspn(arn + 4, ":") : 0;
}

/* Is the text "arn:<partition>" + rest? */
static bool is_arn(const char *text, const char *partition, size_t length, const char *rest)
{
    return strncmp(text, "arn:", 4) == 0 && strncmp(text + 4, partition, length) == 0 &&
           strcmp(text + 4 + length, rest) == 0;
}

/* The role itself, with its path. IAM allows no role of the same name under another path, but a
 * role of another account may have it. */
static bool is_role(const char *text, const char *partition, size_t length, const char *account,
                    const char *member_role)
{
    char *rest = mem_printf(":iam::%s:role/%s", account, member_role);
    bool same = is_arn(text, partition, length, rest);
    mem_free(rest);
    return same;
}

static bool is_session(const char *text, const char *partition, size_t length, const char *account,
                       const char *member_role)
{
    const char *slash = strrchr(member_role, '/');
    const char *name = slash != NULL ? slash + 1 : member_role;
    const char *session = strrchr(text, '/');
    if (session == NULL || !is_session_name(session + 1))
        return false;
    char *rest = mem_printf(":sts::%s:assumed-role/%s/%s", account, name, session + 1);
    bool same = is_arn(text, partition, length, rest);
    mem_free(rest);
    return same;
}

bool own_changes_is_own(const json_t *identity, const char *account, const char *member_role)
{
    const json_t *context = json_object_get(identity, "sessionContext");
    const json_t *issuer = json_object_get(context, "sessionIssuer");
    const char *arn = json_get_string(identity, "arn", "");
    const char *role = json_get_string(issuer, "arn", "");
    size_t length = partition_length(arn);
    return member_role != NULL && length > 0 &&
           strcmp(json_get_string(identity, "type", ""), "AssumedRole") == 0 &&
           strcmp(json_get_string(identity, "accountId", ""), account) == 0 &&
           is_role(role, arn + 4, length, account, member_role) &&
           is_session(arn, arn + 4, length, account, member_role);
}
