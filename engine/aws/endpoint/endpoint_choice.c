#include "aws/endpoint/endpoint_choice.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "value/json.h"
#include "value/uri.h"

#define URL "AWS_ENDPOINT_URL"
#define REFUSED "http://@" /* as what it stands for, with the same message */
#define SERVICES "services"
#define SERVICE_URL "endpoint_url"

static const char *const variables[] = {URL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                        "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"};
static const char *const keys[] = {SERVICE_URL, "ignore_configured_endpoint_urls",
                                   "use_fips_endpoint", "use_dualstack_endpoint"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* `entry` may be "NAME=value". */
static bool chooses(const char *entry, size_t length)
{
    for (size_t i = 0; i < COUNT(variables); i++) {
        if (strlen(variables[i]) == length && strncmp(variables[i], entry, length) == 0)
            return true;
    }
    return strncmp(entry, URL "_", sizeof URL) == 0;
}

/* The engine refuses a URL with a user name, and does not use the query. Where the password of a
 * refused one begins and ends, only its author knows, so none of it is kept but that it is one. */
static json_t *without_secrets(const char *value)
{
    struct uri uri;
    struct err ignored = {0};
    if (uri_parse(value, &uri, &ignored) != 0 && strchr(value, '@') != NULL)
        return json_string_nocheck(REFUSED);
    uri_clear(&uri);
    return json_stringn_nocheck(value, strcspn(value, "?#"));
}

static json_t *of_environment(char *const *environment)
{
    json_t *found = json_object();
    for (; environment != NULL && *environment != NULL; environment++) {
        const char *entry = *environment;
        size_t length = strcspn(entry, "=");
        if (entry[length] == '\0' || entry[length + 1] == '\0' || !chooses(entry, length))
            continue;
        char *name = mem_strndup(entry, length);
        json_object_set_new_nocheck(found, name, without_secrets(entry + length + 1));
        mem_free(name);
    }
    return found;
}

static json_t *of_services(const json_t *services)
{
    const char *name;
    json_t *service, *found = json_object();
    json_object_foreach ((json_t *)(uintptr_t)services, name, service) {
        const char *url = json_get_string(service, SERVICE_URL, NULL);
        if (url != NULL)
            json_object_set_new_nocheck(found, name,
                                        json_pack("{s:o}", SERVICE_URL, without_secrets(url)));
    }
    return found;
}

static json_t *of_profile(const json_t *profile)
{
    json_t *found = json_object();
    for (size_t i = 0; i < COUNT(keys); i++) {
        const char *value = json_get_string(profile, keys[i], NULL);
        if (value != NULL)
            json_object_set_new(found, keys[i], without_secrets(value));
    }
    json_t *services = of_services(json_object_get(profile, SERVICES));
    if (json_object_size(services) > 0)
        json_object_set(found, SERVICES, services);
    json_decref(services);
    return found;
}

json_t *endpoint_choice(char *const *environment, const json_t *profile)
{
    return json_pack("{s:o, s:o}", "variables", of_environment(environment), "profile",
                     of_profile(profile));
}

static void use_variables(const json_t *chosen, char *const *environment)
{
    const char *name;
    json_t *value, *own = of_environment(environment);
    json_object_foreach (own, name, value)
        unsetenv(name);
    json_object_foreach ((json_t *)(uintptr_t)chosen, name, value) {
        if (chooses(name, strlen(name)) && json_is_string(value))
            setenv(name, json_string_value(value), 1);
    }
    json_decref(own);
}

/* A file that is no recording of ours may say anything. */
void endpoint_choice_use(const json_t *choice, char *const *environment, json_t **profile)
{
    const json_t *chosen = json_object_get(choice, "profile");
    use_variables(json_object_get(choice, "variables"), environment);
    json_t *settings = of_profile(chosen);
    if (*profile == NULL && json_object_size(settings) > 0)
        *profile = json_object();
    for (size_t i = 0; i < COUNT(keys); i++)
        json_object_del(*profile, keys[i]);
    json_object_del(*profile, SERVICES);
    if (*profile != NULL)
        json_object_update(*profile, settings);
    json_decref(settings);
}
