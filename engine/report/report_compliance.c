#include "report/report_compliance.h"

#include <stdio.h>
#include <string.h>

#include "base/report_text.h"
#include "compliance/compliance.h"
#include "report/report_internal.h"
#include "report/report_output.h"
#include "report/report_table_text.h"
#include "value/json.h"

#define STATUS_WIDTH 13 /* "not audited ~" */
#define COUNT_WIDTH 8   /* with a gap before the number */
#define LEAST_CHECKS 20 /* minimum columns for the names of the checks */
#define LEAST_TITLES 40 /* and for their titles too */
#define MOST_TITLES 3   /* more checks of a control are shown without titles */

/* As compliance.h lists them: a status, the word for people, its style. */
static const struct {
    const char *status, *word, *style;
} statuses[] = {
    {"failed", "failed", STYLE_RED},           {"unknown", "unknown", STYLE_YELLOW},
    {"exempt", "exempt", STYLE_DIM},           {"passed", "passed", STYLE_GREEN},
    {"not_audited", "not audited", STYLE_DIM}, {"not_covered", "not covered", STYLE_DIM},
};
#define STATUSES (sizeof statuses / sizeof *statuses)
static const char *const columns[] = {"passed", "failed", "unknown", "exempt"};
#define COLUMNS (sizeof columns / sizeof *columns)

static size_t index_of(const json_t *control)
{
    size_t i = 0;
    while (i + 1 < STATUSES &&
           strcmp(statuses[i].status, json_get_string(control, "status", "")) != 0)
        i++;
    return i;
}

static bool is_covered(const json_t *control)
{
    return json_array_size(json_object_get(control, "checks")) > 0;
}

/* "CIS … (cis-5.0): 2 failed, 3 passed" */
static void add_heading(const json_t *result, struct buf *out)
{
    const char *before = ": ";
    const json_t *totals = json_object_get(result, "statuses");
    buf_addf(out, "%s (%s)", json_get_string(result, "title", ""),
             json_get_string(result, "framework", ""));
    for (size_t i = 0; i < STATUSES; i++) {
        json_int_t count = json_get_integer(totals, statuses[i].status, 0);
        if (count == 0)
            continue;
        buf_addf(out, "%s%" JSON_INTEGER_FORMAT " %s", before, count, statuses[i].word);
        before = ", ";
    }
}

/* `titles` NULL: the names only. */
static void add_checks(const json_t *control, const json_t *titles, struct buf *out)
{
    size_t i;
    json_t *check;
    json_array_foreach (json_object_get(control, "checks"), i, check) {
        const char *name = json_string_value(check);
        const char *title = json_get_string(titles, name, NULL);
        buf_adds(out, i > 0 ? ", " : "");
        if (title != NULL)
            buf_addf(out, "%s (%s)", title, name);
        else
            buf_adds(out, name);
    }
}

static size_t width_of(const json_t *controls)
{
    size_t i, width = strlen("CONTROL");
    json_t *control;
    json_array_foreach (controls, i, control) {
        size_t length = strlen(json_get_string(control, "id", ""));
        width = is_covered(control) && length > width ? length : width;
    }
    return width + TABLE_GAP;
}

/* Where the checks begin; 0: there is no room for them. */
static size_t checks_at(const struct table *table, size_t width)
{
    size_t at = TABLE_INDENT + width + STATUS_WIDTH + COLUMNS * COUNT_WIDTH + TABLE_GAP;
    return at + LEAST_CHECKS <= table->width ? at : 0;
}

/* A framework's own titles are not free to use: those of the checks say what a control is about. */
static void put_checks(struct table *table, const json_t *control, const json_t *titles, size_t at)
{
    struct buf checks;
    const struct wrap wrap = {.indent = at, .joined = true};
    if (at == 0) {
        buf_addc(&table->out, '\n');
        return;
    }
    bool titled = table->width - at >= LEAST_TITLES &&
                  json_array_size(json_object_get(control, "checks")) <= MOST_TITLES;
    buf_init(&checks, REPORT_TEXT_MAX);
    add_checks(control, titled ? titles : NULL, &checks);
    table_blanks(table, TABLE_GAP);
    table_wrapped(table, &wrap, STYLE_NONE, buf_text(&checks));
    buf_clear(&checks);
}

static void put_row(struct table *table, const json_t *control, const json_t *titles, size_t width)
{
    size_t at = index_of(control);
    char status[32];
    snprintf(status, sizeof status, "%s%s", statuses[at].word,
             json_object_get(control, "near") != NULL ? " ~" : "");
    table_blanks(table, TABLE_INDENT);
    buf_addf(&table->out, "%-*s", (int)width, json_get_string(control, "id", ""));
    table_styled(table, statuses[at].style, status);
    table_blanks(table, STATUS_WIDTH - strlen(status));
    for (size_t i = 0; i < COLUMNS && table->width >= TABLE_NARROW; i++)
        buf_addf(&table->out, "%*" JSON_INTEGER_FORMAT, COUNT_WIDTH,
                 json_get_integer(control, columns[i], 0));
    put_checks(table, control, titles, checks_at(table, width));
}

static void put_titles(struct table *table, size_t width)
{
    static const char *const titles[COLUMNS] = {"PASSED", "FAILED", "UNKNOWN", "EXEMPT"};
    struct buf line;
    buf_init(&line, 4096);
    buf_addf(&line, "%-*s%-*s", (int)width, "CONTROL", STATUS_WIDTH, "STATUS");
    for (size_t i = 0; i < COLUMNS && table->width >= TABLE_NARROW; i++)
        buf_addf(&line, "%*s", COUNT_WIDTH, titles[i]);
    if (checks_at(table, width) > 0)
        buf_addf(&line, "%*sCHECKS", TABLE_GAP, "");
    table_blanks(table, TABLE_INDENT);
    table_styled(table, STYLE_DIM, buf_text(&line));
    buf_addc(&table->out, '\n');
    buf_clear(&line);
}

static void put_uncovered(struct table *table, const json_t *controls)
{
    size_t i, count = 0;
    json_t *control;
    struct buf line;
    const struct wrap wrap = {.indent = TABLE_INDENT, .hang = TABLE_INDENT};
    buf_init(&line, REPORT_TEXT_MAX);
    json_array_foreach (controls, i, control) {
        if (is_covered(control))
            continue;
        buf_addf(&line, "%s%s",
                 count++ > 0 ? ", " : "not covered: ", json_get_string(control, "id", ""));
    }
    table_wrapped(table, &wrap, STYLE_DIM, buf_text(&line));
    buf_clear(&line);
}

/* What "~" means, if a control has one. */
static void put_note(struct table *table, const json_t *controls)
{
    size_t i;
    json_t *control;
    bool near = false;
    const struct wrap wrap = {.indent = TABLE_INDENT, .hang = TABLE_INDENT};
    json_array_foreach (controls, i, control)
        near = near || json_object_get(control, "near") != NULL;
    if (near)
        table_wrapped(table, &wrap, STYLE_DIM,
                      "~: its checks are similar or cover only a part: a pass does not prove that "
                      "the control is met");
}

void report_compliance_text(struct report *report)
{
    size_t i;
    json_t *control;
    struct buf heading;
    struct table table = {.colour = report->colour, .width = report->width};
    if (report->compliance == NULL)
        return;
    json_t *result = compliance_result(report->compliance);
    json_t *controls = json_object_get(result, "controls");
    buf_init(&table.out, REPORT_TEXT_MAX);
    buf_init(&heading, 4096);
    add_heading(result, &heading);
    table_wrapped(&table, &(struct wrap){.hang = TABLE_INDENT}, STYLE_BOLD, buf_text(&heading));
    size_t width = width_of(controls);
    put_titles(&table, width);
    json_array_foreach (controls, i, control) {
        if (is_covered(control))
            put_row(&table, control, json_object_get(result, "titles"), width);
    }
    put_note(&table, controls);
    put_uncovered(&table, controls);
    buf_addc(&table.out, '\n');
    report_write(report, &table.out);
    buf_clear(&heading);
    buf_clear(&table.out);
    json_decref(result);
}
