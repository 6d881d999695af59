/* What others want to know of the queues of calls. */
#include <string.h>

#include "aws/client/client_internal.h"
#include "base/mem.h"

bool client_is_slow(const struct client *client)
{
    for (const struct pace *pace = client->paces; pace != NULL; pace = pace->next) {
        if (pacer_is_slow(&pace->pacer) && pace->head != NULL)
            return true;
    }
    return false;
}

int64_t client_success_ms(const struct client *client, const char *account, const char *region,
                          const char *operation)
{
    const char *colon = strchr(operation, ':');
    if (colon == NULL)
        return 0;
    char *service = mem_strndup(operation, (size_t)(colon - operation));
    char *given = mem_printf("%s %s %s %s", account, region, service,
                             pace_counts_operations(service) ? colon + 1 : "");
    const struct pace *pace = pace_known(client, given);
    mem_free(given);
    mem_free(service);
    return pace != NULL ? pace->success_ms : 0;
}
