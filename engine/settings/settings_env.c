#include "settings/settings_env.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "settings/settings.h"
#include "settings/settings_list.h"
#include "settings/settings_value.h"

#define DB_CHECK_MINUTES 60
#define YEAR_MINUTES (366 * 24 * 60)
#define TAGS_FILE_MAX ((size_t)1 << 20)

/* Values that only policies, trust and exceptions read. */
static const struct public_variable {
    const char *name;
    enum field_kind kind;
} public_variables[] = {
    {"KNOWN_ACCOUNTS", FIELD_KNOWN},
    {"ORGANIZATION_ACCOUNT", FIELD_ACCOUNT},
    {"DEV_ACCOUNTS", FIELD_ACCOUNTS},
    {"GUARDDUTY_MASTER_ACCOUNT", FIELD_ACCOUNT},
    {"LOG_ACCOUNT", FIELD_ACCOUNT},
    {"PASSWORD_MIN_LENGTH", FIELD_TEXT},
    {"S3_BUCKET_IGNORE_LIST", FIELD_LIST},
    {"EC2_INSTANCE_IGNORE_LIST", FIELD_LIST},
    {"REMEDIATION_MODULE_EXCEPTION", FIELD_TEXT},
    {"REMEDIATION_RESOURCE_EXCEPTION", FIELD_TEXT},
};

static void put(json_t *object, const char *variable, json_t *value)
{
    char *key = mem_strdup(variable);
    for (char *c = key; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    if (value != NULL)
        json_object_set_new(object, key, value);
    else
        json_object_del(object, key);
    mem_free(key);
}

static json_t *list_json(const struct text_list *list)
{
    if (list->count == 0)
        return NULL;
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string_nocheck(list->items[i]));
    return array;
}

/* Tag names may contain spaces: only commas separate them. */
static json_t *tag_names(const char *text)
{
    json_t *names = json_array();
    while (*text != '\0') {
        size_t length = strcspn(text, ",");
        size_t first = 0, last = length;
        while (first < last && isspace((unsigned char)text[first]))
            first++;
        while (last > first && isspace((unsigned char)text[last - 1]))
            last--;
        if (last > first)
            json_array_append_new(names, json_stringn_nocheck(text + first, last - first));
        text += length + (text[length] == ',');
    }
    return names;
}

static int check_item(const struct public_variable *variable, const char *item, struct err *err)
{
    switch (variable->kind) {
    case FIELD_ACCOUNTS: return settings_check_account(variable->name, item, err);
    case FIELD_KNOWN: return settings_check_known(variable->name, item, err);
    default: return 0;
    }
}

static int read_list(json_t *object, const struct public_variable *variable, const char *text,
                     struct err *err)
{
    struct text_list list = {0};
    int result = settings_read_list(variable->name, text, &list, err);
    for (size_t i = 0; i < list.count && result == 0; i++)
        result = check_item(variable, list.items[i], err);
    if (result == 0)
        put(object, variable->name, list_json(&list));
    text_list_clear(&list);
    return result;
}

static int read_variable(json_t *object, const struct public_variable *variable, const char *text,
                         struct err *err)
{
    if (variable->kind == FIELD_LIST || variable->kind == FIELD_ACCOUNTS ||
        variable->kind == FIELD_KNOWN)
        return read_list(object, variable, text, err);
    if (variable->kind == FIELD_ACCOUNT && settings_check_account(variable->name, text, err) != 0)
        return -1;
    put(object, variable->name, json_string_nocheck(text));
    return 0;
}

/* As JSON, the list would name one strange tag that every resource lacks. */
static int check_tags_text(const char *text, struct err *err)
{
    if (strchr(text, '"') == NULL)
        return 0;
    return err_set(err, ERR_USAGE,
                   "REQUIRED_TAGS: '%s' contains quotation marks: write the names of the tags with "
                   "commas between them",
                   text);
}

static bool names_file(const json_t *names)
{
    size_t i;
    json_t *name;
    json_array_foreach (names, i, name) {
        if (json_string_value(name)[0] == '@')
            return true;
    }
    return false;
}

/* "@FILE" stands for the names in that file, one a line or with commas between them. */
static int add_tags_of_file(json_t *names, const char *path, struct err *err)
{
    size_t length;
    char *text = settings_list_file(path, TAGS_FILE_MAX, &length);
    if (text == NULL)
        return err_set(err, ERR_USAGE, "REQUIRED_TAGS: the file '%s' cannot be read: %s", path,
                       strerror(errno));
    int result = check_tags_text(text, err);
    bool sound = strlen(text) == length;
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '\n' ? ',' : *at;
    json_t *found = tag_names(text);
    sound = sound && json_array_size(found) > 0 && !names_file(found);
    if (result == 0 && !sound)
        result = err_set(err, ERR_USAGE,
                         "REQUIRED_TAGS: the file '%s' must contain names of tags, and must not "
                         "name another file",
                         path);
    json_array_extend(names, found);
    json_decref(found);
    mem_free(text);
    return result;
}

static int add_tags(json_t *names, const json_t *given, struct err *err)
{
    size_t i;
    json_t *name;
    int result = 0;
    json_array_foreach (given, i, name) {
        const char *text = json_string_value(name);
        if (text[0] != '@')
            json_array_append(names, name);
        else if (result == 0)
            result = add_tags_of_file(names, text + 1, err);
    }
    return result;
}

static int read_tag_names(json_t *object, const char *text, struct err *err)
{
    if (text == NULL || text[0] == '\0')
        return 0;
    if (check_tags_text(text, err) != 0)
        return -1;
    json_t *given = tag_names(text), *names = json_array();
    int result = add_tags(names, given, err);
    if (json_array_size(given) == 0)
        result = err_set(err, ERR_USAGE, "REQUIRED_TAGS: '%s' contains no value", text);
    json_decref(given);
    put(object, "REQUIRED_TAGS", names);
    return result;
}

static int read_check_time(json_t *object, settings_getenv getenv_fn, struct err *err)
{
    int minutes = DB_CHECK_MINUTES;
    const char *label = "DB_CHECK_TIME";
    const char *text = getenv_fn(label);
    if (text == NULL || text[0] == '\0')
        text = getenv_fn(label = "db_check_time");
    if (text != NULL && text[0] != '\0' &&
        settings_parse_int(label, text, 0, YEAR_MINUTES, &minutes, err) != 0)
        return -1;
    put(object, label, json_integer(minutes));
    return 0;
}

int settings_read_for_policies(struct settings *settings, settings_getenv getenv_fn,
                               struct err *err)
{
    json_t *object = settings->for_policies;
    for (size_t i = 0; i < sizeof public_variables / sizeof public_variables[0]; i++) {
        const char *text = getenv_fn(public_variables[i].name);
        if (text != NULL && text[0] != '\0' &&
            read_variable(object, &public_variables[i], text, err) != 0)
            return -1;
    }
    if (read_tag_names(object, getenv_fn("REQUIRED_TAGS"), err) != 0)
        return -1;
    return read_check_time(object, getenv_fn, err);
}

const char *settings_policy_name(size_t index)
{
    static const char *const others[] = {"REQUIRED_TAGS", "DB_CHECK_TIME"};
    const size_t public_count = sizeof public_variables / sizeof public_variables[0];
    const size_t other_count = sizeof others / sizeof others[0];
    if (index < public_count)
        return public_variables[index].name;
    index -= public_count;
    if (index < other_count)
        return others[index];
    index -= other_count;
    for (size_t i = 0; i < settings_field_count; i++) {
        if (settings_fields[i].variable != NULL && index-- == 0)
            return settings_fields[i].variable;
    }
    return NULL;
}

bool settings_variable_kind(const char *name, enum field_kind *kind)
{
    bool tags = strcmp(name, "REQUIRED_TAGS") == 0, time = strcmp(name, "DB_CHECK_TIME") == 0;
    for (size_t i = 0; i < sizeof public_variables / sizeof public_variables[0]; i++) {
        if (strcmp(public_variables[i].name, name) == 0) {
            *kind = public_variables[i].kind;
            return true;
        }
    }
    for (size_t i = 0; i < settings_field_count; i++) {
        const char *variable = settings_fields[i].variable;
        if (variable != NULL && strcmp(variable, name) == 0) {
            *kind = settings_fields[i].kind;
            return true;
        }
    }
    *kind = tags ? FIELD_LIST : FIELD_INT;
    return tags || time;
}

static json_t *field_json(const struct field *field, const void *address)
{
    switch (field->kind) {
    case FIELD_LIST:
    case FIELD_ACCOUNTS:
    case FIELD_REGIONS: return list_json(address);
    case FIELD_FLAG:
    case FIELD_CONSENT: return json_boolean(*(const bool *)address);
    case FIELD_INT: return *(const int *)address < 0 ? NULL : json_integer(*(const int *)address);
    case FIELD_LOG_FORMAT:
        return json_string(*(const enum settings_log_format *)address == LOG_FORMAT_JSON ? "json"
                                                                                         : "text");
    default: break;
    }
    const char *text = *(char *const *)address;
    return text != NULL ? json_string_nocheck(text) : NULL;
}

void settings_publish(struct settings *settings)
{
    for (size_t i = 0; i < settings_field_count; i++) {
        const struct field *field = &settings_fields[i];
        if (field->variable != NULL)
            put(settings->for_policies, field->variable,
                field_json(field, settings_address(settings, field)));
    }
}
