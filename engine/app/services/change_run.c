#include "app/services/change_run.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/services/scope_file.h"
#include "app/services/scope_record.h"
#include "app/services/services_objects.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "audit/run_compare.h"
#include "audit/run_deliver.h"
#include "audit/run_lists.h"
#include "audit/run_report.h"
#include "audit/run_scope.h"
#include "base/buf.h"
#include "base/clean_text.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "settings/settings_again.h"
#include "value/s3_url.h"

#define NEXT_COMMAND_MAX ((size_t)16 << 10)

/* Only the remediator does, which runs without an operator. */
static bool writes_plans(const struct services *services)
{
    return services->in_function && services->settings.plans != NULL;
}

enum run_mode change_run_mode(const struct services *services)
{
    const struct settings *settings = &services->settings;
    if (settings->dry_run || writes_plans(services))
        return RUN_PLAN;
    return settings->remediate && !services->audit_only ? RUN_CHANGE : RUN_AUDIT;
}

int change_run_check(const struct settings *settings, struct err *err)
{
    if (settings->journal == NULL || !s3_url_is(settings->journal))
        return scope_file_check(settings, err);
    return err_set(err, ERR_USAGE,
                   "--journal: %s is not a file: the journal is always a local file (engine apply "
                   "s3://… copies it to S3)",
                   settings->journal);
}

static char *default_path(const struct settings *settings)
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

/* "engine undo FILE", with the --policies of this run: it must find the same policies. mem_free. */
static char *next_command(const struct settings *settings, const char *command, const char *file)
{
    struct buf line;
    const struct text_list *words = &settings->again;
    buf_init(&line, NEXT_COMMAND_MAX);
    buf_addf(&line, "engine %s ", command);
    text_shell_add(&line, file);
    for (size_t i = AGAIN_OPTIONS; i + 1 < words->count; i++) {
        if (strcmp(words->items[i], "--policies") != 0)
            continue;
        buf_adds(&line, " --policies ");
        text_shell_add(&line, words->items[i + 1]);
    }
    char *text = mem_strdup(buf_text(&line));
    buf_clear(&line);
    return text;
}

static void log_journal(const struct change_run *change_run)
{
    const char *path = change_run->journal != NULL ? journal_written(change_run->journal) : NULL;
    if (path == NULL || change_run->services->settings.quiet)
        return;
    char *undo = next_command(&change_run->services->settings, "undo", path);
    if (journal_undoable(change_run->journal))
        log_note("journal: %s (to undo it: %s)", path, undo);
    else
        log_note("journal: %s (nothing in it can be undone)", path);
    mem_free(undo);
}

/* At the second signal: the changes that were made are in the journal only. */
static void abandon(void *arg)
{
    const struct change_run *change_run = arg;
    report_abandon(change_run->report);
    log_journal(change_run);
}

static int open_journal(struct change_run *change_run, const char *path, struct err *err)
{
    change_run->journal = journal_new(path);
    if (change_run->plan != NULL)
        journal_of_plan(change_run->journal, change_run->plan);
    if (change_run->mode != RUN_AUDIT)
        journal_made_by(change_run->journal, scope_made_by(change_run->services));
    return change_run->mode == RUN_CHANGE ? journal_open(change_run->journal, err) : 0;
}

int change_run_open(struct change_run *change_run, const char *journal_path, struct err *err)
{
    struct services *services = change_run->services;
    if (open_journal(change_run, journal_path, err) != 0)
        return -1;
    change_run->report = report_open(&services->settings, err);
    if (change_run->report == NULL ||
        scope_file_open(&services->settings, &change_run->scope_file, err) != 0)
        return -1;
    change_run->store = services_report_store(services);
    report_set_store(change_run->report, &change_run->store);
    report_set_compliance(change_run->report, services->compliance);
    services_on_abort(services, abandon, change_run);
    change_run->gate = gate_new(&services->context, change_run->journal);
    struct run_options options = {.context = &services->context,
                                  .mode = change_run->mode,
                                  .report = change_run->report,
                                  .gate = change_run->gate,
                                  .plans = writes_plans(services),
                                  .made_by = services->made_by,
                                  .prepare = services->caller == NULL ? services_find_caller : NULL,
                                  .prepare_arg = services,
                                  .settled = change_run->settled,
                                  .settled_arg = change_run->settled_arg};
    change_run->run = run_new(&options);
    return 0;
}

int change_run_open_default(struct change_run *change_run, struct err *err)
{
    const struct settings *settings = &change_run->services->settings;
    if (change_run_check(settings, err) != 0)
        return -1;
    char *path = default_path(settings);
    int result = change_run_open(change_run, path, err);
    mem_free(path);
    return result;
}

static const char *interruption(const struct services *services)
{
    if (!services->stopped)
        return "it ran out of time";
    switch (services->signal) {
    case SIGINT: return "SIGINT";
    case SIGTERM: return "SIGTERM";
    default: return "SIGHUP";
    }
}

static char *interrupted_text(const struct change_run *change_run)
{
    const char *why = interruption(change_run->services);
    if (change_run->plan != NULL)
        return mem_printf("the run was interrupted (%s): repairs that are not in this report were "
                          "not made (to make them, apply the same plan again)",
                          why);
    size_t finished = run_finished(change_run->run);
    return mem_printf("the run was interrupted (%s) after %zu resource%s: what is not in this "
                      "report was not audited",
                      why, finished, finished == 1 ? "" : "s");
}

/* If something is missing, the report must say so, because readers cannot see it. */
static void log_missing(const struct change_run *change_run)
{
    const struct services *services = change_run->services;
    if (change_run->run == NULL || change_run->report == NULL)
        return;
    run_report_absent(change_run->run);
    run_report_missing(change_run->run);
    if (!services->stopped && !change_run->out_of_time)
        return;
    char *text = interrupted_text(change_run);
    report_missing(change_run->report, "interrupted", text);
    mem_free(text);
}

/* Whether a rule that matched nothing may be a mistake: not if there was nothing to match. */
static bool looked_at_all(const struct change_run *change_run)
{
    return change_run->looks_at_all && !change_run->services->stopped && change_run->run != NULL &&
           run_finished(change_run->run) > 0;
}

bool change_run_shows_scope(const struct change_run *change_run)
{
    return change_run->scope_file != NULL || report_shows_scope(change_run->report);
}

static void record_scope(struct change_run *change_run)
{
    struct report *report = change_run->report;
    if (report == NULL || change_run->run == NULL || !change_run_shows_scope(change_run))
        return;
    change_run->scope = scope_record(change_run, looked_at_all(change_run));
    report_count_scope(report, change_run->scope);
    report_set_scope(report, change_run->scope);
}

/* After the report, whose digest is in it. */
static int close_scope(struct change_run *change_run, const struct err *failure)
{
    struct err err = {0};
    int result =
        scope_file_close(&change_run->services->settings, change_run->scope_file, change_run->scope,
                         failure->kind != ERR_NONE ? failure->message : NULL, &err);
    if (result != 0)
        log_error("%s", err.message);
    return result == 0 ? 0 : 1;
}

static int close_report(struct change_run *change_run, struct err *err)
{
    services_on_abort(change_run->services, NULL, NULL);
    if (change_run->dropped) {
        report_drop(change_run->report);
        return 0;
    }
    log_missing(change_run);
    record_scope(change_run);
    if (change_run->report == NULL || report_close(change_run->report, err) == 0)
        return 0;
    if (!services_reader_left(change_run->services))
        log_error("%s", err->message);
    return 1;
}

/* Says how to continue if the plan has calls to make. */
static void report_plan(const struct change_run *change_run, int status)
{
    const struct settings *settings = &change_run->services->settings;
    bool readable = settings->format == FORMAT_JSONL || settings->format == FORMAT_JSON;
    if (change_run->mode != RUN_PLAN || settings->output == NULL || status != 2 || settings->quiet)
        return;
    if (!readable) {
        log_note("%s is in a format for people: write the plan without --format to apply it",
                 settings->output);
        return;
    }
    char *apply = next_command(settings, "apply", settings->output);
    struct buf show;
    buf_init(&show, NEXT_COMMAND_MAX);
    text_shell_add(&show, settings->output);
    log_note("plan: %s (to see it: engine show %s; to make its calls: %s)", settings->output,
             buf_text(&show), apply);
    buf_clear(&show);
    mem_free(apply);
}

/* An audit that never ran looks like one that found nothing. */
static void log_off(const struct change_run *change_run)
{
    const struct services *services = change_run->services;
    char *text = change_run->run != NULL && !services->settings.quiet
                     ? run_checks_off_text(change_run->run)
                     : NULL;
    if (text != NULL && services->in_function)
        log_info("%s", text);
    else if (text != NULL)
        log_note("%s", text);
    mem_free(text);
}

int change_run_close(struct change_run *change_run)
{
    const struct services *services = change_run->services;
    struct err failure = {0};
    int closed = close_report(change_run, &failure); /* this may find that something is missing */
    closed = finding_worse(closed, close_scope(change_run, &failure));
    int status = change_run->run != NULL ? run_status(change_run->run) : 0;
    status = finding_worse(status, closed);
    if (services->failed)
        status = 1;
    log_off(change_run);
    log_journal(change_run);
    if (change_run->run != NULL)
        run_log_unnotified(change_run->run);
    if (services->exceptions != NULL)
        exceptions_report(services->exceptions, looked_at_all(change_run));
    if (!change_run->dropped)
        report_plan(change_run, status);
    run_free(change_run->run);
    gate_free(change_run->gate);
    journal_free(change_run->journal);
    return status;
}
