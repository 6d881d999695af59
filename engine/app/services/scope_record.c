#include "app/services/scope_record.h"

#include <string.h>
#include <unistd.h>

#include "audit/run_scope.h"
#include "base/clock.h"
#include "exceptions/exceptions_scope.h"
#include "policy/selection.h"
#include "scope/commit.h"
#include "scope/scope_settings.h"
#include "value/json.h"

#define SCOPE_FORMAT 1

static json_t *time_text(int64_t wall_ms)
{
    char text[CLOCK_TEXT];
    clock_rfc3339(wall_ms, text);
    return json_string(text);
}

/* ---- who and with what ---- */

static json_t *engine_record(void)
{
    json_t *engine = json_pack("{s:s}", "version", ENGINE_VERSION);
    if (engine_commit[0] != '\0')
        json_object_set_new(engine, "commit", json_string(engine_commit));
    return engine;
}

static json_t *caller_record(const struct services *services)
{
    if (services->caller == NULL)
        return json_null();
    return json_pack("{s:s, s:s?}", "account", services->caller, "arn", services->caller_arn);
}

static json_t *digests_record(const struct services *services)
{
    const struct evaluator *evaluator = services->context.evaluator;
    return evaluator != NULL && evaluator->digests != NULL ? evaluator->digests(evaluator->self)
                                                           : json_null();
}

static json_t *made_by_record(const struct services *services)
{
    json_t *made_by = json_pack("{s:s}", "engine", ENGINE_VERSION);
    json_t *digests = digests_record(services);
    if (engine_commit[0] != '\0')
        json_object_set_new(made_by, "commit", json_string(engine_commit));
    if (json_is_object(digests))
        json_object_set(made_by, "policies", json_object_get(digests, "sha256"));
    if (services->caller_arn != NULL)
        json_object_set_new(made_by, "caller", json_string_nocheck(services->caller_arn));
    json_decref(digests);
    return made_by;
}

static const json_t *known_made_by(struct services *services)
{
    if (services->made_by == NULL)
        services->made_by = made_by_record(services);
    return services->made_by;
}

const json_t *scope_made_by(struct services *services)
{
    services->names_caller = services->trust == NULL;
    return known_made_by(services);
}

const char *scope_policies(struct services *services)
{
    return json_get_string(known_made_by(services), "policies", NULL);
}

/* ---- what was asked for ---- */

static const char *command_of(const struct services *services)
{
    const struct text_list *words = &services->settings.again;
    const char *word = words->count > 1 ? words->items[1] : "";
    return word[0] != '\0' && word[0] != '-' ? word : services->command;
}

static const char *mode_name(enum run_mode mode)
{
    switch (mode) {
    case RUN_PLAN: return "plan";
    case RUN_CHANGE: return "change";
    default: return "audit";
    }
}

static json_t *asked_record(const struct change_run *change_run)
{
    const struct settings *settings = &change_run->services->settings;
    json_t *asked = scope_asked(settings);
    if (change_run->plan != NULL)
        json_object_set_new(asked, "plan", json_string(change_run->plan));
    else if (!change_run->lists && settings->resource == NULL)
        json_object_set_new(asked, "lines", json_true());
    return asked;
}

static bool asks_type(const struct services *services, const struct policy *policy)
{
    const struct text_list *types = &services->settings.types;
    const struct evaluator *evaluator = services->context.evaluator;
    bool found = types->count == 0;
    for (size_t i = 0; i < types->count; i++)
        found |= evaluator->find(evaluator->self, types->items[i]) == policy;
    return found;
}

static const char *chosen_by(const struct settings *settings)
{
    if (settings->checks.count > 0 && settings->severity.count > 0)
        return "--checks and --severity";
    return settings->checks.count > 0 ? "--checks" : "--severity";
}

static void add_unchosen(const struct services *services, const struct policy *policy,
                         json_t *checks)
{
    size_t i;
    json_t *check;
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        const char *id = json_get_string(check, "id", "");
        if (!selection_has(services->selected, id))
            json_array_append_new(checks, json_string_nocheck(id));
    }
}

/* What the options leave out, then what settings turn off. */
static void put_off(const struct change_run *change_run, json_t *record)
{
    size_t count;
    const struct services *services = change_run->services;
    const struct evaluator *evaluator = services->context.evaluator;
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    json_t *types = json_array(), *checks = json_array(), *off = json_array();
    for (size_t i = 0; i < count; i++) {
        if (asks_type(services, all[i]))
            add_unchosen(services, all[i], checks);
        else
            json_array_append_new(types, json_string_nocheck(all[i]->type));
    }
    if (json_array_size(checks) > 0)
        json_array_append_new(
            off, json_pack("{s:s, s:O}", "by", chosen_by(&services->settings), "checks", checks));
    json_t *unset = run_checks_off(change_run->run);
    json_array_extend(off, unset);
    if (json_array_size(types) > 0)
        json_object_set(record, "types_off", types);
    json_object_set_new(record, "checks_off", off);
    json_decref(unset);
    json_decref(types);
    json_decref(checks);
}

/* ---- the whole ---- */

static json_t *exceptions_record(const struct services *services, bool all)
{
    json_t *record = exceptions_scope(services->exceptions, all);
    if (record == NULL)
        return json_null();
    if (services->settings.exceptions != NULL)
        json_object_set_new(record, "file", json_string_nocheck(services->settings.exceptions));
    return record;
}

static void put_times(const struct services *services, json_t *record)
{
    const struct settings *settings = &services->settings;
    json_object_set_new(record, "began", time_text(services->context.now_ms));
    if (settings->record == NULL && settings->replay == NULL)
        json_object_set_new(record, "ended", time_text(clock_wall_ms()));
}

static void put_names(const struct settings *settings, json_t *record)
{
    if (settings->compliance != NULL)
        json_object_set_new(record, "compliance", json_string_nocheck(settings->compliance));
    if (settings->baseline != NULL)
        json_object_set_new(record, "baseline", json_string_nocheck(settings->baseline));
}

json_t *scope_record(const struct change_run *change_run, bool all)
{
    const struct services *services = change_run->services;
    const struct settings *settings = &services->settings;
    json_t *record =
        json_pack("{s:i, s:o, s:s, s:s}", "scope", SCOPE_FORMAT, "engine", engine_record(),
                  "command", command_of(services), "mode", mode_name(change_run->mode));
    put_times(services, record);
    json_object_set_new(record, "caller", caller_record(services));
    json_object_set_new(record, "asked", asked_record(change_run));
    json_t *listed = run_listed_places(change_run->run);
    if (listed != NULL)
        json_object_set_new(record, "listed", listed);
    json_object_set_new(record, "audited", run_looked_at(change_run->run));
    put_off(change_run, record);
    json_object_set_new(record, "settings",
                        scope_settings(settings, change_run->mode == RUN_CHANGE));
    json_object_set_new(record, "names_set", scope_names_set(settings, services->profile, environ));
    json_object_set_new(record, "exceptions", exceptions_record(services, all));
    json_object_set_new(record, "policies", digests_record(services));
    put_names(settings, record);
    return record;
}
