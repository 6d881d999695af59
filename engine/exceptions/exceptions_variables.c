#include "exceptions/exceptions_variables.h"

#include <string.h>

#include "base/mem.h"
#include "exceptions/exceptions_file.h"
#include "exceptions/exceptions_internal.h"
#include "exceptions/exceptions_rules.h"
#include "settings/settings.h"
#include "settings/settings_list.h"
#include "settings/settings_value.h"
#include "value/json.h"

static void add_rule(struct exceptions *exceptions, json_t *fields, const char *variable,
                     const char *part)
{
    char *name = part != NULL ? mem_printf("%s %s", variable, part) : mem_strdup(variable);
    char *reason = mem_printf("listed in %s", variable);
    exceptions_add(exceptions, fields, name, reason, NULL, NULL, 0);
    mem_free(name);
    mem_free(reason);
}

/* No id contains these characters. A list in another form, such as JSON, would match nothing, and
 * what it names would be repaired. */
static int check_id(const char *variable, const char *id, struct err *err)
{
    if (strpbrk(id, "\"'[]{};") == NULL)
        return 0;
    return err_set(err, ERR_USAGE, "%s: \"%s\" is not an id: write ids with commas between them",
                   variable, id);
}

/* A list of ids for one type or check. */
static int add_ids(struct exceptions *exceptions, const char *variable, const char *text,
                   const char *field, const char *pattern, struct err *err)
{
    struct text_list list = {0};
    json_t *ids = json_array();
    int result = settings_read_list(variable, text, &list, err);
    for (size_t i = 0; i < list.count && result == 0; i++) {
        result = check_id(variable, list.items[i], err);
        const char *instance = strstr(list.items[i], ":instance/");
        json_array_append_new(ids, json_string_nocheck(list.items[i]));
        if (instance != NULL) /* evidence names instances by their ids */
            json_array_append_new(ids, json_string_nocheck(strchr(instance, '/') + 1));
    }
    text_list_clear(&list);
    json_t *fields = json_object();
    bool any = json_array_size(ids) > 0;
    json_object_set_new(fields, "id", ids);
    if (field != NULL)
        json_object_set_new(fields, field, json_pack("[s]", pattern));
    if (any && result == 0)
        add_rule(exceptions, fields, variable, NULL);
    else
        json_decref(fields);
    return result;
}

/* One rule for each member of a JSON object: {"s3":["bucket"]}, {"111122223333":["ami"]}. */
static int add_members(struct exceptions *exceptions, const char *variable, const json_t *object,
                       const char *key_field, const char *value_field, struct err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        if (strcmp(key_field, "account") == 0 && settings_check_account(variable, key, err) != 0)
            return -1;
        json_t *patterns = exceptions_patterns(value);
        if (patterns == NULL && json_array_size(value) == 0 && json_is_array(value))
            continue;
        if (patterns == NULL)
            return err_set(err, ERR_USAGE,
                           "%s: the value of \"%s\" must be a string or a list of "
                           "strings",
                           variable, key);
        add_rule(exceptions, json_pack("{s:[s], s:o}", key_field, key, value_field, patterns),
                 variable, key);
    }
    return 0;
}

static int add_object(struct exceptions *exceptions, const char *variable, const char *text,
                      const char *key_field, const char *value_field, struct err *err)
{
    json_t *object = json_parse(text, strlen(text), err);
    if (object == NULL)
        return err_prefix(err, "%s", variable);
    int result = json_is_object(object)
                     ? add_members(exceptions, variable, object, key_field, value_field, err)
                     : err_set(err, ERR_USAGE, "%s: must be a JSON object", variable);
    json_decref(object);
    return result;
}

static const char *given(settings_getenv getenv_fn, const char *variable)
{
    const char *text = getenv_fn(variable);
    if (text == NULL)
        return NULL;
    text += strspn(text, " \t\r\n");
    return text[0] != '\0' ? text : NULL;
}

static int read_modules(struct exceptions *exceptions, settings_getenv getenv_fn, struct err *err)
{
    static const char variable[] = "REMEDIATION_MODULE_EXCEPTION";
    const char *text = given(getenv_fn, variable);
    return text != NULL ? add_object(exceptions, variable, text, "account", "type", err) : 0;
}

/* A plain list of ids of any type, or ids by type. */
static int read_resources(struct exceptions *exceptions, settings_getenv getenv_fn, struct err *err)
{
    static const char variable[] = "REMEDIATION_RESOURCE_EXCEPTION";
    const char *text = given(getenv_fn, variable);
    if (text != NULL && (text[0] == '{' || text[0] == '['))
        return add_object(exceptions, variable, text, "type", "id", err);
    return text != NULL ? add_ids(exceptions, variable, text, NULL, NULL, err) : 0;
}

static int read_ids(struct exceptions *exceptions, settings_getenv getenv_fn, const char *variable,
                    const char *field, const char *pattern, struct err *err)
{
    const char *text = given(getenv_fn, variable);
    return text != NULL ? add_ids(exceptions, variable, text, field, pattern, err) : 0;
}

int exceptions_read_variables(struct exceptions *exceptions, settings_getenv getenv_fn,
                              struct err *err)
{
    int result = read_ids(exceptions, getenv_fn, "S3_BUCKET_IGNORE_LIST", "type", "s3_bucket", err);
    if (result == 0)
        result = read_ids(exceptions, getenv_fn, "EC2_INSTANCE_IGNORE_LIST", "check",
                          "*.dev_public", err);
    if (result == 0)
        result = read_modules(exceptions, getenv_fn, err);
    return result == 0 ? read_resources(exceptions, getenv_fn, err) : result;
}
