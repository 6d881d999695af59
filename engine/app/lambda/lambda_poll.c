#include "app/lambda/lambda_poll.h"

#include "aws/retry/retry.h"
#include "base/clock.h"
#include "notify/message_queue.h"

#define FIRST_DELAY_S 30 /* doubled with each attempt */
#define A_DAY_MS 86400000

bool lambda_poll_counts(const struct client *client, const char *account, const char *region,
                        const struct err *why)
{
    int64_t passed = client_success_ms(client, account, region, why->operation);
    return !retry_is_rate(why) || clock_wall_ms() - passed > A_DAY_MS;
}

json_t *lambda_poll_account(const char *account, int attempt)
{
    return json_pack("{s:s, s:[s], s:i}", "type", "poll-accounts", "accounts", account, "attempt",
                     attempt);
}

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
