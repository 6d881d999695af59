#include "report/report_summary_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/report_text.h"
#include "report/report_compliance.h"
#include "report/report_internal.h"
#include "report/report_missing.h"
#include "report/report_next.h"
#include "report/report_output.h"
#include "report/report_table_text.h"
#include "report/report_totals.h"
#include "value/json.h"

#define LEAST_NAME 16
#define LEAST_NARROW 10

/* A column of numbers: the member that it shows, its title and style. */
struct column {
    const char *key, *title, *style;
};

static const struct column by_severity[] = {
    {"critical", "CRITICAL", STYLE_BOLD_RED}, {"high", "HIGH", STYLE_RED},
    {"medium", "MEDIUM", STYLE_YELLOW},       {"low", "LOW", STYLE_NONE},
    {"unknown", "UNKNOWN", STYLE_YELLOW},     {NULL, NULL, NULL},
};
static const struct column by_severity_narrow[] = {
    {"critical", "CRIT", STYLE_BOLD_RED}, {"high", "HIGH", STYLE_RED},
    {"medium", "MED", STYLE_YELLOW},      {"low", "LOW", STYLE_NONE},
    {"unknown", "UNK", STYLE_YELLOW},     {NULL, NULL, NULL},
};
static const struct column by_readiness[] = {
    {"ready", "TO REPAIR", STYLE_NONE}, {"held", "HELD", STYLE_YELLOW}, {NULL, NULL, NULL}};

const char *const summary_severities[] = {"critical", "high", "medium", "low"};
static const char *const impacts[] = {"none",     "interrupts",      "stops",
                                      "destroys", SUMMARY_NO_IMPACT, NULL};

static void put_name(struct table *table, const char *name, size_t width)
{
    struct buf clean, fitted;
    buf_init(&clean, REPORT_TEXT_MAX);
    buf_init(&fitted, REPORT_TEXT_MAX);
    text_clean(&clean, name, strlen(name));
    text_shorten(&fitted, buf_text(&clean), width);
    table_blanks(table, TABLE_INDENT);
    buf_adds(&table->out, buf_text(&fitted));
    table_blanks(table, width - text_width(buf_text(&fitted)));
    buf_clear(&clean);
    buf_clear(&fitted);
}

static void put_row(struct table *table, const struct column *columns, const char *name,
                    size_t width, const json_t *row)
{
    put_name(table, name, width);
    for (; columns->key != NULL; columns++) {
        json_int_t value = json_get_integer(row, columns->key, 0);
        char text[24] = "\xc2\xb7";
        if (value > 0)
            snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, value);
        size_t used = text_width(text), title = strlen(columns->title);
        table_blanks(table, TABLE_GAP + (title > used ? title - used : 0));
        table_styled(table, value > 0 ? columns->style : STYLE_DIM, text);
    }
    buf_addc(&table->out, '\n');
}

static void put_titles(struct table *table, const struct column *columns, const char *title,
                       size_t width)
{
    struct buf line;
    buf_init(&line, 4096);
    buf_addf(&line, "%-*s", (int)width, title);
    for (; columns->key != NULL; columns++)
        buf_addf(&line, "%*s%s", TABLE_GAP, "", columns->title);
    table_blanks(table, TABLE_INDENT);
    table_styled(table, STYLE_DIM, buf_text(&line));
    buf_addc(&table->out, '\n');
    buf_clear(&line);
}

/* Columns for the names: the longest one, if the numbers fit beside it. */
static size_t width_of(const struct table *table, const struct column *columns,
                       const char *const *names)
{
    size_t least = table->width < TABLE_NARROW ? LEAST_NARROW : LEAST_NAME;
    size_t numbers = TABLE_INDENT, width = least;
    for (; columns->key != NULL; columns++)
        numbers += TABLE_GAP + strlen(columns->title);
    for (; *names != NULL; names++)
        width = strlen(*names) > width ? strlen(*names) : width;
    size_t room = table->width > numbers + least ? table->width - numbers : least;
    return width < room ? width : room;
}

/* The rows that `rows` has of these names. */
static void put_rows(struct table *table, const struct column *columns, const char *title,
                     const char *const *names, const json_t *rows)
{
    size_t width = width_of(table, columns, names);
    if (json_object_size(rows) == 0)
        return;
    put_titles(table, columns, title, width);
    for (; *names != NULL; names++) {
        if (json_object_get(rows, *names) != NULL)
            put_row(table, columns, *names, width, json_object_get(rows, *names));
    }
    buf_addc(&table->out, '\n');
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void put_types(struct table *table, json_t *types)
{
    size_t rows = json_object_size(types), at = 0;
    const char **names = mem_alloc((rows + 1) * sizeof *names);
    const char *name;
    json_t *row;
    json_object_foreach (types, name, row)
        names[at++] = name;
    names[rows] = NULL;
    if (rows > 0)
        qsort(names, rows, sizeof *names, by_name);
    put_rows(table, table->width < TABLE_NARROW ? by_severity_narrow : by_severity, "TYPE", names,
             types);
    mem_free(names);
}

static void put_cause(struct table *table, const json_t *cause)
{
    struct buf line;
    const char *why = json_get_string(cause, "why", "");
    json_int_t resources = json_get_integer(cause, "resources", 0);
    size_t accounts = json_object_size(json_object_get(cause, "accounts"));
    const struct wrap wrap = {.indent = TABLE_INDENT, .hang = TABLE_INDENT};
    buf_init(&line, REPORT_TEXT_MAX);
    buf_addf(&line, "%" JSON_INTEGER_FORMAT " resource%s", resources, resources == 1 ? "" : "s");
    if (accounts > 1)
        buf_addf(&line, " in %zu accounts", accounts);
    buf_adds(&line, ": ");
    text_clean(&line, why, strlen(why));
    table_wrapped(table, &wrap, STYLE_NONE, buf_text(&line));
    buf_clear(&line);
}

static void put_causes(struct table *table, json_t *causes)
{
    const char *key;
    json_t *cause;
    if (json_object_size(causes) == 0)
        return;
    table_styled(table, STYLE_BOLD, "not known, or failed:");
    buf_addc(&table->out, '\n');
    json_object_foreach (causes, key, cause)
        put_cause(table, cause);
    buf_addc(&table->out, '\n');
}

static void put_totals(struct table *table, const struct report_totals *totals)
{
    struct buf line;
    const struct wrap wrap = {.hang = TABLE_INDENT};
    buf_init(&line, 4096);
    totals_text(totals, &line);
    table_wrapped(table, &wrap, STYLE_NONE, buf_text(&line));
    buf_clear(&line);
}

void summary_text(struct report *report)
{
    struct table table = {.colour = report->colour, .width = report->width};
    buf_init(&table.out, 8 * REPORT_TEXT_MAX);
    put_types(&table, json_object_get(report->kept, "types"));
    put_rows(&table, by_readiness, "IMPACT OF REPAIR", impacts,
             json_object_get(report->kept, "impacts"));
    put_causes(&table, json_object_get(report->kept, "causes"));
    report_write(report, &table.out);
    buf_reset(&table.out);
    report_compliance_text(report);
    put_totals(&table, &report->totals);
    table_scope(&table, report->scope);
    next_commands(report, json_object_get(report->kept, "checks"), &table.out);
    report_write(report, &table.out);
    buf_clear(&table.out);
    missing_footer(report);
}
