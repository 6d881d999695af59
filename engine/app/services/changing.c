#include "app/services/changing.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "audit/run_lists.h"
#include "audit/run_off.h"
#include "audit/run_report.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/finding.h"

enum run_mode changing_mode(const struct services *services)
{
    const struct settings *settings = &services->settings;
    if (settings->dry_run)
        return RUN_PLAN;
    return settings->remediate && !services->audit_only ? RUN_CHANGE : RUN_AUDIT;
}

char *changing_journal_path(const struct settings *settings)
{
    char now[CLOCK_TEXT];
    if (settings->journal != NULL)
        return mem_strdup(settings->journal);
    clock_basic(clock_wall_ms(), now);
    char *path = mem_printf("engine-%s.journal", now);
    /* Another run in the same second gets its own journal. */
    for (int i = 2; access(path, F_OK) == 0; i++) {
        mem_free(path);
        path = mem_printf("engine-%s-%d.journal", now, i);
    }
    return path;
}

static void abandon(void *arg)
{
    report_abandon(arg);
}

int changing_open(struct changing *changing, const char *journal_path, struct err *err)
{
    struct services *services = changing->services;
    changing->journal = journal_new(journal_path);
    if (changing->plan != NULL)
        journal_of_plan(changing->journal, changing->plan);
    if (changing->mode == RUN_CHANGE && journal_open(changing->journal, err) != 0)
        return -1;
    changing->report = report_open(&services->settings, err);
    if (changing->report == NULL)
        return -1;
    services_on_abort(services, abandon, changing->report);
    changing->gate = gate_new(&services->context, changing->journal);
    struct run_options options = {.context = &services->context,
                                  .mode = changing->mode,
                                  .report = changing->report,
                                  .gate = changing->gate,
                                  .prepare = services->caller == NULL ? services_know_caller : NULL,
                                  .prepare_arg = services,
                                  .settled = changing->settled,
                                  .settled_arg = changing->settled_arg};
    changing->run = run_new(&options);
    return 0;
}

static const char *interruption(const struct services *services)
{
    if (!services->stopped)
        return "its time was over";
    switch (services->signal) {
    case SIGINT: return "SIGINT";
    case SIGTERM: return "SIGTERM";
    default: return "SIGHUP";
    }
}

/* If something is missing, the report must say so, because readers cannot see it. */
static void tell_missing(const struct changing *changing)
{
    const struct services *services = changing->services;
    if (changing->run == NULL || changing->report == NULL)
        return;
    run_tell_missing(changing->run);
    if (!services->stopped && !changing->out_of_time)
        return;
    char *text = mem_printf("the run was interrupted (%s) after %zu resources: what is not in this "
                            "report was not looked at",
                            interruption(services), run_finished(changing->run));
    report_missing(changing->report, "interrupted", text);
    mem_free(text);
}

static int close_report(struct changing *changing)
{
    struct err err = {0};
    services_on_abort(changing->services, NULL, NULL);
    if (changing->dropped) {
        report_drop(changing->report);
        return 0;
    }
    tell_missing(changing);
    if (changing->report == NULL || report_close(changing->report, &err) == 0)
        return 0;
    log_error("%s", err.message);
    return 1;
}

static void tell_journal(const struct changing *changing)
{
    const char *path = changing->journal != NULL ? journal_written(changing->journal) : NULL;
    if (path == NULL || changing->services->settings.quiet)
        return;
    if (journal_undoable(changing->journal))
        fprintf(stderr, "engine: journal: %s (take it back: engine undo %s)\n", path, path);
    else
        fprintf(stderr, "engine: journal: %s (nothing in it can be undone)\n", path);
}

/* An audit that never ran looks like one that found nothing. */
static void tell_off(const struct changing *changing)
{
    const struct services *services = changing->services;
    char *text = changing->run != NULL && !services->settings.quiet ? run_off(changing->run) : NULL;
    if (text != NULL && services->in_function)
        log_info("%s", text);
    else if (text != NULL)
        fprintf(stderr, "engine: %s\n", text);
    mem_free(text);
}

int changing_close(struct changing *changing)
{
    const struct services *services = changing->services;
    int closed = close_report(changing); /* this may find that something is missing */
    int status = changing->run != NULL ? run_status(changing->run) : 0;
    status = finding_worse(status, closed);
    if (services->failed)
        status = 1;
    tell_off(changing);
    tell_journal(changing);
    if (services->exceptions != NULL)
        exceptions_report(services->exceptions, changing->looks_at_all && !services->stopped);
    run_free(changing->run);
    gate_free(changing->gate);
    journal_free(changing->journal);
    return status;
}
