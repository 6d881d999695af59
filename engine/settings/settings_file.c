#include "settings/settings_file.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "settings/settings_env.h"
#include "settings/settings_fields.h"
#include "value/json.h"

#define MAX_FILE (1u << 20)
#define SERVICE_URL "AWS_ENDPOINT_URL_"

/* What a value may be, besides a string. */
enum form { FORM_STRING = 0, FORM_NUMBER = 1, FORM_FLAG = 2, FORM_LIST = 4, FORM_OBJECT = 8 };

/* Variables of every AWS tool, and those of the settings whose kind does not say their form. */
static const struct {
    const char *name;
    unsigned forms;
} others[] = {
    {"REPAIR", FORM_LIST | FORM_OBJECT},
    {"REMEDIATION_MODULE_EXCEPTION", FORM_OBJECT},
    {"REMEDIATION_RESOURCE_EXCEPTION", FORM_LIST | FORM_OBJECT},
    {"PASSWORD_MIN_LENGTH", FORM_NUMBER},
    {"AWS_REGION", FORM_STRING},
    {"AWS_DEFAULT_REGION", FORM_STRING},
    {"AWS_PROFILE", FORM_STRING},
    {"AWS_DEFAULT_PROFILE", FORM_STRING},
    {"AWS_CONFIG_FILE", FORM_STRING},
    {"AWS_SHARED_CREDENTIALS_FILE", FORM_STRING},
    {"AWS_ROLE_ARN", FORM_STRING},
    {"AWS_ROLE_SESSION_NAME", FORM_STRING},
    {"AWS_WEB_IDENTITY_TOKEN_FILE", FORM_STRING},
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI", FORM_STRING},
    {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", FORM_STRING},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", FORM_STRING},
    {"AWS_EC2_METADATA_DISABLED", FORM_FLAG},
    {"AWS_EC2_METADATA_SERVICE_ENDPOINT", FORM_STRING},
    {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", FORM_STRING},
    {"AWS_ENDPOINT_URL", FORM_STRING},
    {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", FORM_FLAG},
    {"AWS_USE_FIPS_ENDPOINT", FORM_FLAG},
    {"AWS_USE_DUALSTACK_ENDPOINT", FORM_FLAG},
    {"AWS_CA_BUNDLE", FORM_STRING},
    {"HTTPS_PROXY", FORM_STRING},
    {"HTTP_PROXY", FORM_STRING},
    {"NO_PROXY", FORM_STRING},
};
#define OTHER_COUNT (sizeof others / sizeof *others)

/* They belong into the environment of one process, or into AWS's own files. */
static const char *const secrets[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                      "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
                                      "AWS_CONTAINER_AUTHORIZATION_TOKEN"};

const char *settings_file_named(int argc, char **argv, int from, settings_getenv getenv_fn,
                                const char **label)
{
    const char *path = NULL;
    *label = "--config";
    for (int i = from; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--config=", strlen("--config=")) == 0)
            path = argv[i] + strlen("--config=");
        else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            path = argv[++i];
    }
    if (path != NULL)
        return path;
    *label = "ENGINE_CONFIG";
    path = getenv_fn(*label);
    return path != NULL && path[0] != '\0' ? path : NULL;
}

/* ---- names ---- */

static unsigned forms_of_kind(enum field_kind kind)
{
    switch (kind) {
    case FIELD_INT: return FORM_NUMBER;
    case FIELD_FLAG:
    case FIELD_CONSENT: return FORM_FLAG;
    case FIELD_LIST:
    case FIELD_ACCOUNTS:
    case FIELD_KNOWN:
    case FIELD_FOLDERS:
    case FIELD_REGIONS: return FORM_LIST;
    default: return FORM_STRING;
    }
}

static bool is_service_url(const char *name)
{
    const char *service = name + strlen(SERVICE_URL);
    return strncmp(name, SERVICE_URL, strlen(SERVICE_URL)) == 0 && service[0] != '\0' &&
           service[strspn(service, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

static bool find_forms(const char *name, unsigned *forms)
{
    enum field_kind kind;
    for (size_t i = 0; i < OTHER_COUNT; i++) {
        if (strcmp(others[i].name, name) == 0) {
            *forms = others[i].forms;
            return true;
        }
    }
    bool known = settings_variable_kind(name, &kind);
    *forms = known ? forms_of_kind(kind) : FORM_STRING;
    return known || is_service_url(name);
}

static int refuse_name(const char *name, struct err *err)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    suggest_init(&suggest, name);
    for (size_t i = 0; settings_policy_name(i) != NULL; i++)
        suggest_offer(&suggest, settings_policy_name(i));
    for (size_t i = 0; i < OTHER_COUNT; i++)
        suggest_offer(&suggest, others[i].name);
    suggest_text(&suggest, hint);
    return err_set(err, ERR_USAGE, "there is no setting \"%.100s\"%s", name, hint);
}

static bool is_secret(const char *name, const json_t *value)
{
    const char *text = json_string_value(value);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        if (strcmp(secrets[i], name) == 0)
            return true;
    }
    bool proxy = strcmp(name, "HTTPS_PROXY") == 0 || strcmp(name, "HTTP_PROXY") == 0;
    return proxy && text != NULL && strchr(text, '@') != NULL;
}

/* ---- values ---- */

static int refuse_value(unsigned forms, struct err *err)
{
    return err_set(err, ERR_USAGE, "the value must be a string%s%s%s%s",
                   (forms & FORM_NUMBER) != 0 ? " or a whole number" : "",
                   (forms & FORM_FLAG) != 0 ? ", true or false" : "",
                   (forms & FORM_LIST) != 0 ? " or a list of strings" : "",
                   (forms & FORM_OBJECT) != 0 ? " or an object" : "");
}

/* A variable separates its words by commas and blanks; names of tags only by commas, directories by
 * colons. */
static const char *separators_of(const char *name)
{
    if (strcmp(name, "ENGINE_POLICIES") == 0)
        return ":";
    return strcmp(name, "REQUIRED_TAGS") == 0 ? "," : ", \t\r\n";
}

static char *list_text(const char *name, const json_t *list, struct err *err)
{
    struct buf text;
    size_t i;
    json_t *item;
    const char *separators = separators_of(name);
    buf_init(&text, MAX_FILE);
    json_array_foreach (list, i, item) {
        const char *word = json_string_value(item);
        if (word == NULL || word[0] == '\0' || strpbrk(word, separators) != NULL) {
            err_set(err, ERR_USAGE, "item %zu of the list must be a string that is one word",
                    i + 1);
            buf_clear(&text);
            return NULL;
        }
        buf_addf(&text, "%.*s%s", i > 0 ? 1 : 0, separators, word);
    }
    return buf_take(&text);
}

/* The text of the variable; mem_free. */
static char *text_of(const char *name, const json_t *value, unsigned forms, struct err *err)
{
    if (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value))
        return mem_strdup(json_string_value(value));
    if (json_is_integer(value) && (forms & FORM_NUMBER) != 0)
        return mem_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_boolean(value) && (forms & FORM_FLAG) != 0)
        return mem_strdup(json_is_true(value) ? "true" : "false");
    if (json_is_array(value) && (forms & FORM_LIST) != 0)
        return list_text(name, value, err);
    if (json_is_object(value) && (forms & FORM_OBJECT) != 0)
        return json_text(value);
    refuse_value(forms, err);
    return NULL;
}

static int add_value(json_t *values, const char *name, const json_t *value, struct err *err)
{
    unsigned forms;
    if (is_secret(name, value))
        return err_set(err, ERR_USAGE,
                       "%s: a file of settings must not hold secrets: set the variable, or use a "
                       "profile (AWS_PROFILE)",
                       name);
    if (!find_forms(name, &forms))
        return refuse_name(name, err);
    char *text = text_of(name, value, forms, err);
    if (text == NULL)
        return err_prefix(err, "%s", name);
    json_object_set_new_nocheck(values, name, json_string_nocheck(text));
    mem_free(text);
    return 0;
}

static const json_t *checked; /* for from_file, which has no other argument than the name */

static const char *from_file(const char *name)
{
    return json_string_value(json_object_get(checked, name));
}

/* Also values that the environment or an option replaces must be right. */
static int check_values(const json_t *values, struct err *err)
{
    struct settings settings;
    checked = values;
    int result = settings_init(&settings, from_file, NULL, err);
    checked = NULL;
    if (result == 0)
        settings_clear(&settings);
    return result;
}

static json_t *read_values(const json_t *document, struct err *err)
{
    const char *name;
    json_t *value, *values = json_object();
    int result = json_is_object(document)
                     ? 0
                     : err_set(err, ERR_USAGE, "must be an object of names and values");
    json_object_foreach ((json_t *)(uintptr_t)document, name, value) {
        if (result == 0)
            result = add_value(values, name, value, err);
    }
    if (result == 0 && check_values(values, err) == 0)
        return values;
    json_decref(values);
    return NULL;
}

json_t *settings_file_read(const char *label, const char *path, struct err *err)
{
    size_t length;
    char *text = file_read(path, MAX_FILE, &length);
    if (text == NULL) {
        err_set(err, ERR_USAGE, "%s: %s: %s", label, path, strerror(errno));
        return NULL;
    }
    json_t *document = json_parse(text, length, err);
    json_t *values = document != NULL ? read_values(document, err) : NULL;
    json_decref(document);
    mem_free(text);
    if (values == NULL) {
        err_prefix(err, "%s: %s", label, path);
        err->kind = ERR_USAGE;
    }
    return values;
}
