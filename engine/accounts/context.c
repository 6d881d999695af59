#include "accounts/context.h"

#include "accounts/sessions.h"
#include "accounts/trust.h"
#include "base/clock.h"

bool context_is_late(const struct context *context)
{
    return context->stop_ms != 0 && clock_mono_ms() >= context->stop_ms;
}

int context_scope(const struct context *context, const struct policy *policy, const char *account,
                  const char *region, struct scope *scope, struct err *err)
{
    const struct session *session =
        sessions_reader(context->sessions, policy, account, region, err);
    if (session == NULL)
        return -1;
    *scope = (struct scope){.client = context->client,
                            .session = session,
                            .account = account,
                            .region = region,
                            .settings = context->settings->for_policies,
                            .trusted = context->trust != NULL ? trust_check : NULL,
                            .doubt = context->trust != NULL ? trust_doubt : NULL,
                            .trusted_arg = context->trust,
                            .now_ms = context->now_ms};
    return 0;
}
