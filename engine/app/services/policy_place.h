/* The files of policies that a command names. Serves the commands that work on the files
 * themselves. */
#ifndef APP_SERVICES_POLICY_PLACE_H
#define APP_SERVICES_POLICY_PLACE_H

#include "app/services/services.h"

/* The policy's file as a path that can be opened; its `file` has only the last folder. mem_free. */
char *policy_place_of(const struct services *services, const struct policy *policy);
/* The file that a path, a file name, a type or an alias names, as with --policy. NULL if there is
 * none; err is set if the policies cannot be loaded, which types and aliases require. mem_free. */
char *policy_place_named(const struct services *services, const char *name, struct err *err);

#endif
