/* What the run looked at. Checks that are off because a setting is missing are reported once at the
 * end, so that readers know that they did not run. */
#include "audit/run_scope.h"

#include <ctype.h>
#include <string.h>

#include "audit/run_internal.h"
#include "base/buf.h"
#include "base/mem.h"
#include "policy/selection.h"
#include "value/json.h"
#include "value/json_keys.h"

#define TEXT_MAX 65536
#define MASTER "master_region" /* a check that needs it looks only at that region */

/* ---- what was looked at ---- */

/* Nearly all lines have the account and the region of the line before. */
static void note(json_t *names, const char **last, const char *name)
{
    if (*last != NULL && strcmp(*last, name) == 0)
        return;
    if (json_object_get(names, name) == NULL)
        json_object_set_new_nocheck(names, name, json_true());
    *last = json_object_iter_key(json_object_iter_at(names, name));
}

static json_t *types_of(const struct run *run)
{
    return json_object_get(run->looked_at, "types");
}

void run_note_resource(struct run *run, const struct policy *policy,
                       const struct resource *resource)
{
    const char *master = run->options.context->settings->master_region;
    bool is_master = master != NULL && strcmp(resource->id, master) == 0;
    json_t *types = types_of(run);
    if (strcmp(resource->id, "*") == 0) /* a place, not a resource */
        return;
    if (is_master || json_object_get(types, policy->type) == NULL)
        json_object_set_new(types, policy->type, json_boolean(is_master));
    note(json_object_get(run->looked_at, "accounts"), &run->last_account, resource->account);
    note(json_object_get(run->looked_at, "regions"), &run->last_region, resource->region);
}

void run_note_listed(struct run *run, const struct policy *policy, const char *account,
                     const char *region)
{
    json_t *listed = json_object_get(run->looked_at, "listed");
    if (listed == NULL) {
        listed = json_pack("{s:{}, s:{}, s:{}}", "accounts", "regions", "types");
        json_object_set_new(run->looked_at, "listed", listed);
    }
    const char *const names[][2] = {
        {"accounts", account}, {"regions", region}, {"types", policy->type}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        json_object_set_new_nocheck(json_object_get(listed, names[i][0]), names[i][1], json_true());
    run->listed++;
}

void run_note_unlisted(struct run *run)
{
    run->unlisted++;
}

static json_t *names_of(const struct run *run, const char *key)
{
    return json_sorted_keys(json_object_get(run->looked_at, key));
}

json_t *run_looked_at(const struct run *run)
{
    return json_pack("{s:o, s:o, s:o}", "accounts", names_of(run, "accounts"), "regions",
                     names_of(run, "regions"), "types", names_of(run, "types"));
}

json_t *run_listed_places(const struct run *run)
{
    static const char *const keys[] = {"accounts", "regions", "types"};
    const struct run_listing *listing = &run->listing;
    if (listing->places == 0)
        return NULL;
    json_t *places = json_pack("{s:I, s:I, s:I}", "places", (json_int_t)listing->places, "listed",
                               (json_int_t)run->listed, "not_listed", (json_int_t)run->unlisted);
    const json_t *listed = json_object_get(run->looked_at, "listed");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set_new(places, keys[i], json_sorted_keys(json_object_get(listed, keys[i])));
    return places;
}

/* ---- checks that are off ---- */

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

static bool is_off(const struct run *run, const char *setting, const json_t *saw_master)
{
    return strcmp(setting, MASTER) == 0 ? !json_is_true(saw_master) : is_missing(run, setting);
}

/* Adds the checks of one type that are off because this setting is missing. */
static void add_checks(const struct run *run, const struct policy *policy, const char *setting,
                       json_t *out)
{
    size_t i;
    json_t *check;
    const json_t *saw_master = json_object_get(types_of(run), policy->type);
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        const char *need = need_of(check);
        const char *id = json_get_string(check, "id", "");
        if (need != NULL && strcmp(need, setting) == 0 && is_off(run, need, saw_master) &&
            selection_has(run->options.context->selected, id))
            json_array_append_new(out, json_string_nocheck(id));
    }
}

static json_t *reason_of(const struct run *run, const char *setting)
{
    char *name = mem_strdup(setting);
    for (char *c = name; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    char *why = strcmp(setting, MASTER) == 0
                    ? mem_printf("%s %s is not among the regions", name,
                                 run->options.context->settings->master_region)
                    : mem_printf("%s is not set", name);
    json_t *reason = json_string_nocheck(why);
    mem_free(name);
    mem_free(why);
    return reason;
}

static void add_setting(const struct run *run, const char *setting, json_t *out)
{
    size_t count;
    struct evaluator *evaluator = run->options.context->evaluator;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    json_t *checks = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_object_get(types_of(run), all[i]->type) != NULL)
            add_checks(run, all[i], setting, checks);
    }
    if (json_array_size(checks) > 0)
        json_array_append_new(
            out, json_pack("{s:o, s:O}", "by", reason_of(run, setting), "checks", checks));
    json_decref(checks);
}

json_t *run_checks_off(const struct run *run)
{
    static const char *const settings[] = {"required_tags", "dev_accounts", MASTER};
    json_t *off = json_array();
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        add_setting(run, settings[i], off);
    return off;
}

static void add_group(const json_t *group, struct buf *out)
{
    size_t i;
    json_t *check;
    json_array_foreach (json_object_get(group, "checks"), i, check)
        buf_addf(out, "%s%s", i > 0 ? ", " : "", json_string_value(check));
    buf_addf(out, " (%s)", json_get_string(group, "by", ""));
}

char *run_checks_off_text(const struct run *run)
{
    size_t i;
    json_t *group;
    struct buf out;
    json_t *off = run_checks_off(run);
    buf_init(&out, TEXT_MAX);
    json_array_foreach (off, i, group) {
        buf_adds(&out, i > 0 ? "; " : "checks that are off: ");
        add_group(group, &out);
    }
    char *text = out.len > 0 ? mem_strdup(buf_text(&out)) : NULL;
    buf_clear(&out);
    json_decref(off);
    return text;
}
