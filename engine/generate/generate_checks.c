#include "generate/generate_checks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "generate/impact.h"
#include "generate/markdown.h"
#include "value/json.h"

/* "[`sqs.public`](checks/sqs.md#sqspublic)" */
static void add_link(struct buf *out, const json_t *meta, const char *id)
{
    buf_addf(out, "[`%s`](checks/%s.md#", id, json_get_string(meta, "type", ""));
    markdown_anchor(out, id);
    buf_adds(out, ")");
}

static void add_check(struct buf *out, const json_t *meta, const json_t *check)
{
    json_t *controls = json_object_get(check, "controls");
    bool fix = json_get_bool(check, "fix", false);
    buf_adds(out, "| ");
    add_link(out, meta, json_get_string(check, "id", ""));
    buf_adds(out, " | ");
    markdown_text(out, json_get_string(check, "title", ""));
    buf_addf(out, " | %s | %s | ", json_get_string(check, "severity", ""),
             fix ? impact_of(check) : "–");
    markdown_controls(out, controls);
    buf_adds(out, json_object_size(controls) == 0 ? "– |\n" : " |\n");
}

static void add_table(const struct generate_input *input, struct buf *out)
{
    for (size_t i = 0; i < input->count; i++) {
        const json_t *meta = input->policies[i]->meta;
        size_t j;
        json_t *check;
        json_array_foreach (json_object_get(meta, "checks"), j, check)
            add_check(out, meta, check);
    }
}

/* ---- events ---- */

/* {"sqs:CreateQueue":["`sqs`", "`rds` after 120 s"]}: which types are audited again, and when. */
static json_t *types_by_event(const struct generate_input *input)
{
    json_t *events = json_object();
    for (size_t i = 0; i < input->count; i++) {
        const json_t *meta = input->policies[i]->meta;
        const char *type = json_get_string(meta, "type", ""), *name;
        json_t *rule;
        json_object_foreach (json_object_get(meta, "events"), name, rule) {
            int delay_s = (int)json_get_integer(rule, "delay", 0);
            if (json_object_get(events, name) == NULL)
                json_object_set_new(events, name, json_array());
            json_array_append_new(json_object_get(events, name),
                                  delay_s > 0 ? json_sprintf("`%s` after %d s", type, delay_s)
                                              : json_sprintf("`%s`", type));
        }
    }
    return events;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_event(struct buf *out, const char *name, const json_t *types)
{
    size_t i;
    json_t *type;
    const char *colon = strchr(name, ':');
    buf_addf(out, "| %.*s | `%s` | ", (int)(colon - name), name, colon + 1);
    json_array_foreach (types, i, type)
        buf_addf(out, "%s%s", i > 0 ? ", " : "", json_string_value(type));
    buf_adds(out, " |\n");
}

static void add_events(const struct generate_input *input, struct buf *out)
{
    json_t *events = types_by_event(input), *types;
    size_t count = 0;
    const char **names = mem_alloc((json_object_size(events) + 1) * sizeof *names), *name;
    json_object_foreach (events, name, types)
        names[count++] = name;
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++)
        add_event(out, names[i], json_object_get(events, names[i]));
    mem_free(names);
    json_decref(events);
}

/* ---- the page ---- */

void generate_checks(const struct generate_input *input, struct buf *out)
{
    buf_adds(out, "# Checks\n\n"
                  "Written by `engine generate checks`. The page of a check says why it matters, "
                  "how to correct it by hand and what its repair does; `engine explain CHECK` "
                  "prints the same. Controls are those of Security Hub and of CIS AWS Foundations "
                  "3.0; `~` marks a control that is similar, not equal.\n\n"
                  "A check with a repair has an impact, the worst effect of the repair: `none`, "
                  "`interrupts` (someone loses access or a connection), `stops` (what is repaired "
                  "stops, and can be started or created again), `destroys` (something is deleted "
                  "permanently). Without `--repair`, repairs are made whose impact is `none` or "
                  "`interrupts`.\n\n"
                  "| check | found | severity | impact of the repair | controls |\n"
                  "|---|---|---|---|---|\n");
    add_table(input, out);
    buf_adds(out, "\n## Events\n\n"
                  "Calls after which a resource is audited again, as CloudTrail names them, with "
                  "the API version where CloudTrail adds it, and the types that are audited. "
                  "Polling finds what changes without such a call, for example because time "
                  "passes.\n\n"
                  "| service | event | audited |\n"
                  "|---|---|---|\n");
    add_events(input, out);
}

/* ---- as JSON ---- */

static json_t *check_data(const json_t *meta, const json_t *check)
{
    json_t *aliases = json_object_get(meta, "aliases");
    return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:b}", "id", json_get_string(check, "id", ""),
                     "type", json_get_string(meta, "type", ""), "aliases",
                     json_is_array(aliases) ? json_incref(aliases) : json_array(), "title",
                     json_get_string(check, "title", ""), "severity",
                     json_get_string(check, "severity", ""), "impact", impact_of(check), "fix",
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
