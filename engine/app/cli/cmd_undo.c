/* engine undo JOURNAL: undoes changes, newest first. */
#include "app/cli/cmd_undo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/services/s3_change.h"
#include "app/services/scope_record.h"
#include "app/services/services_policies.h"
#include "app/services/services_signals.h"
#include "app/services/services_start.h"
#include "base/claim.h"
#include "base/clean_text.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/progress_text.h"
#include "change/gate.h"
#include "change/gate_undo.h"
#include "journal/journal_result.h"
#include "policy/finding.h"
#include "value/json.h"

#define MAX_LINE (1u << 20)
#define LONGEST_PROGRESS 200

struct undo_job {
    struct services *services;
    const char *path;        /* of the local journal */
    struct s3_change remote; /* the journal is in S3 */
    json_t *fixes;
    json_t *fix;    /* the one in progress, whole */
    json_t *undone; /* the exception rules for the end, as text */
    size_t left;    /* number of fixes not looked at yet; the newest is the last */
    struct journal *journal;
    struct gate *gate;
    struct resource *resource;
    size_t total;
    int64_t began_ms;
    int status;
    int claim; /* lock on the journal's content, whichever file it is in; -1: none */
    bool stopped;
};

static void next_fix(struct undo_job *job);

/* ---- progress ---- */

static bool on_screen; /* the progress line, which other lines replace */

static void clear_progress(void)
{
    if (on_screen)
        fputs("\r\x1b[K", stderr);
    on_screen = false;
}

static void show_progress(const struct undo_job *job)
{
    const struct settings *settings = &job->services->settings;
    struct buf line;
    size_t done = job->total - job->left;
    if (settings->quiet || settings->log_format == LOG_FORMAT_JSON || !progress_text_wanted())
        return;
    buf_init(&line, LONGEST_PROGRESS);
    buf_adds(&line, "undid ");
    progress_text_count(&line, done);
    buf_adds(&line, " of ");
    progress_text_count(&line, job->total);
    progress_text_left(&line, done, job->total, clock_mono_ms() - job->began_ms);
    progress_text_draw(&line);
    buf_clear(&line);
    on_screen = true;
}

/* ---- results ---- */

static void add_clean(struct buf *out, const json_t *result, const char *name)
{
    const char *text = json_get_string(result, name, "");
    text_clean(out, text, strlen(text));
}

/* A journal may come from anywhere, so its text is not trusted. */
static void print_result(const json_t *result)
{
    struct buf line;
    buf_init(&line, MAX_LINE);
    buf_addf(&line, "%-7s ", json_get_string(result, "result", ""));
    add_clean(&line, result, "check");
    buf_adds(&line, "  ");
    add_clean(&line, result, "id");
    buf_adds(&line, "  (");
    add_clean(&line, result, "account");
    buf_adds(&line, ", ");
    add_clean(&line, result, "region");
    buf_addc(&line, ')');
    if (json_object_get(result, "why") != NULL) {
        buf_adds(&line, "\n        ");
        add_clean(&line, result, "why");
    }
    puts(buf_text(&line));
    buf_clear(&line);
}

static void print_line(const json_t *result)
{
    char *text = json_text(result);
    puts(text);
    mem_free(text);
}

/* As text, it takes a tenth of the memory. */
static void add_rule(const struct undo_job *job, const json_t *result)
{
    json_t *rule = json_pack(
        "{s:O, s:O, s:O, s:O, s:s, s:s, s:s}", "account", json_object_get(result, "account"),
        "type", json_object_get(result, "type"), "check", json_object_get(result, "check"), "id",
        json_object_get(result, "id"), "reason", "WHY", "owner", "WHO", "expires", "YYYY-MM-DD");
    char *text = json_text(rule);
    json_decref(rule);
    json_array_append_new(job->undone, json_string_nocheck(text));
    mem_free(text);
}

static void settle(struct undo_job *job, json_t *result)
{
    enum journal_result became = journal_result(result);
    clear_progress();
    if (job->services->settings.format == FORMAT_TABLE)
        print_result(result);
    else
        print_line(result);
    if (became == JOURNAL_UNDONE)
        add_rule(job, result);
    else
        job->status = finding_worse(job->status, became == JOURNAL_HELD ? 2 : 1);
    json_decref(result);
}

static void end_fix(struct undo_job *job)
{
    resource_free(job->resource);
    job->resource = NULL;
    json_decref(job->fix);
    job->fix = NULL;
}

static void on_undone(void *arg, json_t *result)
{
    struct undo_job *job = arg;
    settle(job, result);
    end_fix(job);
    show_progress(job);
    next_fix(job);
}

static void report_untried(struct undo_job *job, const json_t *fix, enum journal_result became,
                           const char *why)
{
    static const char *const keys[] = {"account", "region", "type", "id", "check"};
    json_t *result = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set_new(result, keys[i], json_string(json_get_string(fix, keys[i], "?")));
    json_object_set_new(result, "result", json_string(journal_result_name(became)));
    json_object_set_new(result, "why", json_string_nocheck(why));
    settle(job, result);
}

/* The names in a damaged line are not trusted: the fix is reported, and the other fixes go on. */
static void report_damaged(struct undo_job *job, const json_t *fix)
{
    report_untried(job, fix, JOURNAL_FAILED, json_get_string(fix, "damage", ""));
}

static json_t *whole_fix(const struct undo_job *job, size_t index)
{
    return journal_whole_fix(job->journal, json_array_get(job->fixes, index));
}

/* Every fix gets a result, even if its turn did not come. */
static void report_left(struct undo_job *job)
{
    if (job->resource != NULL)
        report_untried(job, job->fix, JOURNAL_FAILED,
                       "internal error: no response came; please report this");
    end_fix(job);
    while (job->left > 0) {
        json_t *fix = whole_fix(job, --job->left);
        report_untried(job, fix, JOURNAL_HELD, "the run was interrupted before its turn");
        json_decref(fix);
    }
}

static void next_fix(struct undo_job *job)
{
    struct err err = {0};
    while (job->left > 0 && !job->stopped) {
        job->fix = whole_fix(job, --job->left);
        if (json_object_get(job->fix, "damage") == NULL)
            break;
        report_damaged(job, job->fix);
        end_fix(job);
    }
    const json_t *fix = job->fix;
    if (fix == NULL)
        return;
    struct evaluator *evaluator = job->services->context.evaluator;
    job->resource = resource_from_json(fix, &err);
    const struct policy *policy =
        evaluator->find(evaluator->self, json_get_string(fix, "type", ""));
    gate_undo(job->gate, policy, job->resource, fix, on_undone, job);
}

static void stop(void *arg)
{
    struct undo_job *job = arg;
    job->stopped = true;
}

static void on_ready(void *arg)
{
    struct undo_job *job = arg;
    services_on_stop(job->services, stop, job);
    if (job->remote.services != NULL)
        s3_change_follow(&job->remote);
    log_before_line(clear_progress);
    job->began_ms = clock_mono_ms();
    show_progress(job);
    next_fix(job);
}

static int check_fix(const struct undo_job *job, const json_t *fix, struct err *err)
{
    struct evaluator *evaluator = job->services->context.evaluator;
    const char *type = json_get_string(fix, "type", "");
    if (json_object_get(fix, "damage") != NULL)
        return 0;
    struct resource *resource = resource_from_json(fix, err);
    if (resource == NULL)
        return err_prefix(err, "the journal %s", job->path);
    resource_free(resource);
    if (evaluator->find(evaluator->self, type) == NULL)
        return err_set(err, ERR_USAGE,
                       "the journal %s names the type \"%s\", which no policy "
                       "in %s has: name the folder of its policy with --policies",
                       job->path, type, job->services->settings.policies);
    return 0;
}

/* All names in the journal must be valid before anything is undone. */
static int check_fixes(const struct undo_job *job, struct err *err)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < json_array_size(job->fixes); i++) {
        json_t *fix = whole_fix(job, i);
        result = check_fix(job, fix, err);
        json_decref(fix);
    }
    return result;
}

/* Copies of a journal have the same fixes. */
static int claim(struct undo_job *job, struct err *err)
{
    const json_t *first = json_array_get(job->fixes, 0);
    char *name = mem_printf("journal %.40s", json_get_string(first, "fix", ""));
    job->claim = claim_take(name);
    mem_free(name);
    if (job->claim >= 0)
        return 0;
    if (errno == EADDRINUSE)
        return err_set(err, ERR_IO,
                       "another engine is undoing the journal %s: wait until it has ended; nothing "
                       "was changed",
                       job->path);
    return err_set(err, ERR_IO, "the journal %s cannot be claimed: %s; nothing was changed",
                   job->path, strerror(errno));
}

/* A journal in S3 is made a local file first. */
static int open_remote(struct undo_job *job, struct err *err)
{
    if (!s3_url_is(job->path))
        return 0;
    if (services_connect(job->services, err) != 0 ||
        s3_change_journal(&job->remote, job->services, job->path, err) != 0)
        return -1;
    job->path = job->remote.journal_path;
    return 0;
}

static int connect_once(const struct undo_job *job, struct err *err)
{
    return job->remote.services != NULL ? 0 : services_connect(job->services, err);
}

static int open_all(struct undo_job *job, struct err *err)
{
    struct services *services = job->services;
    if (open_remote(job, err) != 0)
        return -1;
    job->journal = journal_new(job->path);
    if (journal_open_to_undo(job->journal, err) != 0)
        return -1;
    job->fixes = journal_parked_fixes(job->journal, err);
    if (job->fixes != NULL && json_array_size(job->fixes) == 0)
        return 0;
    if (job->fixes == NULL || claim(job, err) != 0 || connect_once(job, err) != 0 ||
        services_policies(services, err) != 0 || check_fixes(job, err) != 0)
        return -1;
    if (services->audit_only)
        return err_set(err, ERR_USAGE, "the exceptions cannot be read, so nothing is undone");
    services_without_trust(services);
    job->left = job->total = json_array_size(job->fixes);
    journal_made_by(job->journal, scope_made_by(services));
    job->gate = gate_new(&services->context, job->journal);
    return 0;
}

/* The next run would make the undone changes again: these rules prevent that, one per line. */
static void print_rules(const struct undo_job *job)
{
    size_t i;
    json_t *rule;
    bool json = job->services->settings.log_format == LOG_FORMAT_JSON;
    if (!json)
        fputs("engine: to prevent it from being repaired again, add these rules to --exceptions "
              "FILE (fill in reason, owner, expiry):\n{\"rules\":[\n",
              stderr);
    json_array_foreach (job->undone, i, rule) {
        const char *text = json_string_value(rule);
        if (json)
            log_note("a rule for --exceptions FILE, to prevent the repair: %s", text);
        else
            fprintf(stderr, "  %s%s\n", text, i + 1 < json_array_size(job->undone) ? "," : "");
    }
    if (!json)
        fputs("]}\n", stderr);
}

static int close_all(struct undo_job *job, int result)
{
    clear_progress();
    log_before_line(NULL);
    if (result == 0)
        report_left(job);
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    if (lost && result == 0 && !services_reader_left(job->services)) {
        log_error("the results could not be written to standard output: %s", strerror(errno));
        job->status = 1;
    }
    fflush(stdout);
    if (result == 0 && json_array_size(job->undone) > 0 && !job->services->settings.quiet)
        print_rules(job);
    if (result == 0 && json_array_size(job->fixes) == 0 && !job->services->settings.quiet)
        log_note("everything in %s is undone already: there is nothing to do", job->path);
    gate_free(job->gate);
    journal_free(job->journal);
    claim_drop(job->claim);
    json_decref(job->fixes);
    json_decref(job->undone);
    if (s3_change_close(&job->remote) != 0)
        job->status = finding_worse(job->status, 1);
    return result != 0 ? -1 : job->services->failed ? finding_worse(job->status, 1) : job->status;
}

/* The journal is read before anything is opened. */
static int run_undo(struct services *services, const struct text_list *words, struct err *err)
{
    struct undo_job job = {.services = services,
                           .path = words->items[0],
                           .remote = S3_CHANGE_NONE,
                           .undone = json_array(),
                           .claim = -1};
    int result = open_all(&job, err);
    if (result == 0 && json_array_size(job.fixes) > 0)
        result = services_run(services, false, err, on_ready, &job);
    return close_all(&job, result);
}

static const char *const undo_options[] = {"policies", "profile",     "models",   "exceptions",
                                           "format",   "concurrency", "patience", "no-assume-role",
                                           "quiet",    "log-level",   NULL};

const struct command command_undo = {
    .name = "undo",
    .arguments = "JOURNAL",
    .summary = "undo a journal's changes, newest first",
    .help = "JOURNAL is a file, or an s3:// object that `engine apply s3://…` has written.\n"
            "Undoes each fix from the step whose state the resource is in; if it is in none\n"
            "of these states, the undo is held. Then reads the state back and compares it\n"
            "with the earlier one. --format is table or jsonl.\n",
    .options = undo_options,
    .words = COMMAND_ONE_WORD,
    .prints_no_findings = true,
    .run = run_undo,
};
