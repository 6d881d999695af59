#include "doctor/doctor_caller.h"

#include "base/clock.h"
#include "base/mem.h"
#include "notify/message.h"

#define SOON_MS (15 * 60 * 1000)
#define PROBE "credentials"

struct doctor_caller {
    struct doctor *doctor;
    struct doctor_section *section;
    struct creds_waiter *waiter;
};

static void tell_expiry(const struct doctor_caller *caller, const char *origin, int64_t left_ms)
{
    bool soon = left_ms < SOON_MS;
    json_t *item =
        doctor_add(caller->section, soon ? DOCTOR_WARNING : DOCTOR_OK, PROBE,
                   "from %s; they expire in %lld minutes", origin, (long long)(left_ms / 60000));
    if (soon)
        doctor_advise(item, "get new ones before a long run, unless %s renews them", origin);
}

static void tell_credentials(const struct doctor_caller *caller, const struct creds *creds)
{
    const char *origin = creds_origin(caller->doctor->own);
    if (origin == NULL)
        origin = "an unknown source";
    if (creds->expires_ms > 0)
        tell_expiry(caller, origin, creds->expires_ms - clock_wall_ms());
    else
        doctor_add(caller->section, DOCTOR_OK, PROBE, "from %s", origin);
}

static void on_caller(void *arg, const char *account, const char *arn, const struct err *err)
{
    struct doctor_caller *caller = arg;
    struct doctor *doctor = caller->doctor;
    if (err != NULL) {
        doctor_add(caller->section, DOCTOR_FAILED, "caller", "%s",
                   doctor->sts_is_silent ? "STS does not respond" : err->message);
    } else {
        doctor->caller = mem_strdup(arn);
        doctor->caller_account = mem_strdup(account);
        doctor_add(caller->section, DOCTOR_OK, "caller", "%s", arn);
    }
    doctor_section_end(caller->section);
}

static void on_creds(void *arg, struct creds *creds, const struct err *err)
{
    struct doctor_caller *caller = arg;
    const struct context *context = caller->doctor->context;
    const char *region = context->settings->region;
    caller->waiter = NULL;
    if (creds != NULL) {
        tell_credentials(caller, creds);
        message_whoami(context->message, region != NULL ? region : "us-east-1", on_caller, caller);
        return;
    }
    doctor_add(caller->section, DOCTOR_FAILED, PROBE, "%s", err->message);
    doctor_add(caller->section, DOCTOR_NOT_CHECKED, "caller", "there are no credentials");
    doctor_section_end(caller->section);
}

struct doctor_caller *doctor_caller_start(struct doctor *doctor)
{
    struct doctor_caller *caller = mem_alloc(sizeof *caller);
    caller->doctor = doctor;
    caller->section = doctor_section_new(doctor->report, NULL);
    struct creds_waiter *waiter = creds_get(doctor->own, on_creds, caller);
    if (waiter != NULL)
        caller->waiter = waiter;
    return caller;
}

void doctor_caller_free(struct doctor_caller *caller)
{
    if (caller == NULL)
        return;
    if (caller->waiter != NULL)
        creds_cancel(caller->waiter);
    mem_free(caller);
}
