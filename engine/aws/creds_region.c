#include "aws/creds_internal.h"
#include "base/mem.h"
#include "value/json.h"

char *creds_profile_region(const struct creds_env *env)
{
    struct err err = {0};
    const char *name = creds_getenv(env, "AWS_PROFILE");
    json_t *profiles = creds_profiles(env, &err);
    const json_t *profile = json_object_get(profiles, name != NULL ? name : "default");
    char *region = mem_strdup(json_get_string(profile, "region", NULL));
    creds_json_free(profiles);
    return region;
}
