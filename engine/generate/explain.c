#include "generate/explain.h"

#include <string.h>

#include "base/mem.h"
#include "generate/impact.h"
#include "generate/lines.h"
#include "policy/check_names.h"
#include "policy/finding.h"
#include "value/json.h"

static void add_item(struct buf *list, const char *before, const char *item)
{
    buf_addf(list, "%s%s%s", list->len > 0 ? ", " : "", before, item);
}

static void add_list(struct buf *out, const char *name, struct buf *list)
{
    lines_labelled(out, name, list->len > 0 ? buf_text(list) : "none");
    buf_reset(list);
}

static void add_permissions(struct buf *out, const struct policy *policy, const char *access,
                            const char *name)
{
    size_t i;
    json_t *permission;
    struct buf list;
    buf_init(&list, 65536);
    json_array_foreach (json_object_get(json_object_get(policy->meta, "permissions"), access), i,
                        permission)
        add_item(&list, "", json_get_string(permission, "action", ""));
    add_list(out, name, &list);
    buf_clear(&list);
}

static void add_operations(struct buf *out, const struct policy *policy)
{
    size_t i, j;
    json_t *permission, *operation;
    struct buf list;
    buf_init(&list, 65536);
    buf_addf(&list, "%s (%s), by ", policy->title, policy->type);
    size_t begin = list.len;
    json_array_foreach (json_object_get(json_object_get(policy->meta, "permissions"), "read"), i,
                        permission) {
        json_array_foreach (json_object_get(permission, "operations"), j, operation)
            buf_addf(&list, "%s%s", list.len > begin ? ", " : "", json_string_value(operation));
    }
    lines_labelled(out, "Looks at:", buf_text(&list));
    buf_clear(&list);
}

static void add_events(struct buf *out, const struct policy *policy)
{
    const char *event;
    json_t *rule;
    struct buf list;
    buf_init(&list, 65536);
    json_object_foreach (json_object_get(policy->meta, "events"), event, rule) {
        int delay = (int)json_get_integer(rule, "delay", 0);
        add_item(&list, "", event);
        if (delay > 0)
            buf_addf(&list, " (audited %d s later)", delay);
    }
    add_list(out, "Events:", &list);
    buf_clear(&list);
}

static void add_controls(struct buf *out, json_t *controls)
{
    size_t i;
    const char *framework;
    json_t *ids, *id;
    struct buf list;
    buf_init(&list, 4096);
    json_object_foreach (controls, framework, ids) {
        const char *before = strcmp(framework, "cis") == 0 ? CHECK_NAMES_CIS : "";
        json_array_foreach (ids, i, id)
            add_item(&list, before, json_string_value(id));
    }
    lines_labelled(out, "Controls:", buf_text(&list));
    buf_clear(&list);
}

static void add_repair(struct buf *out, const json_t *check)
{
    if (!json_get_bool(check, "fix", false)) {
        lines_labelled(out, "Repair:", "none: it is reported, and must be corrected by hand");
        return;
    }
    char *impact = impact_text(check);
    lines_labelled(out, "Repair:", json_get_string(check, "repair", "the policy does not say"));
    lines_labelled(out, "Impact:", impact);
    mem_free(impact);
}

static void add_head(struct buf *out, const json_t *check)
{
    buf_addf(out, "%s (%s)\n", json_get_string(check, "id", ""),
             json_get_string(check, "severity", ""));
    lines_labelled(out, "Finds:", json_get_string(check, "title", ""));
    lines_labelled(out, "Risk:", json_get_string(check, "risk", ""));
}

void explain_check_short(const json_t *check, struct buf *out)
{
    add_head(out, check);
    add_repair(out, check);
}

static void add_check(struct buf *out, const json_t *check)
{
    add_head(out, check);
    lines_labelled(out, "By hand:", json_get_string(check, "advice", ""));
    add_repair(out, check);
    add_controls(out, json_object_get(check, "controls"));
    lines_labelled(out, "See:", json_get_string(check, "url", ""));
}

void explain_text(const struct policy *policy, const char *path, const char *name, struct buf *out)
{
    size_t i;
    json_t *check;
    bool repairs = false;
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        if (strcmp(name, policy->type) != 0 && strcmp(name, json_get_string(check, "id", "")) != 0)
            continue;
        repairs = repairs || json_get_bool(check, "fix", false);
        add_check(out, check);
        buf_addc(out, '\n');
    }
    add_operations(out, policy);
    add_permissions(out, policy, "read", "To audit:");
    if (repairs)
        add_permissions(out, policy, "write", "To repair:");
    add_events(out, policy);
    lines_labelled(out, "Policy:", path);
}
