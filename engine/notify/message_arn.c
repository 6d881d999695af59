#include "notify/message_arn.h"

#include <string.h>

#include "notify/message_internal.h"

const char *message_arn_field(const char *arn, int number, char *out, size_t size)
{
    out[0] = '\0';
    if (strncmp(arn, "arn:", 4) != 0)
        return out;
    for (; number > 0 && arn != NULL; number--) {
        arn = strchr(arn, ':');
        arn = arn != NULL ? arn + 1 : NULL;
    }
    size_t length = arn != NULL ? strcspn(arn, ":") : 0;
    if (length >= size)
        return out;
    if (length > 0)
        memcpy(out, arn, length);
    out[length] = '\0';
    return out;
}

const char *message_default_region(const struct message *message)
{
    const struct settings *settings = message->settings;
    if (settings->remediator_region != NULL)
        return settings->remediator_region;
    return settings->region != NULL ? settings->region : settings->master_region;
}
