#include "report/report_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/report_text.h"
#include "policy/finding.h"
#include "policy/finding_store.h"
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

/* A finding's place in the order of rows: what it is sorted by, each part with the byte that ends
 * it, so that comparing bytes compares the parts. */
struct row {
    char *key;
    size_t length;
    size_t index; /* in the store */
};

struct table_batch {
    struct finding_store *findings;
    struct row *rows;
    size_t widest[TABLE_COLUMNS], longest;
};

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

/* The widest cells of the batch, and its longest summary. */
static void note_widths(struct table_batch *batch, const struct table *table, const json_t *finding)
{
    for (int column = 0; column < TABLE_COLUMNS; column++)
        batch->widest[column] = max_size(batch->widest[column], cell_width(table, finding, column));
    batch->longest = max_size(batch->longest, text_width(finding_get(finding, "summary")));
}

static void lay_out(struct table *table, const struct table_batch *batch)
{
    size_t used = TABLE_INDENT;
    for (int column = 0; column < TABLE_COLUMNS; column++) {
        size_t width = max_size(strlen(titles[column]), batch->widest[column]);
        table->columns[column] = width;
        used += column == TABLE_RESOURCE ? TABLE_GAP : width + TABLE_GAP;
    }
    table->narrow = used > table->width + TABLE_GAP;
    share(table, used, max_size(batch->longest, LEAST_TEXT));
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

/* One after the other, in as many lines as they need. Returns where the line ends. */
static size_t put_flowing(struct table *table, const json_t *finding, int column, size_t at)
{
    struct buf text, fitted;
    size_t most = table->width - TABLE_INDENT - TABLE_GAP;
    buf_init(&text, REPORT_TEXT_MAX);
    buf_init(&fitted, REPORT_TEXT_MAX);
    table_cell(finding, column, &text);
    text_shorten(&fitted, buf_text(&text), most);
    size_t width = text_width(buf_text(&fitted));
    if (at > TABLE_INDENT && at + TABLE_GAP + width > table->width) {
        buf_addc(&table->out, '\n');
        at = 0;
    }
    size_t gap = at == 0 ? TABLE_INDENT + TABLE_GAP : at > TABLE_INDENT ? TABLE_GAP : 0;
    table_blanks(table, gap);
    table_styled(table, table_style(finding, column), buf_text(&fitted));
    buf_clear(&text);
    buf_clear(&fitted);
    return at + gap + width;
}

static void put_narrow_row(struct table *table, const json_t *finding)
{
    size_t at = TABLE_INDENT;
    table_blanks(table, TABLE_INDENT);
    for (int column = 0; column < TABLE_COLUMNS; column++) {
        if (column != TABLE_RESOURCE)
            at = put_flowing(table, finding, column, at);
    }
    table_blanks(table, TABLE_GAP);
    table_details(table, finding);
}

static void put_row(struct table *table, const json_t *finding)
{
    if (table->narrow) {
        put_narrow_row(table, finding);
        return;
    }
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
    const struct row *a = left, *b = right;
    int order = memcmp(a->key, b->key, min_size(a->length, b->length));
    if (order == 0)
        order = (a->length > b->length) - (a->length < b->length);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static struct row row_of(const json_t *finding, size_t index)
{
    static const char *const keys[] = {"account", "region", NULL, "type", "id", "check"};
    struct buf key;
    buf_init(&key, 8 * REPORT_TEXT_MAX);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i] == NULL)
            buf_addc(&key, (char)urgency(finding));
        else
            buf_add(&key, finding_get(finding, keys[i]), strlen(finding_get(finding, keys[i])) + 1);
    }
    size_t length = key.len;
    return (struct row){.key = buf_take(&key), .length = length, .index = index};
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

static void put_finding(struct report *report, struct table *table, const json_t *before,
                        const json_t *finding)
{
    if (before == NULL || compare("account", before, finding) != 0 ||
        compare("region", before, finding) != 0)
        put_group(table, finding);
    put_row(table, finding);
    report_write(report, &table->out);
    buf_reset(&table->out);
}

/* The report fails if the temporary file cannot be read. */
static json_t *load(struct report *report, const struct row *row)
{
    struct err err = {0};
    json_t *finding = finding_store_get(report->batch->findings, row->index, &err);
    if (finding == NULL && report->error == 0)
        report->error = EIO;
    return finding;
}

static void put_rows(struct report *report, struct table *table)
{
    struct table_batch *batch = report->batch;
    size_t count = finding_store_count(batch->findings);
    json_t *before = NULL;
    qsort(batch->rows, count, sizeof *batch->rows, in_order);
    if (!table->narrow)
        put_titles(table);
    for (size_t i = 0; i < count; i++) {
        json_t *finding = load(report, &batch->rows[i]);
        mem_free(batch->rows[i].key);
        if (finding == NULL)
            continue;
        put_finding(report, table, before, finding);
        json_decref(before);
        before = finding;
    }
    json_decref(before);
    report_puts(report, "\n");
}

static void flush_batch(struct report *report)
{
    struct table table = {.colour = report->colour, .width = report->width};
    struct table_batch *batch = report->batch;
    buf_init(&table.out, 8 * REPORT_TEXT_MAX);
    if (finding_store_count(batch->findings) > 0) {
        lay_out(&table, batch);
        put_rows(report, &table);
    }
    finding_store_empty(batch->findings);
    memset(batch->widest, 0, sizeof batch->widest);
    batch->longest = 0;
    buf_clear(&table.out);
}

static void table_begin(struct report *report)
{
    report->batch = mem_alloc(sizeof *report->batch);
    report->batch->findings = finding_store_new();
    report->batch->rows = mem_alloc(BATCH * sizeof(struct row));
}

void table_batch_free(struct table_batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; i < finding_store_count(batch->findings); i++)
        mem_free(batch->rows[i].key);
    finding_store_free(batch->findings);
    mem_free(batch->rows);
    mem_free(batch);
}

static void table_add(struct report *report, const json_t *finding)
{
    const struct table table = {.colour = report->colour};
    struct table_batch *batch = report->batch;
    size_t index = finding_store_count(batch->findings);
    finding_store_put(batch->findings, finding);
    batch->rows[index] = row_of(finding, index);
    note_widths(batch, &table, finding);
    if (index + 1 == BATCH)
        flush_batch(report);
}

/* A program that reads the table expects one line: only a narrow terminal gets more. */
static void put_totals(struct report *report)
{
    struct buf line;
    struct table table = {.colour = report->colour, .width = report->width};
    buf_init(&line, 4096);
    buf_init(&table.out, REPORT_TEXT_MAX);
    totals_text(&report->totals, &line);
    if (table.width < TABLE_NARROW)
        table_wrapped(&table, &(struct wrap){.hang = TABLE_INDENT}, STYLE_NONE, buf_text(&line));
    else
        buf_addf(&table.out, "%s\n", buf_text(&line));
    table_scope(&table, report->scope);
    report_write(report, &table.out);
    buf_clear(&table.out);
    buf_clear(&line);
}

static void table_end(struct report *report)
{
    flush_batch(report);
    report_compliance_text(report);
    put_totals(report);
    missing_footer(report);
}

const struct report_format report_table = {
    .begin = table_begin, .add = table_add, .end = table_end, .scope = true, .sums = true};
