#include "change/gate_refusal.h"

#include <string.h>

/* A document that AWS does not accept changes nothing: the finding is held with AWS's reason. */
static bool refused_as_invalid(const struct err *err)
{
    return err->kind == ERR_API && err->status == 400 &&
           (strstr(err->code, "Malformed") != NULL || strstr(err->code, "Invalid") != NULL ||
            strcmp(err->code, "AccessControlListNotSupported") == 0);
}

static bool has_code(const struct err *err, const char *const *codes)
{
    for (; err->kind == ERR_API && *codes != NULL; codes++) {
        if (strstr(err->code, *codes) != NULL)
            return true;
    }
    return false;
}

/* Another change of the resource is in progress (Redshift and RDS API references, ModifyCluster and
 * ModifyDBInstance; EC2, "Error codes"; Lambda, RemovePermission; IAM, DeleteLoginProfile). */
bool gate_refused_as_busy(const struct err *err)
{
    static const char *const codes[] = {"InvalidClusterState",
                                        "InvalidDBInstanceState",
                                        "InvalidDBClusterState",
                                        "IncorrectInstanceState",
                                        "EntityTemporarilyUnmodifiable",
                                        "ResourceConflictException",
                                        NULL};
    return has_code(err, codes);
}

/* The revision that the step names is no longer the current revision of the resource (Lambda,
 * RemovePermission). */
static bool refused_as_drift(const struct err *err)
{
    static const char *const codes[] = {"PreconditionFailed", NULL};
    return has_code(err, codes);
}

/* IAM User Guide, "Troubleshoot access denied error messages"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html): "User … is
 * not authorized to perform: ACTION on resource: … because no identity-based policy allows the
 * ACTION action" if the caller was never granted the action; "because no TYPE policy allows" and
 * "with an explicit deny in a TYPE policy" if another policy denies it. Services that give no
 * reason end the message after the resource; a shorter message ("Access Denied") may mean
 * anything. */
static const char *why_denied(const struct err *err)
{
    const char *message = err->kind == ERR_API ? err->message : "";
    if (strstr(message, "is not authorized to perform: ") == NULL)
        return NULL;
    if (strstr(message, "with an explicit deny in ") != NULL)
        return "a policy denies the account's role this change; AWS names its kind";
    if (strstr(message, "because no identity-based policy allows ") != NULL ||
        strstr(message, " because no ") == NULL)
        return "the account grants reading only";
    return NULL;
}

const char *gate_refusal_holds(const struct err *err)
{
    const char *denied = why_denied(err);
    if (denied != NULL)
        return denied;
    if (refused_as_drift(err))
        return "drift: it was changed since it was read";
    return refused_as_invalid(err) ? "AWS refused the first call, so nothing was changed" : NULL;
}
