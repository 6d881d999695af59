#include "report/report_table_text.h"

#include <string.h>

#include "base/report_text.h"
#include "policy/finding.h"
#include "report/report_internal.h"
#include "report/report_totals.h"
#include "value/json.h"

static const struct look {
    const char *word, *glyph, *style;
} statuses[] =
    {
        {"compliant", "\xe2\x9c\x93", STYLE_GREEN},
        {"non_compliant", "\xe2\x9c\x97", STYLE_RED},
        {"unknown", "?", STYLE_YELLOW},
        {"exempt", "\xe2\x97\x8b", STYLE_DIM},
        {"pending", "\xe2\x80\xa6", STYLE_YELLOW},
        {"gone", "-", STYLE_DIM},
},
  severities[] =
      {
          {"critical", "", STYLE_BOLD_RED},
          {"high", "", STYLE_RED},
          {"medium", "", STYLE_YELLOW},
          {"low", "", STYLE_DIM},
},
  remediations[] = {
      {"fixed", "", STYLE_GREEN},     {"planned", "", STYLE_CYAN},   {"held", "", STYLE_YELLOW},
      {"failed", "", STYLE_BOLD_RED}, {"available", "", STYLE_NONE}, {"none", "", STYLE_DIM},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct look *look_of(const struct look *looks, size_t count, const char *word)
{
    static const struct look plain = {"", "", STYLE_NONE};
    for (size_t i = 0; i < count; i++) {
        if (strcmp(looks[i].word, word) == 0)
            return &looks[i];
    }
    return &plain;
}

/* A repaired finding is good news, whatever its status was. */
static const struct look *status_look(const json_t *finding)
{
    if (verdict_of(finding) == VERDICT_FIXED)
        return &statuses[0];
    return look_of(statuses, COUNT(statuses), finding_get(finding, "status"));
}

const char *table_glyph(const struct table *table, const json_t *finding)
{
    return table->colour ? status_look(finding)->glyph : "";
}

const char *table_style(const json_t *finding, int column)
{
    switch (column) {
    case 0: return status_look(finding)->style;
    case 1: return look_of(severities, COUNT(severities), finding_get(finding, "severity"))->style;
    case 4:
        return look_of(remediations, COUNT(remediations), finding_get(finding, "remediation"))
            ->style;
    default: return STYLE_NONE;
    }
}

void table_cell(const json_t *finding, int column, struct buf *out)
{
    static const char *const keys[] = {"status", "severity", "check", "id", "remediation"};
    const char *text = finding_get(finding, keys[column]);
    if (column == 0 && verdict_of(finding) == VERDICT_FIXED)
        text = "repaired";
    else if (column == 0 && strcmp(text, "non_compliant") == 0)
        text = "non-compliant";
    if (column == 4 && strcmp(text, "none") == 0)
        text = "-";
    text_clean(out, text, strlen(text));
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
