/* engine show FILE: a plan, a journal or a report that was written before, in any format. Audits
 * nothing. */
#include "app/cli/cmd_show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/services/services_objects.h"
#include "base/mem.h"
#include "base/spool.h"
#include "baseline/baseline_file.h"
#include "change/journal_shown.h"
#include "compliance/compliance.h"
#include "journal/journal_parked.h"
#include "journal/journal_read.h"
#include "journal/journal_sums.h"
#include "policy/finding.h"
#include "scope/scope_plan.h"
#include "value/s3_url.h"

#define MOST_BYTES (1u << 30)
#define MOST_OTHER_LINES 100000 /* of a log, before the first line of its journal */

struct show {
    struct services *services;
    const char *name;
    int fd; /* of an object's content; -1: none */
    struct report *report;
    struct report_store store;
    struct compliance *compliance; /* of the file; NULL: it has none */
    json_t *scope;                 /* the record in the file, or what a plan says; NULL: none */
};

static bool is_remote(const struct show *show)
{
    const char *output = show->services->settings.output;
    return s3_url_is(show->name) || (output != NULL && s3_url_is(output));
}

static int fetch(struct show *show, struct err *err)
{
    struct s3_url url;
    if (s3_url_parse(show->name, &url, err) != 0)
        return -1;
    json_t *text = services_object_get(show->services, &url, MESSAGE_OBJECT_READ, err);
    show->fd = text != NULL ? spool_open(err) : -1;
    int result = show->fd >= 0 ? spool_write(show->fd, 0, json_string_value(text),
                                             json_string_length(text), err)
                               : -1;
    json_decref(text);
    return result;
}

/* ---- reports and plans ---- */

static void take(void *arg, const json_t *finding)
{
    struct show *show = arg;
    const json_t *made_by = json_object_get(finding, FINDING_MADE_BY);
    if (show->scope == NULL && made_by != NULL)
        show->scope = scope_of_plan(made_by);
    report_add(show->report, finding);
}

static void take_about(void *arg, const json_t *document)
{
    struct show *show = arg;
    json_t *result = json_object_get(document, "compliance");
    json_t *scope = json_object_get(document, "scope");
    if (show->compliance == NULL && json_is_array(json_object_get(result, "controls")))
        report_set_compliance(show->report, show->compliance = compliance_given(result));
    if (show->scope == NULL && json_is_object(scope))
        show->scope = json_incref(scope);
}

/* ---- journals ---- */

static bool begins_journal(const char *line, size_t length)
{
    const char *mark = memmem(line, length, JOURNAL_MARK, strlen(JOURNAL_MARK));
    return mark != NULL && memchr(line, '{', (size_t)(mark - line)) == NULL;
}

/* In the log of a function, lines of text or JSON precede the journal, and text precedes each of
 * its lines. */
static bool is_journal(const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    bool found = false;
    for (int i = 0; file != NULL && !found && i < MOST_OTHER_LINES; i++) {
        if ((length = getline(&line, &size, file)) < 0)
            break;
        found = begins_journal(line, (size_t)length);
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return found;
}

static int show_fixes(struct show *show, FILE *file, struct err *err)
{
    size_t i;
    json_t *fix;
    struct parked *parked = parked_new();
    json_t *fixes = journal_read_all(show->name, file, parked, err);
    json_array_foreach (fixes, i, fix) {
        json_t *whole = parked_get(parked, fix);
        json_t *finding = journal_shown(whole);
        report_add(show->report, finding);
        json_decref(finding);
        json_decref(whole);
    }
    int result = fixes != NULL ? 0 : -1;
    json_decref(fixes);
    parked_free(parked);
    return result;
}

static int read_journal(struct show *show, const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return err_set(err, ERR_IO, "%s: %s", show->name, strerror(errno));
    int result = show_fixes(show, file, err);
    fclose(file);
    return result;
}

static int read_any(struct show *show, const char *path, struct err *err)
{
    const struct baseline_taker taker = {.take = take, .about = take_about, .arg = show};
    return is_journal(path) ? read_journal(show, path, err)
                            : baseline_file_read(path, show->name, MOST_BYTES, &taker, err);
}

static int print(struct show *show, struct err *err)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", show->fd);
    show->report = report_open(&show->services->settings, err);
    if (show->report == NULL)
        return -1;
    show->store = services_report_store(show->services);
    report_set_store(show->report, &show->store);
    int result = read_any(show, show->fd >= 0 ? path : show->name, err);
    if (show->scope != NULL)
        report_set_scope(show->report, show->scope);
    if (result == 0)
        result = report_close(show->report, err);
    else
        report_drop(show->report);
    compliance_free(show->compliance);
    json_decref(show->scope);
    return result;
}

static int run_show(struct services *services, const struct text_list *words, struct err *err)
{
    struct show show = {.services = services, .name = words->items[0], .fd = -1};
    int result = is_remote(&show) ? services_connect(services, err) : 0;
    if (result == 0 && s3_url_is(show.name))
        result = fetch(&show, err);
    if (result == 0)
        result = print(&show, err);
    if (show.fd >= 0)
        close(show.fd);
    return result;
}

/* A report in jsonl does not have the names that Security Hub uses for a resource. */
static int check_show(const struct services *services, const struct text_list *words,
                      struct err *err)
{
    enum settings_format format = services->settings.format;
    (void)words;
    if (format != FORMAT_ASFF && format != FORMAT_OCSF)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--format %s: reports and plans do not have the ARNs that it needs: write it "
                   "with engine scan or engine remediate",
                   format == FORMAT_ASFF ? "asff" : "ocsf");
}

static const char *const show_options[] = {"format", "output", "all",       "profile",
                                           "models", "quiet",  "log-level", NULL};

const struct command command_show = {
    .name = "show",
    .arguments = "FILE",
    .summary = "print a plan, journal or report",
    .help = "FILE is a plan, a journal, or a report in jsonl or json: a file or an s3:// object.\n"
            "Prints it in the format of --format, without another audit: as a table for\n"
            "people, as markdown for comments, as html, sarif, junit, … Of a journal, each fix\n"
            "is a finding that says what was done, when, by whom, and what can be undone.\n",
    .options = show_options,
    .words = COMMAND_ONE_WORD,
    .check = check_show,
    .run = run_show,
};
