#include "report/report_table_text.h"

#include <string.h>

#include "base/report_text.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "report/report_internal.h"
#include "report/report_totals.h"
#include "scope/scope_text.h"
#include "value/json.h"

/* The style of a word on a terminal. */
struct look {
    const char *glyph, *style;
};

static const struct look statuses[] = {
    [STATUS_UNKNOWN] = {"?", STYLE_YELLOW},
    [STATUS_COMPLIANT] = {"\xe2\x9c\x93", STYLE_GREEN},
    [STATUS_NON_COMPLIANT] = {"\xe2\x9c\x97", STYLE_RED},
    [STATUS_EXEMPT] = {"\xe2\x97\x8b", STYLE_DIM},
    [STATUS_PENDING] = {"\xe2\x80\xa6", STYLE_YELLOW},
    [STATUS_GONE] = {"-", STYLE_DIM},
    [STATUS_RESOLVED] = {"", STYLE_NONE},
    [STATUS_SKIPPED] = {"", STYLE_NONE},
};
/* By severity_rank. */
static const char *const severities[] = {STYLE_BOLD_RED, STYLE_RED, STYLE_YELLOW, STYLE_DIM,
                                         STYLE_NONE};
static const char *const remediations[] = {
    [REMEDIATION_NONE] = STYLE_DIM,        [REMEDIATION_AVAILABLE] = STYLE_NONE,
    [REMEDIATION_PLANNED] = STYLE_CYAN,    [REMEDIATION_FIXED] = STYLE_GREEN,
    [REMEDIATION_FAILED] = STYLE_BOLD_RED, [REMEDIATION_HELD] = STYLE_YELLOW,
};

/* A repaired finding looks good, whatever its status was. */
static const struct look *status_look(const json_t *finding)
{
    if (total_of(finding) == TOTAL_FIXED)
        return &statuses[STATUS_COMPLIANT];
    return &statuses[verdict_status(finding)];
}

const char *table_glyph(const struct table *table, const json_t *finding)
{
    return table->colour ? status_look(finding)->glyph : "";
}

const char *table_style(const json_t *finding, int column)
{
    switch (column) {
    case 0: return status_look(finding)->style;
    case 1: return severities[severity_rank(finding_get(finding, "severity"))];
    case 4: return remediations[verdict_remediation(finding)];
    default: return STYLE_NONE;
    }
}

void table_cell(const json_t *finding, int column, struct buf *out)
{
    static const char *const keys[] = {"status", "severity", "check", "id", "remediation"};
    const char *text = finding_get(finding, keys[column]);
    if (column == 0 && total_of(finding) == TOTAL_FIXED)
        text = "repaired";
    else if (column == 0 && verdict_status(finding) == STATUS_NON_COMPLIANT)
        text = "non-compliant";
    if (column == 0 && verdict_mark(finding) == MARK_RESOLVED && total_of(finding) != TOTAL_FIXED)
        text = verdict_mark_name(MARK_RESOLVED);
    if (column == 4 && verdict_remediation(finding) == REMEDIATION_NONE)
        text = "-";
    text_clean(out, text, strlen(text));
    if (column == 0 && verdict_mark(finding) == MARK_NEW)
        buf_addf(out, ", %s", verdict_mark_name(MARK_NEW));
}

void table_styled(struct table *table, const char *style, const char *text)
{
    bool styled = table->colour && style[0] != '\0' && text[0] != '\0';
    if (styled)
        buf_addf(&table->out, "\x1b[%sm", style);
    buf_adds(&table->out, text);
    if (styled)
        buf_adds(&table->out, "\x1b[0m");
}

void table_blanks(struct table *table, size_t count)
{
    buf_addf(&table->out, "%*s", (int)count, "");
}

static void put_line(struct table *table, const char *style, const char *text, size_t length,
                     bool cut)
{
    struct buf line;
    buf_init(&line, REPORT_TEXT_MAX);
    buf_add(&line, text, length);
    if (cut)
        buf_adds(&line, " \xe2\x80\xa6");
    table_styled(table, style, buf_text(&line));
    buf_addc(&table->out, '\n');
    buf_clear(&line);
}

void table_wrapped(struct table *table, const struct wrap *wrap, const char *style,
                   const char *text)
{
    for (size_t line = 1; *text != '\0'; line++) {
        size_t indent = wrap->indent + (line > 1 ? wrap->hang : 0);
        size_t room = table->width > indent + 20 ? table->width - indent : 20;
        bool cut = line == wrap->max_lines && text_width(text) > room;
        size_t length = text_break(text, cut ? room - 2 : room);
        if (!wrap->joined || line > 1)
            table_blanks(table, indent);
        put_line(table, style, text, length, cut);
        if (cut)
            return;
        text += length;
        text += strspn(text, " ");
    }
}

void table_scope(struct table *table, const json_t *scope)
{
    size_t i;
    json_t *text;
    const struct wrap wrap = {.hang = TABLE_INDENT};
    json_t *lines = scope != NULL ? scope_brief(scope) : NULL;
    json_array_foreach (lines, i, text) {
        struct buf line;
        buf_init(&line, REPORT_TEXT_MAX);
        text_clean(&line, json_string_value(text), json_string_length(text));
        table_wrapped(table, &wrap, STYLE_DIM, buf_text(&line));
        buf_clear(&line);
    }
    json_decref(lines);
}
