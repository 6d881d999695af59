#include "settings/settings_options.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "settings/settings.h"
#include "settings/settings_again.h"
#include "settings/settings_fields.h"
#include "settings/settings_value.h"

/* The state while a command line is read. */
struct reading {
    struct settings *settings;
    const char *const *allowed;
    int argc;
    char **argv;
    int at;       /* the current argument */
    json_t *seen; /* options so far: a list given twice is extended */
};

struct option {
    char name[64];     /* "only-use-test-resources" */
    char label[68];    /* "--only-use-test-resources" */
    const char *value; /* after '=', or NULL */
    bool has_value;    /* for an extra option: it takes a value */
};

/* Does the command accept it? The name of an extra option with a value ends with '=' there. */
static bool is_allowed(const struct reading *reading, struct option *option)
{
    size_t length = strlen(option->name);
    for (const char *const *name = reading->allowed; *name != NULL; name++) {
        if (strncmp(*name, option->name, length) != 0)
            continue;
        option->has_value = strcmp(*name + length, "=") == 0;
        if (option->has_value || (*name)[length] == '\0')
            return true;
    }
    return false;
}

static bool allows(const struct reading *reading, const char *name)
{
    for (const char *const *allowed = reading->allowed; *allowed != NULL; allowed++) {
        if (strcmp(*allowed, name) == 0)
            return true;
    }
    return false;
}

static int split(const char *argument, struct option *option)
{
    bool is_long = strncmp(argument, "--", 2) == 0;
    const char *name = strcmp(argument, "-h") == 0 ? "help" : argument + 2;
    size_t length = strcspn(name, "=");
    if ((!is_long && strcmp(argument, "-h") != 0) || length == 0 || length >= sizeof option->name)
        return -1;
    *option = (struct option){0};
    memcpy(option->name, name, length);
    for (char *c = option->name; *c != '\0'; c++)
        *c = *c == '_' ? '-' : *c;
    snprintf(option->label, sizeof option->label, "--%s", option->name);
    option->value = name[length] == '=' ? name + length + 1 : NULL;
    return 0;
}

/* The option's value: after '=' or in the next argument. */
static const char *take_value(struct reading *reading, const struct option *option, struct err *err)
{
    const char *value = option->value;
    bool beside = value == NULL && reading->at + 1 < reading->argc &&
                  strncmp(reading->argv[reading->at + 1], "--", 2) != 0;
    if (beside)
        value = reading->argv[++reading->at];
    if (value != NULL && value[0] != '\0')
        return value;
    err_set(err, ERR_USAGE, "%s: its value is missing", option->label);
    return NULL;
}

static bool is_list(const struct field *field)
{
    return field->kind == FIELD_LIST || field->kind == FIELD_ACCOUNTS ||
           field->kind == FIELD_REGIONS;
}

/* A list that is given again is added to the first one. */
static int assign_list(struct reading *reading, const struct field *field, const char *label,
                       const char *value, struct err *err)
{
    struct text_list *list = settings_address(reading->settings, field);
    struct text_list before = {0};
    if (json_object_get(reading->seen, field->option) != NULL) {
        before = *list;
        *list = (struct text_list){0};
    }
    json_object_set_new(reading->seen, field->option, json_true());
    if (field->kind != FIELD_LIST)
        reading->settings->selection_given = true;
    int result = settings_assign(reading->settings, field, label, value, err);
    for (size_t i = 0; i < list->count; i++)
        text_list_add(&before, list->items[i]);
    text_list_clear(list);
    *list = before;
    return result;
}

/* Directories that are given again are added to the first ones. */
static int assign_folders(struct reading *reading, const struct field *field, const char *label,
                          const char *value, struct err *err)
{
    bool again = json_object_get(reading->seen, field->option) != NULL;
    char *const *before = settings_address(reading->settings, field);
    char *all = mem_printf("%s%s%s", again ? *before : "", again ? ":" : "", value);
    json_object_set_new(reading->seen, field->option, json_true());
    int result = settings_assign(reading->settings, field, label, all, err);
    mem_free(all);
    return result;
}

/* --region and --account for a command that accepts several of them. */
static int assign_one_of_many(struct reading *reading, const char *many, const struct field *one,
                              const char *label, const char *value, struct err *err)
{
    const struct field *field = settings_field(many);
    const struct text_list *list = settings_address(reading->settings, field);
    if (assign_list(reading, field, label, value, err) != 0)
        return -1;
    if (list->count == 0)
        return err_set(err, ERR_USAGE, "%s: its value is missing", label);
    return settings_assign(reading->settings, one, label, list->items[list->count - 1], err);
}

static int assign_value(struct reading *reading, const struct field *field,
                        const struct option *option, struct err *err)
{
    const char *value = take_value(reading, option, err);
    if (value == NULL)
        return -1;
    settings_again_add(reading->settings, option->label, value);
    if (strcmp(option->name, "region") == 0 && allows(reading, "regions"))
        return assign_one_of_many(reading, "regions", field, option->label, value, err);
    if (strcmp(option->name, "account") == 0 && allows(reading, "accounts"))
        return assign_one_of_many(reading, "accounts", field, option->label, value, err);
    if (field->kind == FIELD_FOLDERS)
        return assign_folders(reading, field, option->label, value, err);
    if (is_list(field))
        return assign_list(reading, field, option->label, value, err);
    return settings_assign(reading->settings, field, option->label, value, err);
}

static int assign_flag(struct reading *reading, const struct field *field,
                       const struct option *option, struct err *err)
{
    const char *value = option->value != NULL ? option->value : "true";
    if (strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0)
        return err_set(err, ERR_USAGE, "%s: '%s' is not true or false", option->label, value);
    settings_again_add(reading->settings, option->label, option->value);
    return settings_assign(reading->settings, field, option->label, value, err);
}

static int assign_extra(struct reading *reading, const struct option *option, struct err *err)
{
    json_t *given = json_true();
    if (option->has_value) {
        const char *value = take_value(reading, option, err);
        if (value == NULL)
            return -1;
        given = json_string_nocheck(value);
    } else if (option->value != NULL) {
        return err_set(err, ERR_USAGE, "%s takes no value", option->label);
    }
    json_object_set_new(reading->settings->extra, option->name, given);
    return 0;
}

static int refuse_unknown(const struct reading *reading, const char *argument, struct err *err)
{
    struct suggest suggest;
    struct text_list names = {0};
    suggest_init(&suggest, argument + strspn(argument, "-"));
    for (const char *const *name = reading->allowed; *name != NULL; name++) {
        text_list_add(&names, *name);
        char *plain = names.items[names.count - 1];
        plain[strcspn(plain, "=")] = '\0';
        suggest_offer(&suggest, plain);
    }
    if (suggest.best != NULL)
        err_set(err, ERR_USAGE, "unknown option %s, did you mean --%s?", argument, suggest.best);
    else
        err_set(err, ERR_USAGE, "unknown option %s", argument);
    text_list_clear(&names);
    return -1;
}

static int read_option(struct reading *reading, struct err *err)
{
    struct option option;
    const char *argument = reading->argv[reading->at];
    if (split(argument, &option) != 0)
        return refuse_unknown(reading, argument, err);
    bool one_of_many = (strcmp(option.name, "region") == 0 && allows(reading, "regions")) ||
                       (strcmp(option.name, "account") == 0 && allows(reading, "accounts"));
    if (!is_allowed(reading, &option) && !one_of_many)
        return refuse_unknown(reading, option.label, err);
    const struct field *field = settings_field(option.name);
    if (field == NULL)
        return assign_extra(reading, &option, err);
    if (!settings_takes_value(field))
        return assign_flag(reading, field, &option, err);
    return assign_value(reading, field, &option, err);
}

static int read_arguments(struct reading *reading, struct text_list *rest, struct err *err)
{
    bool only_rest = false;
    for (; reading->at < reading->argc; reading->at++) {
        const char *argument = reading->argv[reading->at];
        if (only_rest || argument[0] != '-' || argument[1] == '\0')
            text_list_add(rest, argument);
        else if (strcmp(argument, "--") == 0)
            only_rest = true;
        else if (read_option(reading, err) != 0)
            return -1;
    }
    return 0;
}

int settings_options(struct settings *settings, int argc, char **argv, int from,
                     const char *const *allowed, struct text_list *rest, struct err *err)
{
    struct reading reading = {.settings = settings,
                              .allowed = allowed,
                              .argc = argc,
                              .argv = argv,
                              .at = from,
                              .seen = json_object()};
    int result = read_arguments(&reading, rest, err);
    json_decref(reading.seen);
    if (result == 0)
        settings_settle(settings);
    return result;
}
