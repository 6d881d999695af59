#include "aws/operations/refusal.h"

#include <stdio.h>
#include <string.h>

#include "aws/retry/retry.h"

/* Parts of codes: services add words before and after them ("KMSAccessDeniedException"). */
static const char *const parts[] = {
    /* the caller is denied or unknown */
    "AccessDenied",
    "AuthFailure",
    "AuthenticationFailure",
    "AuthorizationError",
    "ExpiredToken",
    "Forbidden",
    "IncompleteSignature",
    "InsufficientPermission",
    "InsufficientPrivilege",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignature",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "PermissionDenied",
    "SignatureDoesNotMatch",
    "SubscriptionRequired",
    "Unauthorized",
    "UnrecognizedClient",
    /* too many requests */
    "LimitExceeded",
    "RateExceeded",
    "RequestThrottled",
    "SlowDown",
    "Throttling",
    "ThroughputExceeded",
    "TooManyRequests",
    /* a fault of the service */
    "InternalError",
    "InternalFailure",
    "InternalServer",
    "InternalService",
    "ServerError",
    "ServerException",
    "ServiceException",
    "ServiceFailure",
    "ServiceUnavailable",
};

/* Codes that are compared as a whole, because they can be part of other codes. */
static const char *const whole[] = {
    "AccountProblem", "AllAccessDisabled", "Blocked",
    "InvalidToken",   "NotSignedUp",       "PendingVerification",
};

bool refusal_code(const char *code)
{
    struct err err = {.kind = ERR_API};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strstr(code, parts[i]) != NULL)
            return true;
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (strcmp(code, whole[i]) == 0)
            return true;
    }
    snprintf(err.code, sizeof err.code, "%s", code);
    return retry_classify(&err) != RETRY_NEVER;
}

bool refusal_is(const struct err *err)
{
    bool fault = err->status >= 500 && err->status != 501;
    return err->status == 401 || err->status == 403 || fault || refusal_code(err->code) ||
           refusal_code(err->alias);
}

/* If only the status of an error is known (HEAD), its common name is in the alias. */
bool refusal_of_permission(const struct err *err)
{
    static const char *const codes[] = {
        "AccessDenied",       "AccessDeniedException",       "UnauthorizedOperation",
        "AuthorizationError", "AuthorizationErrorException", "UnauthorizedAccess"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(err->code, codes[i]) == 0 || strcmp(err->alias, codes[i]) == 0)
            return err->kind == ERR_API;
    }
    return false;
}
