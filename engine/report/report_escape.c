#include "report/report_escape.h"

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

static void add_sentence(struct buf *out, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_adds(out, out->len > 0 ? "; " : "");
    text_clean(out, text, strlen(text));
}

void report_sentence(struct buf *out, const json_t *finding)
{
    const char *summary = finding_get(finding, "summary");
    const char *why = finding_why(finding);
    add_sentence(out, finding_get(finding, "title"));
    add_sentence(out, summary);
    if (strcmp(why, summary) != 0)
        add_sentence(out, why);
}
