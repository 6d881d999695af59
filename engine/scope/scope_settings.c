#include "scope/scope_settings.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "value/json_keys.h"

static const struct {
    const char *variable;
    enum scope_use use;
} uses[] = {
    /* Verdicts. */
    {"KNOWN_ACCOUNTS", SCOPE_VALUE},
    {"ORGANIZATION_ACCOUNT", SCOPE_VALUE},
    {"REQUIRED_TAGS", SCOPE_VALUE},
    {"DEV_ACCOUNTS", SCOPE_VALUE},
    {"GUARDDUTY_MASTER_ACCOUNT", SCOPE_VALUE},
    {"LOG_ACCOUNT", SCOPE_VALUE},
    {"PASSWORD_MIN_LENGTH", SCOPE_VALUE},
    {"DB_CHECK_TIME", SCOPE_VALUE},
    {"MASTER_REGION", SCOPE_VALUE},
    {"MEMBER_ROLE", SCOPE_VALUE},
    {"EXCEPTIONS", SCOPE_VALUE},
    {"S3_BUCKET_IGNORE_LIST", SCOPE_VALUE},
    {"EC2_INSTANCE_IGNORE_LIST", SCOPE_VALUE},
    {"REMEDIATION_MODULE_EXCEPTION", SCOPE_VALUE},
    {"REMEDIATION_RESOURCE_EXCEPTION", SCOPE_VALUE},
    /* How long a run tries before it says "unknown", "pending" or "failed". */
    {"PATIENCE", SCOPE_VALUE},
    {"AWS_MAX_ATTEMPTS", SCOPE_VALUE},
    /* Repairs. */
    {"REPAIR", SCOPE_VALUE},
    {"HOLD_IRREVERSIBLE", SCOPE_VALUE},
    {"MAX_CHANGES", SCOPE_CHANGES},
    {"MAX_CHANGES_PER_DAY", SCOPE_CHANGES},
    {"REPAIR_ROUNDS", SCOPE_CHANGES},
    {"STATE_TABLE", SCOPE_CHANGES},
    {"VERIFY_SECONDS", SCOPE_CHANGES},
    {"EXTERNAL_ID", SCOPE_NAME},
    /* In scope_asked. */
    {"ACCOUNTS", SCOPE_ASKED},
    {"REGIONS", SCOPE_ASKED},
    {"ONLY_USE_TEST_RESOURCES", SCOPE_ASKED},
    /* Where messages and lines go; the mode of the run; digests say more than paths. */
    {"NOTIFICATION_TOPIC", SCOPE_NOTHING},
    {"EVENT_BUS", SCOPE_NOTHING},
    {"SECURITY_HUB", SCOPE_NOTHING},
    {"REMEDIATOR_REGION", SCOPE_NOTHING},
    {"POLLER_SQS", SCOPE_NOTHING},
    {"SQS", SCOPE_NOTHING},
    {"SQS_QUEUE", SCOPE_NOTHING},
    {"POLL_QUEUE", SCOPE_NOTHING},
    {"PLANS", SCOPE_NOTHING},
    {"BUCKET_OWNER", SCOPE_NOTHING},
    {"REMEDIATE", SCOPE_NOTHING},
    {"ENGINE_POLICIES", SCOPE_NOTHING},
    {"ENGINE_MODELS", SCOPE_NOTHING},
    {"LOG_FORMAT", SCOPE_NOTHING},
    {"METRICS", SCOPE_NOTHING},
};
#define USES (sizeof uses / sizeof *uses)

/* Variables of every AWS tool that say who answers: a URL may hold a password. libcurl reads the
 * proxies in either letter case. */
static const char *const answering[] = {"AWS_ENDPOINT_URL",
                                        "AWS_USE_FIPS_ENDPOINT",
                                        "AWS_USE_DUALSTACK_ENDPOINT",
                                        "AWS_CA_BUNDLE",
                                        "HTTPS_PROXY",
                                        "https_proxy",
                                        "HTTP_PROXY",
                                        "http_proxy",
                                        "ALL_PROXY",
                                        "all_proxy"};

enum scope_use scope_use_of(const char *variable)
{
    for (size_t i = 0; i < USES; i++) {
        if (strcmp(uses[i].variable, variable) == 0)
            return uses[i].use;
    }
    return SCOPE_UNKNOWN;
}

/* Settings are published to policies by these names. NULL: not set. */
static json_t *value_of(const struct settings *settings, const char *variable)
{
    char *key = mem_strdup(variable);
    for (char *c = key; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    json_t *value = json_object_get(settings->for_policies, key);
    mem_free(key);
    return value;
}

json_t *scope_settings(const struct settings *settings, bool changes)
{
    json_t *values = json_object();
    for (size_t i = 0; i < USES; i++) {
        json_t *value = value_of(settings, uses[i].variable);
        if (uses[i].use == SCOPE_VALUE || (changes && uses[i].use == SCOPE_CHANGES))
            json_object_set_new(values, uses[i].variable,
                                value != NULL ? json_incref(value) : json_null());
    }
    if (settings->no_assume_role) /* also by the option: the role is not used */
        json_object_set_new(values, "MEMBER_ROLE", json_string("none"));
    json_object_set_new(values, "--wait", json_integer(settings->wait_s));
    return values;
}

/* ---- names ---- */

static bool says_who_answers(const char *entry, size_t length)
{
    static const char service[] = "AWS_ENDPOINT_URL_";
    for (size_t i = 0; i < sizeof answering / sizeof *answering; i++) {
        if (strlen(answering[i]) == length && strncmp(answering[i], entry, length) == 0)
            return true;
    }
    return strncmp(entry, service, sizeof service - 1) == 0;
}

static void add_environment(json_t *names, char *const *environment)
{
    for (; environment != NULL && *environment != NULL; environment++) {
        size_t length = strcspn(*environment, "=");
        const char *value = *environment + length + ((*environment)[length] == '=');
        if (value[0] == '\0' || !says_who_answers(*environment, length))
            continue;
        char *name = mem_strndup(*environment, length);
        json_object_set_new_nocheck(names, name, json_true());
        mem_free(name);
    }
}

static void add_profile(json_t *names, const json_t *profile)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)profile, key, value) {
        char *name = mem_printf("%s of the config file", key);
        json_object_set_new_nocheck(names, name, json_true());
        mem_free(name);
    }
}

json_t *scope_names_set(const struct settings *settings, const json_t *profile,
                        char *const *environment)
{
    json_t *names = json_object();
    for (size_t i = 0; i < USES; i++) {
        const json_t *value = value_of(settings, uses[i].variable);
        if (uses[i].use == SCOPE_NAME && value != NULL && !json_is_false(value))
            json_object_set_new(names, uses[i].variable, json_true());
    }
    add_environment(names, environment);
    add_profile(names, profile);
    json_t *list = json_sorted_keys(names);
    json_decref(names);
    return list;
}

/* ---- what was asked for ---- */

static json_t *words(const struct text_list *list)
{
    json_t *array = list->count > 0 ? json_array() : json_null();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string_nocheck(list->items[i]));
    return array;
}

static json_t *regions(const struct settings *settings)
{
    return settings->all_regions ? json_pack("[s]", "all") : words(&settings->regions);
}

json_t *scope_asked(const struct settings *settings)
{
    json_t *asked = json_object();
    json_object_set_new(asked, "accounts", words(&settings->accounts));
    json_object_set_new(asked, "regions", regions(settings));
    json_object_set_new(asked, "types", words(&settings->types));
    json_object_set_new(asked, "checks", words(&settings->checks));
    json_object_set_new(asked, "severity", words(&settings->severity));
    if (settings->only_use_test_resources)
        json_object_set_new(asked, "test_resources", json_true());
    if (settings->policy != NULL)
        json_object_set_new(asked, "policy", json_string_nocheck(settings->policy));
    if (settings->resource != NULL)
        json_object_set_new(asked, "resource", json_string_nocheck(settings->resource));
    return asked;
}
