#include "aws/endpoint/endpoint_settings.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "value/json.h"

#define MAX_NAME 128

typedef const char *(*variables)(const char *name);

static const char *variable(variables getenv, const char *name)
{
    const char *value = getenv != NULL ? getenv(name) : NULL;
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* The value of a variable, else of the profile's setting. */
static const char *setting(variables getenv, const json_t *profile, const char *name,
                           const char *key)
{
    const char *value = variable(getenv, name);
    return value != NULL ? value : json_get_string(profile, key, "");
}

static int read_switch(const char *name, const char *key, const char *text, unsigned bit,
                       unsigned *variant, struct err *err)
{
    if (strcasecmp(text, "true") == 0)
        *variant |= bit;
    else if (text[0] != '\0' && strcasecmp(text, "false") != 0)
        return err_set(err, ERR_USAGE, "%s (%s in the profile): \"%s\" is neither true nor false",
                       name, key, text);
    return 0;
}

int endpoint_variant(variables getenv, const json_t *profile, unsigned *variant, struct err *err)
{
    static const struct {
        const char *name, *key;
        unsigned bit;
    } switches[] = {{"AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", ENDPOINT_FIPS},
                    {"AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", ENDPOINT_DUAL_STACK}};
    *variant = ENDPOINT_USUAL;
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        const char *text = setting(getenv, profile, switches[i].name, switches[i].key);
        if (read_switch(switches[i].name, switches[i].key, text, switches[i].bit, variant, err) !=
            0)
            return -1;
    }
    return 0;
}

/* "Elastic Load Balancing v2" is AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2 as a variable, and
 * elastic_load_balancing_v2 in a section of services. */
static void service_name(const char *service_id, int (*letter)(int), char out[MAX_NAME])
{
    size_t at = 0;
    for (; *service_id != '\0' && at + 1 < MAX_NAME; service_id++) {
        char c = *service_id;
        out[at++] = c == ' ' || c == '-' ? '_' : (char)letter((unsigned char)c);
    }
    out[at] = '\0';
}

static const char *url_of_environment(variables getenv, const char *service_id, const char **source)
{
    char service[MAX_NAME], name[2 * MAX_NAME];
    service_name(service_id, toupper, service);
    snprintf(name, sizeof name, "AWS_ENDPOINT_URL_%s", service);
    const char *own = variable(getenv, name);
    *source = "AWS_ENDPOINT_URL";
    return own != NULL ? own : variable(getenv, "AWS_ENDPOINT_URL");
}

static const char *url_of_profile(const json_t *profile, const char *service_id,
                                  const char **source)
{
    char service[MAX_NAME];
    service_name(service_id, tolower, service);
    const json_t *services = json_object_get(profile, "services");
    const char *own = json_get_string(json_object_get(services, service), "endpoint_url", "");
    const char *all = json_get_string(profile, "endpoint_url", "");
    *source = "endpoint_url in the config file";
    if (own[0] != '\0')
        return own;
    return all[0] != '\0' ? all : NULL;
}

const char *endpoint_own_url(variables getenv, const json_t *profile, const char *service_id,
                             const char **source)
{
    const char *ignored = setting(getenv, profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                  "ignore_configured_endpoint_urls");
    if (strcasecmp(ignored, "true") == 0)
        return NULL;
    const char *url = url_of_environment(getenv, service_id, source);
    return url != NULL ? url : url_of_profile(profile, service_id, source);
}

int endpoint_refuse_both(const char *source, struct err *err)
{
    return err_set(
        err, ERR_USAGE,
        "%s is set together with AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT (or their "
        "settings in the profile), which select endpoints of AWS: unset one of them",
        source);
}
