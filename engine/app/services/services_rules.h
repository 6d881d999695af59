/* Exception rules that are not in a file: EXCEPTIONS names an object (s3://bucket/key) or a
 * parameter (ssm:/name). They are read with the caller's own credentials, once by a command, and
 * again and again by a process with many runs. Serves services_policies; calls message. */
#ifndef APP_SERVICES_SERVICES_RULES_H
#define APP_SERVICES_SERVICES_RULES_H

#include "app/services/services.h"

struct exceptions_text;

/* Does this name such an object or parameter? */
bool services_rules_are_remote(const char *name);
/* Reads the rules, unless they were read some minutes ago, and waits for them. Sets `text`, which
 * is valid until the next call. */
void services_rules_read(struct services *services, struct exceptions_text *text);
void services_rules_free(struct services_rules *rules);

#endif
