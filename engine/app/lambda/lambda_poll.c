#include "app/lambda/lambda_poll.h"

#include "notify/message_queue.h"

#define FIRST_DELAY_S 30 /* doubled with each attempt */

json_t *lambda_poll_message(const char *account, const char *region, const char *type, int attempt)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:i}", "type", "poll", "account", account, "region",
                     region, "resource_type", type, "attempt", attempt);
}

int lambda_poll_delay(int attempt)
{
    int delay = attempt < 5 ? FIRST_DELAY_S << attempt : MESSAGE_MAX_DELAY_S;
    return delay < MESSAGE_MAX_DELAY_S ? delay : MESSAGE_MAX_DELAY_S;
}
