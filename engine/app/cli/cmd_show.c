/* engine show FILE: a plan or a report that was written before, in any format. Audits nothing. */
#include "app/cli/cmd_show.h"

#include <stdio.h>
#include <unistd.h>

#include "app/services/services_objects.h"
#include "base/mem.h"
#include "base/spool.h"
#include "baseline/baseline_file.h"
#include "policy/finding.h"
#include "value/s3_url.h"

#define MOST_BYTES (1u << 30)

struct show {
    struct services *services;
    const char *name;
    int fd; /* of an object's content; -1: none */
    struct report *report;
    struct report_store store;
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

static void take(void *arg, const json_t *finding)
{
    report_add(arg, finding);
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
    const char *from = show->fd >= 0 ? path : show->name;
    if (baseline_file_read(from, show->name, MOST_BYTES, err, take, show->report) == 0)
        return report_close(show->report, err);
    report_drop(show->report);
    return -1;
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
    .summary = "print a plan or report in another format",
    .help = "FILE is a plan, or a report in jsonl or json: a file or an s3:// object. Prints\n"
            "its findings in the format of --format, without another audit: as a table\n"
            "for people, as markdown for comments, as html, sarif, junit, …\n"
            "The controls of a framework can only be shown by the audit (--compliance).\n",
    .options = show_options,
    .words = COMMAND_ONE_WORD,
    .check = check_show,
    .run = run_show,
};
