#include "change/admission.h"

#include <string.h>

#include "base/mem.h"
#include "change/admission_internal.h"
#include "settings/organization.h"
#include "settings/settings.h"
#include "settings/settings_list.h"
#include "value/json.h"

#define LABEL "--repair (REPAIR)"

static void add_names(json_t *list, const char *text)
{
    struct text_list names = {0};
    text_list_split(&names, text);
    for (size_t i = 0; i < names.count; i++)
        json_object_set_new_nocheck(list, names.items[i], json_true());
    text_list_clear(&names);
}

/* "all", "sqs,ami.public" or a list of such texts. */
static json_t *read_list(const char *key, const json_t *value, struct err *err)
{
    size_t i;
    json_t *item;
    json_t *list = json_object();
    bool sound = json_is_string(value) || json_is_array(value);
    if (json_is_string(value))
        add_names(list, json_string_value(value));
    json_array_foreach (value, i, item) {
        sound = sound && json_is_string(item);
        if (json_is_string(item))
            add_names(list, json_string_value(item));
    }
    if (sound)
        return list;
    err_set(err, ERR_USAGE, LABEL ": the value of \"%s\" must be a list of checks and types", key);
    json_decref(list);
    return NULL;
}

static int add_list(struct admission *admission, const char *key, const json_t *value,
                    struct err *err)
{
    if (strcmp(key, "*") != 0 && !organization_is_account(key) && !organization_is_ou(key))
        return err_set(
            err, ERR_USAGE,
            LABEL ": \"%s\" is not an account id, an organizational unit (ou-…) or \"*\"", key);
    json_t *list = read_list(key, value, err);
    if (list == NULL)
        return -1;
    json_object_set_new(admission->lists, key, list);
    admission->unreadable = admission->unreadable || organization_is_ou(key);
    return 0;
}

static int read_object(struct admission *admission, const char *text, struct err *err)
{
    const char *key;
    json_t *value;
    struct err why = {0};
    json_t *object = json_parse(text, strlen(text), &why);
    int result = object != NULL ? 0 : err_set(err, ERR_USAGE, LABEL ": %s", why.message);
    json_object_foreach (object, key, value) {
        if (result == 0)
            result = add_list(admission, key, value, err);
    }
    json_decref(object);
    return result;
}

static int read_text(struct admission *admission, const char *text, struct err *err)
{
    text += strspn(text, " \t\r\n");
    if (text[0] == '{')
        return read_object(admission, text, err);
    struct text_list names = {0};
    json_t *value = json_array();
    int result = settings_read_list(LABEL, text, &names, err);
    for (size_t i = 0; i < names.count; i++)
        json_array_append_new(value, json_string_nocheck(names.items[i]));
    if (result == 0)
        result = add_list(admission, "*", value, err);
    text_list_clear(&names);
    json_decref(value);
    return result;
}

static int check_units(const struct admission *admission, const struct settings *settings,
                       struct err *err)
{
    if (!admission->unreadable ||
        json_object_get(settings->for_policies, "organization_account") != NULL)
        return 0;
    return err_set(err, ERR_USAGE,
                   LABEL ": it names an organizational unit, but ORGANIZATION_ACCOUNT, the account "
                         "that lists it, is not set");
}

struct admission *admission_new(const struct settings *settings, struct err *err)
{
    const char *text = settings->repair;
    struct admission *admission = mem_alloc(sizeof *admission);
    admission->lists = json_object();
    admission->units = json_object();
    admission->given = text != NULL;
    if (text == NULL ||
        (read_text(admission, text, err) == 0 && check_units(admission, settings, err) == 0))
        return admission;
    admission_free(admission);
    return NULL;
}

void admission_free(struct admission *admission)
{
    if (admission == NULL)
        return;
    json_decref(admission->lists);
    json_decref(admission->units);
    organization_list_free(admission->list);
    mem_free(admission);
}

/* ---- the decision ---- */

static char *by_default(const json_t *meta, const char *check)
{
    const char *impact = json_get_string(meta, "impact", "interrupts");
    if (strcmp(impact, "none") == 0 || strcmp(impact, "interrupts") == 0)
        return NULL;
    return mem_printf("not in REPAIR: the repair %s what it repairs, so it must be named "
                      "(--repair %s)",
                      impact, check);
}

/* The list that applies to the account; NULL if none does. */
static const json_t *list_for(const struct admission *admission, const char *account)
{
    const json_t *own = json_object_get(admission->lists, account);
    const char *nearest = json_get_string(admission->units, account, NULL);
    if (own != NULL)
        return own;
    if (nearest != NULL)
        return json_object_get(admission->lists, nearest);
    return admission->unreadable ? NULL : json_object_get(admission->lists, "*");
}

char *admission_refusal(const struct admission *admission, const struct policy *policy,
                        const char *check, const json_t *meta, const char *account)
{
    if (!admission->given)
        return by_default(meta, check);
    const json_t *list = list_for(admission, account);
    if (list == NULL && admission->unreadable)
        return mem_printf("not in REPAIR: its organizational units could not be listed, so it is "
                          "not known what may be repaired in account %s",
                          account);
    if (list == NULL)
        return mem_printf("not in REPAIR, which names neither account %s nor \"*\"", account);
    if (json_object_get(list, "all") != NULL || json_object_get(list, check) != NULL ||
        json_object_get(list, policy->type) != NULL)
        return NULL;
    return mem_printf("not in REPAIR (--repair), which names other checks; %s would admit it",
                      check);
}
