#include "accounts/early_session.h"

#include "aws/creds/creds.h"
#include "base/mem.h"

struct early_session {
    struct creds_waiter *waiter; /* NULL: the session is open, or was refused */
};

static void on_open(void *arg, struct creds *creds, const struct err *err)
{
    struct early_session *early = arg;
    (void)creds, (void)err;
    early->waiter = NULL;
}

struct early_session *early_session_open(const struct context *context, const struct policy *policy,
                                         const char *account, const char *region)
{
    struct err ignored = {0};
    struct scope scope;
    if (context->settings->no_assume_role ||
        context_scope(context, policy, account, region, &scope, &ignored) != 0)
        return NULL;
    struct early_session *early = mem_alloc(sizeof *early);
    early->waiter = creds_get(scope.session->provider, on_open, early);
    return early;
}

void early_session_drop(struct early_session *early)
{
    if (early == NULL)
        return;
    if (early->waiter != NULL)
        creds_cancel(early->waiter);
    mem_free(early);
}
