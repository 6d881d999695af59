/* The settings of the chosen profile: its region, its endpoints. Serves services; calls creds_ini.
 */
#ifndef AWS_CREDS_CREDS_REGION_H
#define AWS_CREDS_CREDS_REGION_H

#include <jansson.h>

#include "base/err.h"

struct creds_env;

/* The region of the chosen profile (AWS_PROFILE, "default"), NULL when it names none or the files
 * cannot be read (the chain then says why). mem_free. */
char *creds_profile_region(const struct creds_env *env);

/* All settings of the chosen profile; "services" holds what the section that it names says of each
 * service. NULL without an error when there is no such profile; ERR_CREDS or ERR_USAGE when a file
 * cannot be understood, or lacks that section. New reference. */
json_t *creds_profile_settings(const struct creds_env *env, struct err *err);

#endif
