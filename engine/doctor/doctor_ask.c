#include "doctor/doctor_ask.h"

void doctor_ask(struct doctor_account *account, const char *service, const char *operation,
                const json_t *params, client_done done, void *arg)
{
    const struct context *context = account->doctor->context;
    struct err err = {0};
    const struct call call = {.session = &account->session,
                              .region = context->settings->master_region,
                              .service = service,
                              .operation = operation,
                              .params = params};
    if (client_start(context->client, &call, &err, done, arg) == NULL)
        done(arg, NULL, &err);
}
