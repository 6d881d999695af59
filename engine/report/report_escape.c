#include "report/report_escape.h"

#include <stdio.h>
#include <string.h>

#include "base/report_text.h"
#include "policy/finding.h"
#include "report/report_internal.h"
#include "report/report_totals.h"
#include "value/json.h"

static const char *entity(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* XML 1.0 allows no control characters, not even escaped: they become U+FFFD first. */
void report_escape(struct buf *out, const char *text, size_t length)
{
    struct buf legible;
    buf_init(&legible, REPORT_TEXT_MAX);
    text_legible(&legible, text, length);
    for (size_t i = 0; i < legible.len; i++) {
        const char *written = entity(legible.data[i]);
        if (written != NULL)
            buf_adds(out, written);
        else
            buf_addc(out, legible.data[i]);
    }
    out->failed = out->failed || legible.failed;
    buf_clear(&legible);
}

/* A terminal interprets DEL and C1 (in UTF-8: C2 80 to C2 9F) as commands; < and & may end or
 * change the element of a page (HTML, 4.12.1.3 "Restrictions for contents of script elements"). */
static bool must_escape(unsigned char c, unsigned char next, enum json_use use)
{
    if (use == JSON_FOR_PAGE && (c == '<' || c == '>' || c == '&'))
        return true;
    return c == 0x7f || (c == 0xc2 && next >= 0x80 && next <= 0x9f);
}

/* In JSON text these characters occur only in strings, where \u00XX means the same. */
static void escape_json(struct buf *out, const char *text, size_t length, enum json_use use)
{
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        unsigned char next = i + 1 < length ? (unsigned char)text[i + 1] : 0;
        if (!must_escape(c, next, use))
            continue;
        buf_add(out, text + start, i - start);
        buf_addf(out, "\\u%04x", c == 0xc2 ? next : c);
        i += c == 0xc2;
        start = i + 1;
    }
    buf_add(out, text + start, length - start);
}

/* Most texts have none of these characters. */
static bool may_need_escapes(const char *text, size_t length, enum json_use use)
{
    static const char marks[] = {0x7f, (char)0xc2, '<', '>', '&'};
    size_t count = use == JSON_FOR_PAGE ? sizeof marks : 2;
    for (size_t i = 0; i < count; i++) {
        if (memchr(text, marks[i], length) != NULL)
            return true;
    }
    return false;
}

/* Escapes what was written to `out` from `start` on. */
static void escape_from(struct buf *out, size_t start, enum json_use use)
{
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    buf_add(&text, out->data + start, out->len - start);
    out->len = start;
    escape_json(out, buf_text(&text), text.len, use);
    out->failed = out->failed || text.failed;
    buf_clear(&text);
}

void report_escape_json(struct buf *out, const json_t *value, enum json_use use)
{
    size_t start = out->len;
    json_write(value, out);
    if (out->failed || out->len - start > REPORT_TEXT_MAX)
        out->failed = true;
    else if (may_need_escapes(out->data + start, out->len - start, use))
        escape_from(out, start, use);
}

json_t *report_cut(const char *text, size_t max)
{
    struct buf legible;
    buf_init(&legible, REPORT_TEXT_MAX);
    text_legible(&legible, text, strlen(text));
    size_t length = legible.len;
    if (length > max) {
        length = max;
        while (length > 0 && ((unsigned char)legible.data[length] & 0xc0) == 0x80)
            length--;
    }
    json_t *cut = json_stringn_nocheck(buf_text(&legible), length);
    buf_clear(&legible);
    return cut;
}

static void add_sentence(struct buf *out, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_addf(out, "%s%s", out->len > 0 ? "; " : "", label);
    text_clean(out, text, strlen(text));
}

/* The title says what is wrong: the result comes first if that is not so, or not known. */
static bool is_title_true(enum total total)
{
    return total == TOTAL_NONE || total == TOTAL_HELD || total == TOTAL_FAILED ||
           total == TOTAL_AVAILABLE || total == TOTAL_PLANNED;
}

void report_sentence(struct buf *out, const json_t *finding)
{
    char result[32] = "";
    enum total total = total_of(finding);
    const char *summary = finding_get(finding, "summary");
    const char *why = finding_why(finding);
    if (!is_title_true(total))
        snprintf(result, sizeof result, "%s: ", total_word(total));
    add_sentence(out, result, finding_get(finding, "title"));
    add_sentence(out, "", summary);
    if (strstr(summary, why) == NULL) /* leaves out what the summary has already said */
        add_sentence(out, total == TOTAL_EXEMPT ? "reason: " : "", why);
}
