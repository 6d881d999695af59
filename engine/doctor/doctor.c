#include "doctor/doctor.h"

#include "base/mem.h"
#include "doctor/doctor_accounts.h"
#include "doctor/doctor_caller.h"
#include "doctor/doctor_destinations.h"
#include "doctor/doctor_hosts.h"
#include "notify/message.h"

/* Probes that need the network start when it is known which endpoints respond. */
static void go_on(struct doctor *doctor)
{
    if (!doctor->hosts_known || !doctor->accounts_known || doctor->stopped)
        return;
    doctor->destinations = doctor_destinations_start(doctor);
    doctor->accounts = doctor_accounts_start(doctor);
}

static void on_hosts(void *arg)
{
    struct doctor *doctor = arg;
    doctor->hosts_known = true;
    doctor->sts_is_silent = doctor_hosts_sts_is_silent(doctor->hosts);
    if (doctor->sts_is_silent) /* the call would take as long as every call may, more than once */
        message_whoami_give_up(doctor->context->message);
    go_on(doctor);
}

void doctor_begin(struct doctor *doctor)
{
    doctor->whose = doctor_caller_start(doctor);
    doctor->hosts = doctor_hosts_start(doctor, on_hosts, doctor);
}

void doctor_go_on(struct doctor *doctor)
{
    doctor->accounts_known = true;
    go_on(doctor);
}

void doctor_clear(struct doctor *doctor)
{
    doctor_accounts_free(doctor->accounts);
    doctor_destinations_free(doctor->destinations);
    doctor_hosts_free(doctor->hosts);
    doctor_caller_free(doctor->whose);
    mem_free(doctor->caller);
    mem_free(doctor->caller_account);
}
