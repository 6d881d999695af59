/* Checks that are off because a setting is missing: reported once at the end, so that readers know
 * that they did not run. */
#include "audit/run_off.h"

#include <ctype.h>
#include <string.h>

#include "audit/run_internal.h"
#include "base/buf.h"
#include "base/mem.h"
#include "policy/selection.h"
#include "value/json.h"

#define TEXT_MAX 65536
#define MASTER "master_region" /* a check that needs it looks only at that region */

/* The setting without which the check is off; NULL: it needs none. */
static const char *need_of(const json_t *check)
{
    return json_get_string(check, "needs", NULL);
}

static bool is_missing(const struct run *run, const char *setting)
{
    const json_t *value = json_object_get(run->options.context->settings->for_policies, setting);
    if (value == NULL || json_is_null(value))
        return true;
    return json_is_array(value) ? json_array_size(value) == 0 : json_string_length(value) == 0;
}

/* Records the audited types, and whether the master region was among their ids. */
void run_note_type(struct run *run, const struct policy *policy, const struct resource *resource)
{
    const char *master = run->options.context->settings->master_region;
    bool is_master = master != NULL && strcmp(resource->id, master) == 0;
    if (is_master || json_object_get(run->types, policy->type) == NULL)
        json_object_set_new(run->types, policy->type, json_boolean(is_master));
}

static bool is_off(const struct run *run, const char *setting, const json_t *saw_master)
{
    return strcmp(setting, MASTER) == 0 ? !json_is_true(saw_master) : is_missing(run, setting);
}

/* Adds the checks of one type that are off because this setting is missing. */
static void add_checks(const struct run *run, const struct policy *policy, const char *setting,
                       struct buf *out)
{
    size_t i;
    json_t *check;
    const json_t *saw_master = json_object_get(run->types, policy->type);
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        const char *need = need_of(check);
        const char *id = json_get_string(check, "id", "");
        if (need == NULL || strcmp(need, setting) != 0 || !is_off(run, need, saw_master) ||
            !selection_has(run->options.context->selected, id))
            continue;
        buf_addf(out, "%s%s", out->len > 0 ? ", " : "", id);
    }
}

static void add_reason(const struct run *run, const char *setting, struct buf *out)
{
    buf_adds(out, " (");
    for (const char *c = setting; *c != '\0'; c++)
        buf_addc(out, (char)toupper((unsigned char)*c));
    if (strcmp(setting, MASTER) == 0)
        buf_addf(out, " %s is not among the regions)",
                 run->options.context->settings->master_region);
    else
        buf_adds(out, " is not set)");
}

static void add_setting(const struct run *run, const char *setting, struct buf *out)
{
    size_t count;
    struct buf checks;
    struct evaluator *evaluator = run->options.context->evaluator;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    buf_init(&checks, TEXT_MAX);
    for (size_t i = 0; i < count; i++) {
        if (json_object_get(run->types, all[i]->type) != NULL)
            add_checks(run, all[i], setting, &checks);
    }
    if (checks.len > 0) {
        buf_adds(out, out->len > 0 ? "; " : "checks that are off: ");
        buf_adds(out, buf_text(&checks));
        add_reason(run, setting, out);
    }
    buf_clear(&checks);
}

char *run_off(const struct run *run)
{
    static const char *const settings[] = {"required_tags", "dev_accounts", MASTER};
    struct buf out;
    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        add_setting(run, settings[i], &out);
    char *text = out.len > 0 ? mem_strdup(buf_text(&out)) : NULL;
    buf_clear(&out);
    return text;
}
