#include "report/report_next.h"

#include <stdbool.h>
#include <string.h>

#include "base/clean_text.h"
#include "report/report_internal.h"
#include "report/report_totals.h"
#include "settings/settings_again.h"
#include "value/json.h"

static void add_word(struct buf *out, const char *word)
{
    if (out->len > 0)
        buf_addc(out, ' ');
    text_shell_add(out, word);
}

static const char *word_of(const struct report *report, size_t at)
{
    const struct text_list *again = &report->settings->again;
    return at < again->count ? again->items[at] : at == AGAIN_PROGRAM ? "engine" : "";
}

static void begin_command(const struct report *report, struct buf *line, const char *command)
{
    buf_init(line, REPORT_TEXT_MAX);
    add_word(line, word_of(report, AGAIN_PROGRAM));
    if (command[0] != '\0')
        add_word(line, command);
}

/* Can this be shown unchanged, on one line? */
static bool is_harmless(const struct buf *line)
{
    struct buf legible;
    buf_init(&legible, 4 * REPORT_TEXT_MAX);
    text_legible(&legible, buf_text(line), line->len);
    bool same = strcmp(buf_text(&legible), buf_text(line)) == 0;
    buf_clear(&legible);
    return same && strpbrk(buf_text(line), "\t\r\n") == NULL;
}

/* Clears the command. One that cannot be shown unchanged is left out: it would not do the same. */
static void end_command(struct buf *out, const char *label, struct buf *line)
{
    if (is_harmless(line))
        buf_addf(out, "  %-16s %s\n", label, buf_text(line));
    buf_clear(line);
}

/* A command with all options of this run, and with `more`. */
static void add_again(const struct report *report, struct buf *out, const char *label,
                      const char *command, const char *more)
{
    struct buf line;
    begin_command(report, &line, command);
    for (size_t i = AGAIN_OPTIONS; i < report->settings->again.count; i++)
        add_word(&line, word_of(report, i));
    buf_addf(&line, " %s", more);
    end_command(out, label, &line);
}

/* The most severe check; of several, the one with the most findings. */
static const char *worst_of(json_t *checks)
{
    const char *name, *worst = NULL;
    json_int_t least = 0, most = 0;
    json_t *check;
    json_object_foreach (checks, name, check) {
        json_int_t rank = json_get_integer(check, "rank", 4);
        json_int_t count = json_get_integer(check, "count", 0);
        if (worst != NULL && (rank > least || (rank == least && count <= most)))
            continue;
        worst = name;
        least = rank;
        most = count;
    }
    return worst;
}

/* `engine explain` takes only the options that say where the policies are. */
static void add_explain(const struct report *report, struct buf *out, const char *check)
{
    struct buf line;
    begin_command(report, &line, "explain");
    add_word(&line, check);
    for (size_t i = AGAIN_OPTIONS; i + 1 < report->settings->again.count; i++) {
        const char *word = word_of(report, i);
        if (strcmp(word, "--policies") != 0 && strcmp(word, "--models") != 0)
            continue;
        add_word(&line, word);
        add_word(&line, word_of(report, i + 1));
    }
    end_command(out, "why it matters:", &line);
}

/* Only a scan and a run for one resource find their resources again; other commands read lines. */
static void add_runs(const struct report *report, struct buf *out, bool repairable)
{
    const char *command = word_of(report, AGAIN_COMMAND);
    bool scan = strcmp(command, "scan") == 0;
    if (!scan && report->settings->resource == NULL) {
        buf_adds(out, "  every finding:   the same with --format table\n");
        return;
    }
    add_again(report, out, "every finding:", command, "--format table");
    if (repairable)
        add_again(report, out, "what repairs it:", scan ? command : "plan",
                  scan ? "--dry-run --output plan" : "--output plan");
}

/* Accounts that could not be entered: the doctor says what is missing in each. */
static void add_doctor(const struct report *report, struct buf *out)
{
    size_t i;
    json_t *entry;
    struct buf line, accounts;
    buf_init(&accounts, REPORT_TEXT_MAX);
    json_array_foreach (report->missing, i, entry) {
        if (strcmp(json_get_string(entry, "kind", ""), "account") == 0)
            buf_addf(&accounts, "%s%s", accounts.len > 0 ? "," : "",
                     json_get_string(entry, "account", ""));
    }
    if (accounts.len > 0) {
        begin_command(report, &line, "doctor");
        add_word(&line, "--accounts");
        add_word(&line, buf_text(&accounts));
        end_command(out, "what is missing:", &line);
    }
    buf_clear(&accounts);
}

/* An audit does not run fixes, so it counts repairs that the gate would hold as well. */
static void add_held(const struct report *report, struct buf *out)
{
    const json_t *known = json_object_get(report->settings->for_policies, "known_accounts");
    const json_t *organization =
        json_object_get(report->settings->for_policies, "organization_account");
    if (report->totals.by_total[TOTAL_AVAILABLE] > 0 && json_array_size(known) == 0 &&
        organization == NULL)
        buf_adds(out, "  held without KNOWN_ACCOUNTS or ORGANIZATION_ACCOUNT: repairs that remove "
                      "an account\n");
}

void next_commands(const struct report *report, json_t *checks, struct buf *out)
{
    const struct report_totals *totals = &report->totals;
    const char *worst = worst_of(checks);
    size_t left = 0;
    for (int i = 0; i <= TOTAL_NONE; i++)
        left += totals->by_total[i];
    if (left == 0)
        return;
    struct buf lines;
    buf_init(&lines, REPORT_TEXT_MAX);
    if (worst != NULL)
        add_explain(report, &lines, worst);
    add_doctor(report, &lines);
    add_runs(report, &lines,
             totals->by_total[TOTAL_AVAILABLE] + totals->by_total[TOTAL_PLANNED] > 0);
    if (lines.len > 0)
        add_held(report, &lines);
    if (lines.len > 0)
        buf_addf(out, "\nnext:\n%s", buf_text(&lines));
    buf_clear(&lines);
}
