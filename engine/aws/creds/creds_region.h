/* Settings of the selected profile: its region and endpoints. Serves services; calls creds_ini. */
#ifndef AWS_CREDS_CREDS_REGION_H
#define AWS_CREDS_CREDS_REGION_H

#include <jansson.h>

#include "base/err.h"

struct creds_env;

/* The region of the selected profile (AWS_PROFILE, AWS_DEFAULT_PROFILE, "default"). NULL if the
 * profile sets none or the files cannot be read (the chain then reports why). Free with mem_free.
 */
char *creds_profile_region(const struct creds_env *env);

/* All settings of the selected profile. "services" holds the settings of each service, from the
 * section that the profile names. NULL without an error if there is no such profile; ERR_CREDS or
 * ERR_USAGE if a file cannot be parsed, or that section is missing. New reference. */
json_t *creds_profile_settings(const struct creds_env *env, struct err *err);

#endif
