/* engine doctor: checks the set-up, and prints what is missing. Changes nothing and sends no
 * message. */
#include "app/cli/cmd_doctor.h"

#include <stdio.h>

#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "aws/model/model_open.h"
#include "doctor/doctor.h"
#include "exceptions/exceptions.h"
#include "state/organization_list.h"
#include "value/json.h"

/* A service that does not respond is a result here: retries would only take time. */
#define ATTEMPTS 2
#define SILENT_MS 10000

struct doctor_job {
    struct services *services;
    struct doctor doctor;
    struct doctor_section *configuration;
};

/* ---- the configuration ---- */

static int tell_models(const struct doctor_job *job)
{
    const struct services *services = job->services;
    size_t count = 0;
    model_services(services->models, &count);
    if (count > 0)
        doctor_add(job->configuration, DOCTOR_OK, "models", "%zu services in %s", count,
                   services->settings.models);
    else
        doctor_advise(doctor_add(job->configuration, DOCTOR_FAILED, "models",
                                 "there are no API models in %s", services->settings.models),
                      "compile them with engine models SRC --out DIR");
    return count > 0 ? 0 : -1;
}

static void tell_policies(const struct doctor_job *job)
{
    const struct services *services = job->services;
    size_t count;
    struct evaluator *evaluator = services->context.evaluator;
    evaluator->all(evaluator->self, &count);
    doctor_add(job->configuration, DOCTOR_OK, "policies", "%zu type%s in %s", count,
               count == 1 ? "" : "s", services->settings.policies);
}

/* What services_policies refused: a word of an option is a usage error, as everywhere. A file that
 * cannot be used is a result. */
static int tell_refused(const struct doctor_job *job, const struct err *err)
{
    const struct services *services = job->services;
    if (services->audit_only) {
        tell_policies(job);
        doctor_add(job->configuration, DOCTOR_FAILED, "exceptions", "%s", err->message);
        return 0;
    }
    if (err->kind == ERR_USAGE && services->settings.policies != NULL)
        return -1;
    doctor_add(job->configuration, DOCTOR_FAILED, "policies", "%s", err->message);
    return 1;
}

/* 0: the rest can be checked; 1: it cannot, which was reported; -1: a usage error. */
static int check_configuration(const struct doctor_job *job, struct err *err)
{
    struct services *services = job->services;
    if (services_connect(services, err) != 0) {
        doctor_add(job->configuration, DOCTOR_FAILED, "settings", "%s", err->message);
        return 1;
    }
    if (tell_models(job) != 0)
        return 1;
    if (services_policies(services, err) != 0)
        return tell_refused(job, err);
    tell_policies(job);
    if (services->settings.exceptions != NULL)
        doctor_add(job->configuration, DOCTOR_OK, "exceptions", "%s",
                   services->settings.exceptions);
    return 0;
}

/* ---- the rest ---- */

static void tell_organization(const struct doctor_job *job, const struct err *err)
{
    const struct services *services = job->services;
    struct doctor_section *section = doctor_section_new(job->doctor.report, NULL);
    const char *account =
        json_get_string(services->settings.for_policies, "organization_account", "");
    const struct err *failure = services->untrusted.kind != ERR_NONE ? &services->untrusted : err;
    const struct organization_known *known =
        services->organization != NULL ? organization_list_known(services->organization) : NULL;
    if (failure != NULL)
        doctor_advise(doctor_add(section, DOCTOR_FAILED, "organization", "%s", failure->message),
                      "ORGANIZATION_ACCOUNT must be the management account or a delegated "
                      "administrator, and its role must be allowed to list the accounts");
    else if (known != NULL)
        doctor_add(section, DOCTOR_OK, "organization", "%zu accounts, listed through %s",
                   json_object_size(known->accounts), account);
    doctor_section_end(section);
}

static void on_accounts(void *arg, const struct err *err)
{
    struct doctor_job *job = arg;
    tell_organization(job, err);
    if (err == NULL && !job->services->stopped)
        doctor_go_on(&job->doctor);
}

static void on_ready(void *arg)
{
    struct doctor_job *job = arg;
    services_list_accounts(job->services, on_accounts, job);
}

static void stop(void *arg)
{
    struct doctor_job *job = arg;
    job->doctor.stopped = true;
}

/* If the caller is not known, doctor_caller has said why; the accounts are not checked then. */
static void tell_unstarted(const struct doctor_job *job)
{
    struct doctor_section *section = doctor_section_new(job->doctor.report, NULL);
    doctor_add(section, DOCTOR_NOT_CHECKED, "accounts",
               job->services->stopped ? "stopped" : "AWS did not say who the caller is");
    doctor_section_end(section);
}

static void check_rest(struct doctor_job *job)
{
    struct services *services = job->services;
    struct err err = {0};
    job->doctor.context = &services->context;
    job->doctor.transport = services->transport;
    job->doctor.own = services->provider;
    services_on_stop(services, stop, job);
    services_watch_stdout(services, false);
    doctor_begin(&job->doctor);
    if (services_run(services, true, &err, on_ready, job) != 0 || !services->started)
        tell_unstarted(job);
    doctor_clear(&job->doctor);
}

static int run_doctor(struct services *services, const struct text_list *words, struct err *err)
{
    struct settings *settings = &services->settings;
    struct doctor_job job = {.services = services};
    (void)words;
    if (settings->max_attempts < 0)
        settings->max_attempts = ATTEMPTS;
    services->idle_timeout_ms = SILENT_MS;
    if (settings->log_level == LOG_WARN)
        log_set_level(LOG_ERROR); /* the list says it all */
    job.doctor.report = doctor_report_new(stdout, settings->format == FORMAT_TABLE);
    job.configuration = doctor_section_new(job.doctor.report, NULL);
    int result = check_configuration(&job, err);
    doctor_section_end(job.configuration);
    if (result == 0)
        check_rest(&job);
    if (services_reader_left(services))
        services_end_by_pipe();
    int status = doctor_report_close(job.doctor.report, result >= 0);
    if (result < 0)
        return -1;
    return services->stopped ? 1 : status;
}

static const char *const doctor_options[] = {
    "accounts",       "regions",     "types",    "policies",  "models",  "exceptions", "format",
    "no-assume-role", "concurrency", "patience", "log-level", "profile", "remediate",  NULL};

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "check credentials, roles and permissions",
    .help = "Checks what a scan with the same options needs, and prints what is missing and\n"
            "the way out: configuration, credentials, clock, endpoints, organization, queues,\n"
            "topic and table, and in each account the role, the regions, every read that the\n"
            "policies declare, and the listing of every type. With --remediate also every\n"
            "write that they declare. Only reads: it changes nothing and sends no message.\n"
            "The exit status is 1 if something failed or is missing.\n"
            "It needs ec2:DescribeRegions and iam:SimulatePrincipalPolicy besides what a scan\n"
            "needs (engine generate permissions includes them). What cannot be decided is\n"
            "\"not checked\", with the reason. --format is table or jsonl.\n" COMMAND_SELECTION,
    .options = doctor_options,
    .prints_no_findings = true,
    .run = run_doctor,
};
