#include "doctor/doctor_text.h"

#include <string.h>

#include "base/buf.h"
#include "base/report_text.h"
#include "base/terminal.h"
#include "doctor/doctor_status.h"
#include "report/report_table_text.h"
#include "value/json.h"

#define MAX_TEXT ((size_t)1 << 22) /* the ids of as many accounts as an organization may have */
#define STATUS_WIDTH 13            /* "not checked", and a gap */
#define PROBE_WIDTH 14             /* "organization", and a gap */
#define SHOWN_ACCOUNTS 3

static const char *const styles[DOCTOR_STATUSES] = {[DOCTOR_OK] = STYLE_GREEN,
                                                    [DOCTOR_WARNING] = STYLE_YELLOW,
                                                    [DOCTOR_FAILED] = STYLE_RED,
                                                    [DOCTOR_MISSING] = STYLE_RED,
                                                    [DOCTOR_NOT_CHECKED] = STYLE_YELLOW};

static const char *words_of(enum doctor_status status)
{
    return status == DOCTOR_NOT_CHECKED ? "not checked" : doctor_status_name(status);
}

void doctor_text_init(struct doctor_text *text, FILE *out)
{
    text->out = out;
    terminal_look(out, &text->colour, &text->width);
}

static void begin(const struct doctor_text *text, struct table *table)
{
    *table = (struct table){.colour = text->colour, .width = text->width};
    buf_init(&table->out, MAX_TEXT);
}

static void put(const struct doctor_text *text, struct table *table)
{
    fputs(buf_text(&table->out), text->out);
    buf_clear(&table->out);
}

static enum doctor_status status_of(const json_t *item)
{
    const char *name = json_get_string(item, "status", "");
    enum doctor_status status = DOCTOR_OK;
    while (strcmp(doctor_status_name(status), name) != 0)
        status++;
    return status;
}

static void put_cell(struct table *table, const char *style, const char *word, size_t width)
{
    table_styled(table, style, word);
    table_blanks(table, width - strlen(word));
}

/* The text continues the line, and its further lines stand below its first. */
static void put_text(struct table *table, const char *before, const char *text)
{
    struct buf clean;
    const struct wrap wrap = {.indent = STATUS_WIDTH + PROBE_WIDTH, .joined = true};
    buf_init(&clean, MAX_TEXT);
    buf_adds(&clean, before);
    text_clean(&clean, text, strlen(text));
    table_wrapped(table, &wrap, STYLE_NONE, buf_text(&clean));
    buf_clear(&clean);
}

void doctor_text_item(const struct doctor_text *text, const json_t *item, const json_t *next)
{
    struct table table;
    enum doctor_status status = status_of(item);
    const char *fix = json_get_string(item, "fix", NULL);
    begin(text, &table);
    put_cell(&table, styles[status], words_of(status), STATUS_WIDTH);
    put_cell(&table, STYLE_NONE, json_get_string(item, "probe", ""), PROBE_WIDTH);
    put_text(&table, "", json_get_string(item, "message", ""));
    if (fix != NULL && strcmp(json_get_string(next, "fix", ""), fix) != 0) {
        table_blanks(&table, STATUS_WIDTH + PROBE_WIDTH);
        put_text(&table, "\xe2\x86\x92 ", fix);
    }
    put(text, &table);
}

void doctor_text_accounts(const struct doctor_text *text, const json_t *accounts, bool whole)
{
    struct table table;
    const struct wrap wrap = {.joined = true};
    size_t count = json_array_size(accounts), shown = whole ? count : SHOWN_ACCOUNTS;
    struct buf line;
    begin(text, &table);
    buf_init(&line, MAX_TEXT);
    buf_adds(&table.out, count == 1 ? "\naccount " : "\n");
    if (count > 1)
        buf_addf(&line, "%zu accounts: ", count);
    for (size_t i = 0; i < count && i < shown; i++)
        buf_addf(&line, "%s%s", i == 0 ? "" : ", ", json_string_value(json_array_get(accounts, i)));
    if (shown < count)
        buf_adds(&line, ", \xe2\x80\xa6");
    table_wrapped(&table, &wrap, STYLE_BOLD, buf_text(&line));
    buf_clear(&line);
    put(text, &table);
}

void doctor_text_sum(const struct doctor_text *text, const size_t *counts)
{
    const char *before = "\n";
    for (size_t i = 0; i < DOCTOR_STATUSES; i++) {
        if (counts[i] == 0)
            continue;
        fprintf(text->out, "%s%zu %s", before, counts[i], words_of((enum doctor_status)i));
        before = ", ";
    }
    fputc('\n', text->out);
}
