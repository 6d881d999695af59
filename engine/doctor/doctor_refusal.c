#include "doctor/doctor_refusal.h"

#include <stdbool.h>
#include <string.h>

#include "aws/operations/refusal.h"
#include "base/mem.h"

/* Where the reason begins; NULL: none is given. Source: IAM User Guide, "Troubleshoot access denied
 * error messages". */
static const char *reason_in(const char *message)
{
    const char *reason = strstr(message, "because ");
    return reason != NULL ? reason : strstr(message, "with an explicit deny");
}

char *doctor_refusal(const char *action, const struct err *err)
{
    if (!refusal_of_permission(err)) {
        bool named = action[0] == '\0' || strstr(err->message, action) != NULL;
        return named ? mem_strdup(err->message) : mem_printf("%s: %s", action, err->message);
    }
    const char *reason = reason_in(err->message);
    if (reason == NULL)
        return mem_printf("%s is refused", action);
    /* What follows in brackets is the client's own advice. */
    const char *end = strstr(reason, " (allow ");
    int length = end != NULL ? (int)(end - reason) : (int)strlen(reason);
    return mem_printf("%s is refused %.*s", action, length, reason);
}
