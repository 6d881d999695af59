#include "report/report_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/report_text.h"
#include "policy/finding.h"
#include "report/report_compliance.h"
#include "report/report_internal.h"
#include "report/report_missing.h"
#include "report/report_output.h"
#include "report/report_table_details.h"
#include "report/report_table_text.h"
#include "report/report_totals.h"

#define BATCH 5000 /* findings sorted and shown together */
#define LEAST_RESOURCE 16
#define LEAST_TEXT 36  /* minimum columns for the finding's text */
#define ENOUGH_TEXT 60 /* maximum columns for it */

static const char *const titles[TABLE_COLUMNS] = {"STATUS", "SEVERITY", "CHECK", "RESOURCE",
                                                  "REMEDIATION"};

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t cell_width(const struct table *table, const json_t *finding, int column)
{
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    table_cell(finding, column, &text);
    size_t width = text_width(buf_text(&text));
    buf_clear(&text);
    return column == 0 && table->colour ? width + 2 : width;
}

static size_t longest_summary(const json_t *findings)
{
    size_t i, longest = LEAST_TEXT;
    json_t *finding;
    json_array_foreach (findings, i, finding)
        longest = max_size(longest, text_width(finding_get(finding, "summary")));
    return longest;
}

/* The finding's text is beside the resource if the resource fits completely and most texts need one
 * or two lines. Otherwise the text is below, and the resource gets all columns that the others
 * leave. If too few are left, the resource has no column, and is below as well. */
static void share(struct table *table, size_t used, size_t longest)
{
    size_t left = table->width > used ? table->width - used : 0;
    size_t natural = table->columns[TABLE_RESOURCE];
    bool beside = left >= natural + min_size(longest, ENOUGH_TEXT);
    if (!beside)
        table->columns[TABLE_RESOURCE] =
            left >= min_size(natural, LEAST_RESOURCE) ? min_size(natural, left) : 0;
    table->text_at = beside ? used + natural : 0;
}

static void lay_out(struct table *table, const json_t *findings)
{
    size_t i, used = TABLE_INDENT;
    json_t *finding;
    for (int column = 0; column < TABLE_COLUMNS; column++) {
        size_t width = strlen(titles[column]);
        json_array_foreach (findings, i, finding)
            width = max_size(width, cell_width(table, finding, column));
        table->columns[column] = width;
        used += column == TABLE_RESOURCE ? TABLE_GAP : width + TABLE_GAP;
    }
    share(table, used, longest_summary(findings));
}

static void put_cell(struct table *table, const json_t *finding, int column)
{
    struct buf text, fitted;
    size_t width = table->columns[column];
    if (width == 0)
        return;
    buf_init(&text, REPORT_TEXT_MAX);
    buf_init(&fitted, REPORT_TEXT_MAX);
    if (column == 0 && table->colour)
        buf_addf(&fitted, "%s ", table_glyph(table, finding));
    table_cell(finding, column, &text);
    text_shorten(&fitted, buf_text(&text), width);
    table_styled(table, table_style(finding, column), buf_text(&fitted));
    table_blanks(table, TABLE_GAP + width - min_size(width, text_width(buf_text(&fitted))));
    buf_clear(&text);
    buf_clear(&fitted);
}

static void put_row(struct table *table, const json_t *finding)
{
    table_blanks(table, TABLE_INDENT);
    for (int column = 0; column < TABLE_COLUMNS; column++)
        put_cell(table, finding, column);
    table_details(table, finding);
}

static void put_titles(struct table *table)
{
    struct buf line;
    buf_init(&line, REPORT_TEXT_MAX);
    for (int column = 0; column < TABLE_COLUMNS; column++) {
        if (table->columns[column] > 0)
            buf_addf(&line, "%-*s", (int)(table->columns[column] + TABLE_GAP), titles[column]);
    }
    buf_adds(&line, table->text_at > 0 ? "FINDING" : "");
    while (line.len > 0 && line.data[line.len - 1] == ' ')
        line.data[--line.len] = '\0';
    table_blanks(table, TABLE_INDENT);
    table_styled(table, STYLE_DIM, buf_text(&line));
    buf_addc(&table->out, '\n');
    buf_clear(&line);
}

static int compare(const char *key, const json_t *a, const json_t *b)
{
    return strcmp(finding_get(a, key), finding_get(b, key));
}

static int urgency(const json_t *finding)
{
    int rank = severity_rank(finding_get(finding, "severity"));
    return rank + (total_of(finding) >= TOTAL_EXEMPT ? 10 : 0);
}

static int in_order(const void *left, const void *right)
{
    const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
    int by_place = compare("account", a, b);
    if (by_place == 0)
        by_place = compare("region", a, b);
    if (by_place != 0)
        return by_place;
    int by_urgency = urgency(a) - urgency(b);
    if (by_urgency != 0)
        return by_urgency;
    int by_name = compare("type", a, b);
    if (by_name == 0)
        by_name = compare("id", a, b);
    return by_name != 0 ? by_name : compare("check", a, b);
}

static json_t **sorted(const json_t *findings)
{
    size_t count = json_array_size(findings);
    json_t **list = mem_alloc((count + 1) * sizeof(json_t *));
    for (size_t i = 0; i < count; i++)
        list[i] = json_array_get(findings, i);
    qsort(list, count, sizeof(json_t *), in_order);
    return list;
}

static void put_group(struct table *table, const json_t *finding)
{
    struct buf name;
    buf_init(&name, REPORT_TEXT_MAX);
    const char *account = finding_get(finding, "account");
    const char *region = finding_get(finding, "region");
    text_clean(&name, account, strlen(account));
    buf_adds(&name, " \xc2\xb7 ");
    text_clean(&name, region, strlen(region));
    buf_addc(&table->out, '\n');
    table_styled(table, STYLE_BOLD, buf_text(&name));
    buf_addc(&table->out, '\n');
    buf_clear(&name);
}

static void put_rows(struct report *report, struct table *table)
{
    json_t **list = sorted(report->kept);
    put_titles(table);
    for (size_t i = 0; list[i] != NULL; i++) {
        if (i == 0 || compare("account", list[i - 1], list[i]) != 0 ||
            compare("region", list[i - 1], list[i]) != 0)
            put_group(table, list[i]);
        put_row(table, list[i]);
        report_write(report, &table->out);
        buf_reset(&table->out);
    }
    report_puts(report, "\n");
    mem_free(list);
}

static void flush_batch(struct report *report)
{
    struct table table = {.colour = report->colour, .width = report->width};
    buf_init(&table.out, 8 * REPORT_TEXT_MAX);
    if (json_array_size(report->kept) > 0) {
        lay_out(&table, report->kept);
        put_rows(report, &table);
    }
    json_array_clear(report->kept);
    buf_clear(&table.out);
}

static void table_add(struct report *report, const json_t *finding)
{
    json_array_append_new(report->kept, json_deep_copy(finding));
    if (json_array_size(report->kept) >= BATCH)
        flush_batch(report);
}

static void table_end(struct report *report)
{
    struct buf line;
    buf_init(&line, 4096);
    flush_batch(report);
    report_compliance_text(report);
    totals_text(&report->totals, &line);
    buf_addc(&line, '\n');
    report_write(report, &line);
    buf_clear(&line);
    missing_footer(report);
}

const struct report_format report_table = {.add = table_add, .end = table_end};
