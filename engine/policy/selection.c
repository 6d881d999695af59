#include "policy/selection.h"

#include <string.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "policy/check_names.h"
#include "value/json.h"

#define SEVERITIES 4

int selection_check_severity(const char *label, const char *name, const char *also, struct err *err)
{
    const char *const severities[SEVERITIES + 1] = {"critical", "high", "medium", "low", also};
    for (size_t i = 0; i < SEVERITIES; i++) {
        if (strcmp(severities[i], name) == 0)
            return 0;
    }
    return suggest_refuse(label, name, severities, SEVERITIES + (also != NULL), err);
}

static int check_severities(const struct text_list *names, struct err *err)
{
    for (size_t i = 0; i < names->count; i++) {
        if (selection_check_severity("--severity", names->items[i], NULL, err) != 0)
            return -1;
    }
    return 0;
}

/* The named checks and types, as policies write them; NULL with err. */
static json_t *name_all(const struct text_list *names, struct evaluator *evaluator, struct err *err)
{
    json_t *named = json_object();
    for (size_t i = 0; i < names->count; i++) {
        char *right = NULL;
        if (check_names_find(evaluator, names->items[i], &right) == NULL) {
            check_names_refuse(evaluator, "--checks", names->items[i], NULL, err);
            json_decref(named);
            return NULL;
        }
        json_object_set_new(named, right, json_true());
        mem_free(right);
    }
    return named;
}

static bool is_wanted(const struct settings *settings, const json_t *named,
                      const struct policy *policy, const json_t *check)
{
    const char *severity = json_get_string(check, "severity", "");
    bool severe = settings->severity.count == 0;
    for (size_t i = 0; i < settings->severity.count; i++)
        severe |= strcmp(settings->severity.items[i], severity) == 0;
    return severe && (json_object_size(named) == 0 || json_object_get(named, policy->type) ||
                      json_object_get(named, json_get_string(check, "id", "")));
}

static json_t *select_of(const struct settings *settings, const json_t *named,
                         struct evaluator *evaluator)
{
    size_t count, at;
    json_t *check;
    json_t *selected = json_object();
    const struct policy *const *all = evaluator->all(evaluator->self, &count);
    for (size_t i = 0; i < count; i++) {
        json_array_foreach (json_object_get(all[i]->meta, "checks"), at, check) {
            if (is_wanted(settings, named, all[i], check))
                json_object_set_new(selected, json_get_string(check, "id", ""), json_true());
        }
    }
    return selected;
}

int selection_make(const struct settings *settings, struct evaluator *evaluator, json_t **selected,
                   struct err *err)
{
    *selected = NULL;
    if (settings->checks.count == 0 && settings->severity.count == 0)
        return 0;
    if (check_severities(&settings->severity, err) != 0)
        return -1;
    json_t *named = name_all(&settings->checks, evaluator, err);
    if (named == NULL)
        return -1;
    *selected = select_of(settings, named, evaluator);
    json_decref(named);
    if (json_object_size(*selected) > 0)
        return 0;
    json_decref(*selected);
    *selected = NULL;
    return err_set(err, ERR_USAGE, "--checks and --severity leave no check to audit");
}

bool selection_has(const json_t *selected, const char *check)
{
    return selected == NULL || json_object_get(selected, check) != NULL;
}

bool selection_has_any(const json_t *selected, const struct policy *policy)
{
    size_t i;
    json_t *check;
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        if (selection_has(selected, json_get_string(check, "id", "")))
            return true;
    }
    return selected == NULL;
}
