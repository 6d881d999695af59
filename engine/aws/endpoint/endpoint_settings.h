/* Endpoint settings in the environment and the config file. Source: AWS SDKs and Tools Reference
 * Guide, "Service-specific endpoints" and "Dual-stack and FIPS endpoints". Serves endpoint and
 * creds_sts.
 *
 * `profile` holds the selected profile's settings from creds_profile_settings, or is NULL.
 * Variables take precedence over it. */
#ifndef AWS_ENDPOINT_ENDPOINT_SETTINGS_H
#define AWS_ENDPOINT_ENDPOINT_SETTINGS_H

#include <jansson.h>

#include "base/err.h"

enum endpoint_variant { ENDPOINT_USUAL = 0, ENDPOINT_FIPS = 1, ENDPOINT_DUAL_STACK = 2 };

/* AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, use_fips_endpoint and
 * use_dualstack_endpoint: both bits may be set. ERR_USAGE if one is neither true nor false. */
int endpoint_variant(const char *(*getenv)(const char *), const json_t *profile, unsigned *variant,
                     struct err *err);

/* The URL that replaces AWS's own endpoint for a service ("Elastic Load Balancing v2"), or NULL;
 * `source` names the setting, for errors. In this order: AWS_ENDPOINT_URL_<SERVICE>,
 * AWS_ENDPOINT_URL, the profile's section of services, its endpoint_url. */
const char *endpoint_own_url(const char *(*getenv)(const char *), const json_t *profile,
                             const char *service_id, const char **source);

/* Reports a URL together with FIPS or dual stack, which only AWS's own endpoints have. Returns
 * -1. */
int endpoint_refuse_both(const char *source, struct err *err);

#endif
