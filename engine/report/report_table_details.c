#include "report/report_table_details.h"

#include <string.h>

#include "base/mem.h"
#include "base/report_text.h"
#include "policy/finding.h"
#include "report/report_internal.h"
#include "report/report_table_text.h"
#include "report/report_totals.h"
#include "value/json.h"

#define BENEATH 6 /* indent of lines below a row */
#define EVIDENCE_LINES 3
#define MAX_DEPTH 8 /* of a parameter's path; deeper values are shown as JSON */

static void add_clean_value(struct buf *out, const json_t *value)
{
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    report_value(&text, value);
    text_clean(out, buf_text(&text), text.len);
    buf_clear(&text);
}

static bool is_plain_list(const json_t *value)
{
    size_t i;
    json_t *item;
    json_array_foreach (value, i, item) {
        if (json_is_object(item) || json_is_array(item))
            return false;
    }
    return json_array_size(value) > 0;
}

/* A list of words without its brackets; any other value unchanged. */
static void add_short_value(struct buf *out, const json_t *value)
{
    size_t i;
    json_t *item;
    if (!is_plain_list(value)) {
        add_clean_value(out, value);
        return;
    }
    json_array_foreach (value, i, item) {
        buf_adds(out, i > 0 ? ", " : "");
        add_clean_value(out, item);
    }
}

/* "Principal: *; Action: sqs:SendMessage" for an object; the value for anything else. Values nested
 * deeper than the items of a list, such as whole statements, are shown in the other formats. */
static void evidence_item(struct buf *out, const json_t *evidence, bool nested)
{
    const char *key, *before = "";
    json_t *value;
    if (!json_is_object(evidence)) {
        add_short_value(out, evidence);
        return;
    }
    json_object_foreach ((json_t *)(uintptr_t)evidence, key, value) {
        if (nested && json_is_object(value))
            continue;
        buf_adds(out, before);
        text_clean(out, key, strlen(key));
        buf_adds(out, ": ");
        add_short_value(out, value);
        before = "; ";
    }
}

static void evidence_text(struct buf *out, const json_t *evidence)
{
    size_t i;
    json_t *item;
    if (!json_is_array(evidence) || is_plain_list(evidence)) {
        evidence_item(out, evidence, false);
        return;
    }
    json_array_foreach (evidence, i, item) {
        buf_adds(out, i > 0 ? " / " : "");
        evidence_item(out, item, true);
    }
}

/* Lines of text one below the other; the first may be on the row itself. */
struct details {
    struct table *table;
    size_t indent;
    bool on_row; /* the row's line is not complete yet */
};

static void add_detail(struct details *details, const char *style, const char *text,
                       size_t max_lines)
{
    if (text[0] == '\0')
        return;
    struct wrap wrap = {details->indent, 0, details->on_row, max_lines};
    table_wrapped(details->table, &wrap, style, text);
    details->on_row = false;
}

static void add_text(struct details *details, const char *style, const char *before,
                     const char *text)
{
    struct buf clean;
    buf_init(&clean, REPORT_TEXT_MAX);
    if (text[0] != '\0') {
        buf_adds(&clean, before);
        text_clean(&clean, text, strlen(text));
        add_detail(details, style, buf_text(&clean), 0);
    }
    buf_clear(&clean);
}

/* Leaves out what the summary has already said. */
static void add_evidence(struct details *details, const json_t *finding)
{
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    if (total_of(finding) != TOTAL_COMPLIANT)
        evidence_text(&text, json_object_get(finding, "evidence"));
    if (strstr(finding_get(finding, "summary"), buf_text(&text)) == NULL)
        add_detail(details, STYLE_DIM, buf_text(&text), EVIDENCE_LINES);
    buf_clear(&text);
}

/* The complete id of the resource, if the row shows only a part. */
static void add_id(struct details *details, const json_t *finding)
{
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    table_cell(finding, TABLE_RESOURCE, &text);
    if (text_width(buf_text(&text)) > details->table->columns[TABLE_RESOURCE])
        add_detail(details, STYLE_NONE, buf_text(&text), 0);
    buf_clear(&text);
}

static void add_exemption(struct details *details, const json_t *finding)
{
    const json_t *exemption = json_object_get(finding, "exemption");
    const char *expires = json_get_string(exemption, "expires", "");
    add_text(details, STYLE_DIM, "exempt: ", json_get_string(exemption, "reason", ""));
    add_text(details, STYLE_DIM, "owner: ", json_get_string(exemption, "owner", ""));
    add_text(details, STYLE_DIM, "until ", expires);
    add_text(details, STYLE_DIM, "rule: ", json_get_string(exemption, "rule", ""));
}

/* --explain: which parts of the state the check looked at. */
static void add_looked_at(struct details *details, const json_t *finding)
{
    size_t i;
    json_t *name;
    struct buf text;
    buf_init(&text, REPORT_TEXT_MAX);
    json_array_foreach (json_object_get(finding, "looked_at"), i, name)
        buf_addf(&text, "%s%s", i > 0 ? ", " : "", json_string_value(name));
    add_text(details, STYLE_DIM, "looked at: ", buf_text(&text));
    buf_clear(&text);
}

/* --explain: which exceptions apply to it. */
static void add_explanation(struct details *details, const json_t *finding)
{
    size_t i;
    json_t *entry;
    add_looked_at(details, finding);
    const json_t *explain = json_object_get(finding, "explain");
    if (json_is_array(explain) && json_array_size(explain) == 0)
        add_text(details, STYLE_DIM, "exceptions: ", "none nearly matches");
    json_array_foreach (explain, i, entry) {
        char *text = mem_printf("%s: %s", json_get_string(entry, "rule", ""),
                                json_get_string(entry, "says", ""));
        add_text(details, STYLE_DIM, "exception ", text);
        mem_free(text);
    }
}

static bool is_open(enum total total)
{
    return total == TOTAL_NONE || total == TOTAL_AVAILABLE || total == TOTAL_HELD ||
           total == TOTAL_PLANNED || total == TOTAL_FAILED;
}

/* Why it matters and what to do: what the repair does if one will be made, else how to repair it by
 * hand. */
static void add_check_fields(struct details *details, const json_t *finding)
{
    enum total total = total_of(finding);
    const char *impact = finding_get(finding, "impact");
    bool repairs = total == TOTAL_AVAILABLE || total == TOTAL_PLANNED;
    if (!is_open(total))
        return;
    add_text(details, STYLE_DIM, "risk: ", finding_get(finding, "risk"));
    if (!repairs || finding_get(finding, "repair")[0] == '\0') {
        add_text(details, STYLE_DIM, "by hand: ", finding_get(finding, "advice"));
        return;
    }
    char *before = mem_printf("repair%s%s%s: ", impact[0] != '\0' ? " (impact: " : "", impact,
                              impact[0] != '\0' ? ")" : "");
    add_text(details, STYLE_DIM, before, finding_get(finding, "repair"));
    mem_free(before);
}

static void add_words(struct details *details, const json_t *finding)
{
    const char *summary = finding_get(finding, "summary");
    const char *why = finding_why(finding);
    add_text(details, STYLE_NONE, "", summary);
    if (json_object_get(finding, "exemption") != NULL)
        add_exemption(details, finding);
    else if (strstr(summary, why) == NULL) /* leaves out what the summary has already said */
        add_text(details, STYLE_YELLOW, total_of(finding) == TOTAL_HELD ? "held: " : "", why);
    add_text(details, STYLE_DIM, "repaired together with ", finding_get(finding, "covered_by"));
    add_explanation(details, finding);
    add_evidence(details, finding);
    add_check_fields(details, finding);
}

typedef void (*parameter_fn)(void *arg, const char *path, const json_t *value);

/* Calls fn for each parameter that is not an object itself, with its path: "Attributes.Policy". */
static void each_parameter(const char *path, const json_t *value, int depth, parameter_fn fn,
                           void *arg)
{
    const char *key;
    json_t *inner;
    if (!json_is_object(value) || json_object_size(value) == 0 || depth > MAX_DEPTH) {
        fn(arg, path, value);
        return;
    }
    json_object_foreach ((json_t *)(uintptr_t)value, key, inner) {
        char *longer = mem_printf("%s%s%s", path, path[0] != '\0' ? "." : "", key);
        each_parameter(longer, inner, depth + 1, fn, arg);
        mem_free(longer);
    }
}

static void add_parameter(void *arg, const char *path, const json_t *value)
{
    struct buf *text = arg;
    buf_adds(text, "  ");
    text_clean(text, path, strlen(path));
    buf_adds(text, path[0] != '\0' ? " = " : "");
    if (json_is_string(value) && json_string_length(value) == 0)
        buf_adds(text, "\"\"");
    else
        add_clean_value(text, value);
}

/* The complete value, in as many lines as needed: this is what would be sent. */
static void put_parameter(void *arg, const char *path, const json_t *value)
{
    struct buf line;
    static const struct wrap wrap = {BENEATH + 4, 4, false, 0};
    buf_init(&line, REPORT_TEXT_MAX);
    add_parameter(&line, path, value);
    table_wrapped(arg, &wrap, STYLE_NONE, buf_text(&line) + 2);
    buf_clear(&line);
}

/* The inverse call in two lines: the plan contains it completely. */
static void put_undo(struct table *table, const json_t *step)
{
    const json_t *undo = json_object_get(step, "undo");
    const char *why = json_get_string(step, "irreversible", "");
    const char *text = undo != NULL ? json_get_string(undo, "call", "") : why;
    static const struct wrap wrap = {BENEATH + 4, 4, false, 2};
    struct buf line;
    buf_init(&line, REPORT_TEXT_MAX);
    if (text[0] != '\0') {
        buf_adds(&line, undo != NULL ? "undo: " : "cannot be undone: ");
        text_clean(&line, text, strlen(text));
        if (undo != NULL)
            each_parameter("", json_object_get(undo, "with"), 0, add_parameter, &line);
        table_wrapped(table, &wrap, undo != NULL ? STYLE_DIM : STYLE_YELLOW, buf_text(&line));
    }
    buf_clear(&line);
}

static void put_call(struct table *table, const char *word, const json_t *step)
{
    struct buf line;
    static const struct wrap wrap = {BENEATH, 4, false, 0};
    const char *call = json_get_string(step, "call", "");
    buf_init(&line, REPORT_TEXT_MAX);
    buf_addf(&line, "%s ", word);
    text_clean(&line, call, strlen(call));
    table_wrapped(table, &wrap, STYLE_CYAN, buf_text(&line));
    buf_clear(&line);
}

static void put_steps(struct table *table, const json_t *finding)
{
    size_t i;
    json_t *step;
    enum total total = total_of(finding);
    json_array_foreach (json_object_get(finding, "steps"), i, step) {
        if (total == TOTAL_FIXED)
            put_call(table, "called", step);
        if (total != TOTAL_PLANNED)
            continue;
        put_call(table, "would call", step);
        each_parameter("", json_object_get(step, "with"), 0, put_parameter, table);
        put_undo(table, step);
    }
}

/* Ends the row's line, without the spaces that filled its last column. */
static void end_row(struct table *table)
{
    struct buf *out = &table->out;
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_addc(out, '\n');
}

void table_details(struct table *table, const json_t *finding)
{
    bool beside = table->text_at > 0;
    struct details details = {table, beside ? table->text_at : BENEATH, beside};
    if (!beside)
        end_row(table);
    add_id(&details, finding);
    add_words(&details, finding);
    if (details.on_row)
        end_row(table);
    put_steps(table, finding);
}
