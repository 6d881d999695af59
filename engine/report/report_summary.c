#include "report/report_summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/report_text.h"
#include "policy/finding.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_missing.h"
#include "report/report_output.h"
#include "report/report_table_text.h"
#include "report/report_totals.h"
#include "value/json.h"

#define MOST_CAUSES 20
#define COLUMNS 5 /* four severities of findings that are left, and the unknown ones */
#define LEAST_NAME 16

static const char *const keys[COLUMNS] = {"critical", "high", "medium", "low", "unknown"};
static const char *const titles[COLUMNS] = {"CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN"};
static const char *const styles[COLUMNS] = {STYLE_BOLD_RED, STYLE_RED, STYLE_YELLOW, STYLE_NONE,
                                            STYLE_YELLOW};

/* report->kept: an object of "types" and "causes". */
static void summary_begin(struct report *report)
{
    json_decref(report->kept);
    report->kept = json_pack("{s:{}, s:{}}", "types", "causes");
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        value = json_object();
        json_object_set_new_nocheck(object, key, value);
    }
    return value;
}

static void count(json_t *object, const char *key)
{
    json_object_set_new_nocheck(object, key, json_integer(json_get_integer(object, key, 0) + 1));
}

static bool is_unsure(enum total total)
{
    return total == TOTAL_UNKNOWN || total == TOTAL_PENDING || total == TOTAL_FAILED;
}

/* The error code is the cause, if there is one: messages contain the name of the resource. */
static void count_cause(struct report *report, const json_t *finding)
{
    const json_t *error = json_object_get(finding, "error");
    json_t *causes = json_object_get(report->kept, "causes");
    const char *why = json_get_string(error, "message", finding_get(finding, "summary"));
    const char *key = json_get_string(error, "code", why);
    json_t *cause = json_object_get(causes, key);
    if (cause == NULL && json_object_size(causes) >= MOST_CAUSES) {
        key = "";
        why = "other reasons";
    }
    cause = member(causes, key);
    if (json_object_get(cause, "why") == NULL) {
        bool named = key == why || key[0] == '\0' || strstr(why, key) != NULL;
        char *text = mem_printf("%s%s%s", named ? "" : key, named ? "" : ": ", why);
        json_object_set_new(cause, "why", report_cut(text, 1024));
        mem_free(text);
    }
    count(cause, "count");
}

static void summary_add(struct report *report, const json_t *finding)
{
    enum total total = total_of(finding);
    json_t *types = json_object_get(report->kept, "types");
    bool place = strcmp(finding_get(finding, "id"), "*") == 0; /* missing: shown below */
    int rank = severity_rank(finding_get(finding, "severity"));
    if (place || (!is_unsure(total) && total >= TOTAL_FIXED))
        return;
    json_t *row = member(types, finding_get(finding, "type"));
    count(row, is_unsure(total) ? "unknown" : rank < 4 ? keys[rank] : "low");
    if (is_unsure(total))
        count_cause(report, finding);
}

/* ---- the text ---- */

static int by_name(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void put_cells(struct table *table, const char *name, size_t width, const json_t *row)
{
    struct buf clean;
    buf_init(&clean, REPORT_TEXT_MAX);
    text_clean(&clean, name, strlen(name));
    table_blanks(table, TABLE_INDENT);
    buf_adds(&table->out, buf_text(&clean));
    table_blanks(table, width - text_width(buf_text(&clean)));
    for (int i = 0; i < COLUMNS; i++) {
        json_int_t value = json_get_integer(row, keys[i], 0);
        char text[24] = "\xc2\xb7";
        if (value > 0)
            snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, value);
        table_blanks(table, TABLE_GAP + strlen(titles[i]) - text_width(text));
        table_styled(table, value > 0 ? styles[i] : STYLE_DIM, text);
    }
    buf_addc(&table->out, '\n');
    buf_clear(&clean);
}

static void put_titles(struct table *table, size_t width)
{
    struct buf line;
    buf_init(&line, 4096);
    buf_addf(&line, "%-*s", (int)width, "TYPE");
    for (int i = 0; i < COLUMNS; i++)
        buf_addf(&line, "%*s%s", TABLE_GAP, "", titles[i]);
    table_blanks(table, TABLE_INDENT);
    table_styled(table, STYLE_DIM, buf_text(&line));
    buf_addc(&table->out, '\n');
    buf_clear(&line);
}

static void put_types(struct table *table, const json_t *types)
{
    size_t rows = json_object_size(types), at = 0, width = LEAST_NAME;
    const char **names = mem_alloc((rows + 1) * sizeof *names);
    const char *name;
    json_t *row;
    if (rows > 0) {
        json_object_foreach ((json_t *)(uintptr_t)types, name, row) {
            names[at++] = name;
            width = strlen(name) > width ? strlen(name) : width;
        }
        qsort(names, rows, sizeof *names, by_name);
        put_titles(table, width);
        for (at = 0; at < rows; at++)
            put_cells(table, names[at], width, json_object_get(types, names[at]));
        buf_addc(&table->out, '\n');
    }
    mem_free(names);
}

static void put_causes(struct table *table, const json_t *causes)
{
    const char *key;
    json_t *cause;
    const struct wrap wrap = {.indent = TABLE_INDENT, .hang = TABLE_INDENT};
    if (json_object_size(causes) == 0)
        return;
    table_styled(table, STYLE_BOLD, "not known, or failed:");
    buf_addc(&table->out, '\n');
    json_object_foreach ((json_t *)(uintptr_t)causes, key, cause) {
        struct buf line, clean;
        const char *why = json_get_string(cause, "why", "");
        buf_init(&line, REPORT_TEXT_MAX);
        buf_init(&clean, REPORT_TEXT_MAX);
        text_clean(&clean, why, strlen(why));
        buf_addf(&line, "%" JSON_INTEGER_FORMAT " \xc3\x97 %s", json_get_integer(cause, "count", 0),
                 buf_text(&clean));
        table_wrapped(table, &wrap, STYLE_NONE, buf_text(&line));
        buf_clear(&line);
        buf_clear(&clean);
    }
    buf_addc(&table->out, '\n');
}

static void put_way_on(struct table *table, const struct report_totals *totals)
{
    size_t left = 0;
    for (int i = 0; i <= TOTAL_NONE; i++)
        left += totals->by_total[i];
    if (left > 0)
        buf_adds(&table->out, "every finding:   the same with --format table\n");
    if (totals->by_total[TOTAL_AVAILABLE] > 0)
        buf_adds(
            &table->out,
            "what repairs it: the same with --dry-run --output plan, then engine apply plan\n");
}

static void summary_end(struct report *report)
{
    struct table table = {.colour = report->colour, .width = report->width};
    buf_init(&table.out, 8 * REPORT_TEXT_MAX);
    put_types(&table, json_object_get(report->kept, "types"));
    put_causes(&table, json_object_get(report->kept, "causes"));
    totals_text(&report->totals, &table.out);
    buf_addc(&table.out, '\n');
    put_way_on(&table, &report->totals);
    report_write(report, &table.out);
    buf_clear(&table.out);
    missing_footer(report);
}

const struct report_format report_summary = {
    .begin = summary_begin, .add = summary_add, .end = summary_end};
