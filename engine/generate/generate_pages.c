#include "generate/generate_pages.h"

#include <string.h>

#include "base/mem.h"
#include "generate/impact.h"
#include "generate/markdown.h"
#include "value/json.h"

/* ---- what a type needs ---- */

/* "`sqs:ListQueues`, `sqs:GetQueueAttributes`" */
static void add_actions(struct buf *out, const json_t *permissions)
{
    size_t i;
    json_t *permission;
    json_array_foreach (permissions, i, permission)
        buf_addf(out, "%s`%s`", i > 0 ? ", " : "", json_get_string(permission, "action", ""));
}

static void add_permissions(struct buf *out, const json_t *permissions)
{
    const json_t *write = json_object_get(permissions, "write");
    buf_adds(out, "\n## Permissions\n\n- To audit: ");
    add_actions(out, json_object_get(permissions, "read"));
    buf_adds(out, "\n- To repair: ");
    add_actions(out, write);
    buf_adds(out, json_array_size(write) > 0 ? "\n" : "none\n");
}

static void add_event(struct buf *out, const char *name, const json_t *rule)
{
    int delay_s = (int)json_get_integer(rule, "delay", 0);
    buf_addf(out, "- `%s`", name);
    if (delay_s > 0)
        buf_addf(out, ", %d seconds later", delay_s);
    buf_adds(out, "\n");
}

static void add_events(struct buf *out, json_t *events)
{
    const char *name;
    json_t *rule;
    buf_adds(out, "\n## Events\n\n");
    if (json_object_size(events) == 0)
        buf_adds(out, "None: only polling finds changes.\n");
    else
        buf_adds(out, "After one of these calls, the resource is audited again:\n\n");
    json_object_foreach (events, name, rule)
        add_event(out, name, rule);
}

/* ---- one check ---- */

static const char *needed(const json_t *check)
{
    static const char *const needs[][2] = {
        {"required_tags", "the setting `REQUIRED_TAGS`; without it the check is off"},
        {"dev_accounts", "the setting `DEV_ACCOUNTS`; without it the check is off"},
        {"master_region", "`MASTER_REGION`: only this region is checked"},
    };
    const char *name = json_get_string(check, "needs", "");
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (strcmp(needs[i][0], name) == 0)
            return needs[i][1];
    }
    return "";
}

static void add_repair(struct buf *out, const json_t *check)
{
    if (!json_get_bool(check, "fix", false)) {
        markdown_item(out, "Repair", "none. The engine reports the finding; correct it by hand.");
        return;
    }
    char *impact = impact_text(check);
    markdown_item(out, "Repair", json_get_string(check, "repair", "the policy does not say"));
    markdown_item(out, "Impact", impact);
    mem_free(impact);
}

static void add_check(struct buf *out, const json_t *check)
{
    struct buf controls;
    buf_init(&controls, 4096);
    markdown_controls(&controls, json_object_get(check, "controls"));
    buf_addf(out, "\n## %s\n\n", json_get_string(check, "id", ""));
    markdown_text(out, json_get_string(check, "title", ""));
    buf_adds(out, ".\n\n");
    markdown_item(out, "Severity", json_get_string(check, "severity", ""));
    markdown_item(out, "Why it matters", json_get_string(check, "risk", ""));
    markdown_item(out, "To correct it by hand", json_get_string(check, "advice", ""));
    add_repair(out, check);
    markdown_item(out, "Needs", needed(check));
    markdown_item(out, "Controls", buf_text(&controls));
    markdown_item(out, "See", json_get_string(check, "url", ""));
    buf_clear(&controls);
}

/* ---- the page ---- */

static void add_reads(struct buf *out, const json_t *permissions)
{
    size_t i, j;
    json_t *permission, *operation;
    size_t begin = out->len;
    json_array_foreach (json_object_get(permissions, "read"), i, permission) {
        json_array_foreach (json_object_get(permission, "operations"), j, operation)
            buf_addf(out, "%s`%s`", out->len > begin ? ", " : "", json_string_value(operation));
    }
}

static void add_page(struct buf *out, const struct policy *policy)
{
    size_t i;
    json_t *check;
    json_t *permissions = json_object_get(policy->meta, "permissions");
    buf_addf(out, "# %s (`%s`)\n\nWritten by `engine generate pages`", policy->title, policy->type);
    buf_adds(out, ". [All checks](../checks.md).\n\nThe checks look at what these calls return: ");
    add_reads(out, permissions);
    buf_adds(out, ".\n");
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check)
        add_check(out, check);
    add_permissions(out, permissions);
    add_events(out, json_object_get(policy->meta, "events"));
}

void generate_pages(const struct generate_input *input, struct buf *out)
{
    for (size_t i = 0; i < input->count; i++) {
        buf_adds(out, i > 0 ? "\n" : "");
        add_page(out, input->policies[i]);
    }
}
