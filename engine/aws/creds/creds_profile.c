#include "aws/creds/creds_profile.h"

#include <stdlib.h>
#include <string.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_container.h"
#include "aws/creds/creds_env.h"
#include "aws/creds/creds_imds.h"
#include "aws/creds/creds_process.h"
#include "aws/creds/creds_sts.h"
#include "base/clean_text.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_CHAIN 16

/* The profiles that led to this one, innermost first. */
struct visit {
    const struct creds_env *env;
    const json_t *profiles;
    const json_t *profile;
    const char *name;
    const struct visit *from;
    int depth;
};

static struct creds_provider *resolve(const struct creds_env *env, const json_t *profiles,
                                      const char *name, const struct visit *from, struct err *err);

static const char *value(const json_t *profile, const char *key)
{
    const char *text = json_get_string(profile, key, "");
    return text[0] != '\0' ? text : NULL;
}

static struct creds_provider *refuse(const struct visit *visit, struct err *err, const char *why)
{
    err_set(err, ERR_CREDS, "profile '%s': %s", visit->name, why);
    return NULL;
}

static const char *first_name(const struct visit *visit)
{
    while (visit->from != NULL)
        visit = visit->from;
    return visit->name;
}

/* Methods that need a human (a browser, an MFA device) are left to the AWS CLI. Its credentials
 * come as variables, before which --profile would come again. */
static struct creds_provider *refuse_interactive(const struct visit *visit, const char *what,
                                                 struct err *err)
{
    char *word = text_shell(first_name(visit));
    err_set(err, ERR_CREDS,
            "profile '%s' %s: get credentials with the AWS CLI, then run again%s: eval "
            "\"$(aws configure export-credentials --profile %s --format env)\"",
            visit->name, what, visit->env->profile_name != NULL ? " without --profile" : "", word);
    mem_free(word);
    return NULL;
}

static bool has_keys(const json_t *profile)
{
    return value(profile, "aws_access_key_id") != NULL ||
           value(profile, "aws_secret_access_key") != NULL;
}

static struct creds_provider *keys_provider(const struct visit *visit, struct err *err)
{
    const char *access_key = value(visit->profile, "aws_access_key_id");
    const char *secret_key = value(visit->profile, "aws_secret_access_key");
    const char *token = value(visit->profile, "aws_session_token");
    if (access_key == NULL || secret_key == NULL)
        return refuse(visit, err, "aws_access_key_id or aws_secret_access_key is missing");
    if (token == NULL)
        token = value(visit->profile, "aws_security_token");
    struct creds *creds = creds_new(access_key, secret_key, token, 0);
    struct creds_provider *provider = creds_static(creds);
    creds_drop(creds);
    return provider;
}

static bool is_visited(const struct visit *visit, const char *name)
{
    for (; visit != NULL; visit = visit->from) {
        if (strcmp(visit->name, name) == 0)
            return true;
    }
    return false;
}

/* A profile may name itself as the source, to use its own keys. Any other repetition is a cycle. */
static struct creds_provider *source_profile(const struct visit *visit, const char *name,
                                             struct err *err)
{
    const json_t *profile = json_object_get(visit->profiles, name);
    if (profile == NULL) {
        err_set(err, ERR_CREDS, "profile '%s': its source_profile '%s' does not exist", visit->name,
                name);
        return NULL;
    }
    bool own = strcmp(visit->name, name) == 0 && has_keys(profile);
    if ((is_visited(visit, name) && !own) || visit->depth >= MAX_CHAIN) {
        err_set(err, ERR_CREDS,
                "profile '%s': its source_profile '%s' leads back to itself, or is too long "
                "a chain",
                visit->name, name);
        return NULL;
    }
    struct creds_provider *source = resolve(visit->env, visit->profiles, name, visit, err);
    if (source == NULL && err->kind == ERR_NONE)
        err_set(err, ERR_CREDS, "profile '%s': its source_profile '%s' names no credentials",
                visit->name, name);
    return source;
}

static struct creds_provider *named_source(const struct visit *visit, const char *name,
                                           struct err *err)
{
    if (strcmp(name, "Environment") == 0)
        return creds_environment(visit->env);
    if (strcmp(name, "EcsContainer") == 0)
        return creds_container(visit->env);
    if (strcmp(name, "Ec2InstanceMetadata") == 0)
        return creds_imds(visit->env);
    err_set(err, ERR_CREDS,
            "profile '%s': credential_source \"%s\" is not one of Environment, EcsContainer, "
            "Ec2InstanceMetadata",
            visit->name, name);
    return NULL;
}

static struct creds_provider *role_source(const struct visit *visit, struct err *err)
{
    const char *profile = value(visit->profile, "source_profile");
    const char *source = value(visit->profile, "credential_source");
    if (profile != NULL && source != NULL)
        return refuse(visit, err, "it has both source_profile and credential_source: keep one");
    if (profile != NULL)
        return source_profile(visit, profile, err);
    if (source != NULL)
        return named_source(visit, source, err);
    return refuse(visit, err,
                  "it has role_arn, but neither source_profile nor credential_source says who "
                  "assumes the role");
}

static int read_role(const struct visit *visit, struct creds_sts_options *options, struct err *err)
{
    const char *duration = value(visit->profile, "duration_seconds");
    char *end = NULL;
    long seconds = duration != NULL ? strtol(duration, &end, 10) : 0;
    if (duration != NULL && (*end != '\0' || seconds < 1 || seconds > 43200)) {
        refuse(visit, err, "duration_seconds is not a number from 900 to 43200");
        return -1;
    }
    *options = (struct creds_sts_options){
        .assume = {.role_arn = value(visit->profile, "role_arn"),
                   .session_name = value(visit->profile, "role_session_name"),
                   .external_id = value(visit->profile, "external_id"),
                   .duration_s = (int)seconds},
        .region = value(visit->profile, "region"),
        .token_file = value(visit->profile, "web_identity_token_file"),
    };
    return 0;
}

static struct creds_provider *role_provider(const struct visit *visit, struct err *err)
{
    struct creds_sts_options options;
    if (value(visit->profile, "mfa_serial") != NULL)
        return refuse_interactive(visit, "requires an MFA code (mfa_serial)", err);
    if (read_role(visit, &options, err) != 0)
        return NULL;
    if (options.token_file != NULL)
        return creds_sts(visit->env, NULL, &options);
    struct creds_provider *source = role_source(visit, err);
    if (source == NULL)
        return NULL;
    struct creds_provider *provider = creds_sts(visit->env, source, &options);
    creds_provider_drop(source);
    return provider;
}

static bool uses_sso(const json_t *profile)
{
    static const char *const keys[] = {"sso_session", "sso_start_url", "sso_account_id",
                                       "sso_role_name"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (value(profile, keys[i]) != NULL)
            return true;
    }
    return false;
}

static struct creds_provider *choose(const struct visit *visit, struct err *err)
{
    const json_t *profile = visit->profile;
    const char *command = value(profile, "credential_process");
    bool keys = has_keys(profile);
    /* if this profile is the source of another, its own keys come first */
    if (value(profile, "role_arn") != NULL && !(keys && visit->from != NULL))
        return role_provider(visit, err);
    if (keys)
        return keys_provider(visit, err);
    if (uses_sso(profile))
        return refuse_interactive(visit, "uses SSO, which the engine does not support", err);
    if (value(profile, "login_session") != NULL)
        return refuse_interactive(visit, "uses a console login, which the engine does not support",
                                  err);
    return command != NULL ? creds_process(visit->env, visit->name, command) : NULL;
}

static struct creds_provider *resolve(const struct creds_env *env, const json_t *profiles,
                                      const char *name, const struct visit *from, struct err *err)
{
    const struct visit visit = {
        .env = env,
        .profiles = profiles,
        .profile = json_object_get(profiles, name),
        .name = name,
        .from = from,
        .depth = from != NULL ? from->depth + 1 : 0,
    };
    return choose(&visit, err);
}

struct creds_provider *creds_profile(const struct creds_env *env, const json_t *profiles,
                                     const char *name, struct err *err)
{
    err_clear(err);
    return resolve(env, profiles, name, NULL, err);
}
