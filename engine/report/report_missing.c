#include "report/report_missing.h"

#include <string.h>

#include "base/mem.h"
#include "base/report_text.h"
#include "policy/finding.h"
#include "policy/finding_entry.h"
#include "policy/verdict.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_output.h"
#include "report/report_table_text.h"
#include "value/json.h"

#define MOST_CAUSES 20

static void count_more(json_t *entry)
{
    json_int_t more = json_get_integer(entry, "more", 0);
    json_object_set_new(entry, "more", json_integer(more + 1));
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool is_of_account(const json_t *finding)
{
    return strcmp(finding_get(finding, "check"), FINDING_ENTERED) == 0;
}

static bool is_unlisted(const json_t *finding)
{
    return strcmp(finding_get(finding, "id"), "*") == 0 &&
           verdict_status(finding) == STATUS_UNKNOWN &&
           (is_of_account(finding) || ends_with(finding_get(finding, "check"), ".listed"));
}

static json_t *same_cause(const json_t *list, const char *cause)
{
    size_t i;
    json_t *entry;
    json_array_foreach (list, i, entry) {
        if (strcmp(json_get_string(entry, "cause", ""), cause) == 0)
            return entry;
    }
    return NULL;
}

static void add_incomplete(struct report *report, const json_t *finding)
{
    const json_t *error = json_object_get(finding, "error");
    const char *message = json_get_string(error, "message", finding_get(finding, "summary"));
    json_array_append_new(report->missing,
                          json_pack("{s:s, s:o}", "kind", json_get_string(error, "kind", ""),
                                    "message", report_cut(message, 4096)));
}

/* Targets that fail for the same reason share an entry: the first in full, the others counted.
 * After the last free entry, further ones are counted there. */
static void add_target(struct report *report, const json_t *finding)
{
    if (!is_unlisted(finding))
        return;
    const char *cause =
        json_get_string(json_object_get(finding, "error"), "message", "no reason given");
    size_t count = json_array_size(report->missing);
    json_t *entry = same_cause(report->missing, cause);
    if (entry == NULL && count >= MOST_CAUSES)
        entry = json_array_get(report->missing, count - 1);
    if (entry != NULL) {
        count_more(entry);
        return;
    }
    json_array_append_new(report->missing,
                          json_pack("{s:s, s:O, s:o, s:o}", "kind",
                                    is_of_account(finding) ? "account" : "unlisted", "account",
                                    json_object_get(finding, "account"), "message",
                                    report_cut(finding_get(finding, "summary"), 4096), "cause",
                                    report_cut(cause, 4096)));
}

void missing_add(struct report *report, const json_t *finding)
{
    bool of_run = strcmp(finding_get(finding, "check"), FINDING_RUN_COMPLETE) == 0;
    if (of_run && verdict_status(finding) == STATUS_UNKNOWN)
        add_incomplete(report, finding);
    else if (!of_run)
        add_target(report, finding);
}

void missing_text(const json_t *entry, struct buf *out)
{
    const char *message = json_get_string(entry, "message", "");
    json_int_t more = json_get_integer(entry, "more", 0);
    bool account = strcmp(json_get_string(entry, "kind", ""), "account") == 0;
    const char *what = account ? "account" : "place";
    text_clean(out, message, strlen(message));
    if (more > 0)
        buf_addf(out, " (and %" JSON_INTEGER_FORMAT " more %s%s)", more, what,
                 more == 1 ? "" : "s");
}

/* At the end, because people read the last lines. */
void missing_footer(struct report *report)
{
    size_t i;
    json_t *entry;
    struct table table = {.colour = report->colour, .width = report->width};
    buf_init(&table.out, 8 * REPORT_TEXT_MAX);
    json_array_foreach (report->missing, i, entry) {
        struct buf line;
        buf_init(&line, REPORT_TEXT_MAX);
        buf_adds(&line, "incomplete: ");
        missing_text(entry, &line);
        table_styled(&table, STYLE_BOLD_RED, buf_text(&line));
        buf_addc(&table.out, '\n');
        buf_clear(&line);
    }
    report_write(report, &table.out);
    buf_clear(&table.out);
}
