#include "generate/generate_checks.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "value/json.h"

/* A table cell: characters that would end it are escaped, and line breaks become spaces. */
static void add_cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '\\')
            buf_addc(out, '\\');
        buf_addc(out, *text == '\n' ? ' ' : *text);
    }
}

/* "SQS.3" for Security Hub and "CIS 2.1.1": an id that is clear by itself has no name before it. */
static void add_controls(struct buf *out, const char *framework, const json_t *ids)
{
    size_t i;
    json_t *id;
    json_array_foreach (ids, i, id) {
        bool first = out->len >= 2 && strcmp(out->data + out->len - 2, "| ") == 0;
        buf_adds(out, first ? "" : ", ");
        buf_adds(out, framework);
        add_cell(out, json_string_value(id));
    }
}

static void add_all_controls(struct buf *out, json_t *controls)
{
    const char *framework;
    json_t *ids;
    if (json_object_size(controls) == 0)
        buf_adds(out, "–");
    add_controls(out, "", json_object_get(controls, "securityhub"));
    add_controls(out, "CIS ", json_object_get(controls, "cis"));
    json_object_foreach (controls, framework, ids) {
        if (strcmp(framework, "securityhub") == 0 || strcmp(framework, "cis") == 0)
            continue;
        char *name = mem_printf("%s ", framework);
        add_controls(out, name, ids);
        mem_free(name);
    }
}

static void add_check(struct buf *out, const json_t *check)
{
    buf_addf(out, "| `%s` | ", json_get_string(check, "id", ""));
    add_cell(out, json_get_string(check, "title", ""));
    buf_addf(out, " | %s | %s | ", json_get_string(check, "severity", ""),
             json_get_bool(check, "fix", false) ? "yes" : "no");
    add_all_controls(out, json_object_get(check, "controls"));
    buf_adds(out, " |\n");
}

/* A paragraph: the first word of each line says what it contains. */
static void add_line(struct buf *out, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_addf(out, "- %s: ", name);
    add_cell(out, text);
    buf_adds(out, "\n");
}

static void add_check_fields(struct buf *out, const json_t *check)
{
    buf_addf(out, "\n### %s\n\n", json_get_string(check, "id", ""));
    add_cell(out, json_get_string(check, "title", ""));
    buf_adds(out, ".\n\n");
    add_line(out, "Risk", json_get_string(check, "risk", ""));
    add_line(out, "By hand", json_get_string(check, "advice", ""));
    add_line(out, "Repair", json_get_string(check, "repair", ""));
    add_line(out, "Impact", json_get_string(check, "impact", ""));
    add_line(out, "See", json_get_string(check, "url", ""));
}

static void add_each(const struct generate_input *input, struct buf *out,
                     void (*add)(struct buf *out, const json_t *check))
{
    for (size_t i = 0; i < input->count; i++) {
        size_t j;
        json_t *check;
        json_array_foreach (json_object_get(input->policies[i]->meta, "checks"), j, check)
            add(out, check);
    }
}

static void add_event(struct buf *out, const char *name, const json_t *rule, bool first)
{
    int delay_s = (int)json_get_integer(rule, "delay", 0);
    buf_addf(out, "%s `%s`", first ? "" : ",", name);
    if (delay_s > 0)
        buf_addf(out, " (after %d s)", delay_s);
}

static void add_events(const struct generate_input *input, struct buf *out)
{
    for (size_t i = 0; i < input->count; i++) {
        const json_t *meta = input->policies[i]->meta;
        json_t *events = json_object_get(meta, "events");
        const char *name;
        json_t *rule;
        if (json_object_size(events) == 0)
            continue;
        const char *first = json_object_iter_key(json_object_iter(events));
        buf_addf(out, "- %s:", json_get_string(meta, "type", ""));
        json_object_foreach (events, name, rule)
            add_event(out, name, rule, strcmp(name, first) == 0);
        buf_adds(out, "\n");
    }
}

void generate_checks(const struct generate_input *input, struct buf *out)
{
    buf_adds(out, "# Checks\n\n"
                  "Written by `engine generate checks`. Controls are those of Security Hub and of "
                  "CIS AWS Foundations 3.0; `~` marks a control that is similar, not equal. The "
                  "last section says for each check why it matters and what its repair does. "
                  "Impact is the worst effect of the repair: `none`, `interrupts` (someone loses "
                  "access or a connection), `stops` (what is repaired stops, and can be started "
                  "or created again), `destroys` (something is deleted permanently). Without "
                  "`--repair`, repairs are made whose impact is `none` or `interrupts`.\n\n"
                  "| check | found | severity | remediation | controls |\n"
                  "|---|---|---|---|---|\n");
    add_each(input, out, add_check);
    buf_adds(out, "\n## Events\n\n"
                  "Calls after which a resource is audited again, as CloudTrail names them, with "
                  "the API version where CloudTrail adds it. Polling finds what changes without "
                  "such a call, for example because time passes.\n\n");
    add_events(input, out);
    buf_adds(out, "\n## Each check\n");
    add_each(input, out, add_check_fields);
}

/* ---- as JSON ---- */

static json_t *check_data(const json_t *meta, const json_t *check)
{
    json_t *aliases = json_object_get(meta, "aliases");
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:b}", "id", json_get_string(check, "id", ""),
                     "type", json_get_string(meta, "type", ""), "aliases",
                     json_is_array(aliases) ? json_incref(aliases) : json_array(), "title",
                     json_get_string(check, "title", ""), "severity",
                     json_get_string(check, "severity", ""), "impact",
                     json_get_string(check, "impact", "interrupts"), "fix",
                     json_get_bool(check, "fix", false));
}

json_t *generate_checks_list(const struct generate_input *input)
{
    json_t *list = json_array();
    for (size_t i = 0; i < input->count; i++) {
        const json_t *meta = input->policies[i]->meta;
        size_t j;
        json_t *check;
        json_array_foreach (json_object_get(meta, "checks"), j, check)
            json_array_append_new(list, check_data(meta, check));
    }
    return list;
}
