#include "aws/creds/creds_region.h"

#include <string.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_ini.h"
#include "aws/creds/creds_read.h"
#include "base/mem.h"
#include "value/json.h"

static const char *chosen(const struct creds_env *env)
{
    const char *name = creds_profile_chosen(env);
    return name != NULL ? name : "default";
}

char *creds_profile_region(const struct creds_env *env)
{
    struct err err = {0};
    json_t *profiles = creds_profiles(env, &err);
    const json_t *profile = json_object_get(profiles, chosen(env));
    char *region = mem_strdup(json_get_string(profile, "region", NULL));
    creds_json_free(profiles);
    return region;
}

/* Keeps the settings that concern endpoints; leaves out keys. */
static json_t *without_secrets(const json_t *profile)
{
    static const char *const names[] = {"endpoint_url", "services", "use_fips_endpoint",
                                        "use_dualstack_endpoint",
                                        "ignore_configured_endpoint_urls"};
    json_t *settings = json_object();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *value = json_object_get(profile, names[i]);
        if (value != NULL)
            json_object_set_new_nocheck(settings, names[i], json_deep_copy(value));
    }
    return settings;
}

static int add_services(const struct creds_env *env, json_t *settings, struct err *err)
{
    const char *name = json_get_string(settings, "services", "");
    json_t *sections = name[0] != '\0' ? creds_services(env, err) : NULL;
    json_t *section = json_object_get(sections, name);
    int result = 0;
    if (name[0] != '\0' && sections == NULL)
        return -1;
    if (section != NULL)
        json_object_set_nocheck(settings, "services", section);
    else if (name[0] != '\0')
        result = err_set(
            err, ERR_USAGE,
            "profile '%s': it has services = %s, but the config file has no section [services %s]",
            chosen(env), name, name);
    json_decref(sections);
    return result;
}

json_t *creds_profile_settings(const struct creds_env *env, struct err *err)
{
    json_t *profiles = creds_profiles(env, err);
    const json_t *profile = json_object_get(profiles, chosen(env));
    json_t *settings = profile != NULL ? without_secrets(profile) : NULL;
    if (profiles != NULL && profile == NULL && env->profile_name != NULL)
        creds_refuse_profile(env, profiles, env->profile_name, ERR_USAGE, err);
    creds_json_free(profiles);
    if (settings == NULL || add_services(env, settings, err) == 0)
        return settings;
    json_decref(settings);
    return NULL;
}
