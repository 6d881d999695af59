/* Which lines an event may make. Serves translate and translate_hub. */
#ifndef INTAKE_TRANSLATE_LINE_H
#define INTAKE_TRANSLATE_LINE_H

#include <stdbool.h>

#include "accounts/context.h"
#include "base/err.h"
#include "policy/resource.h"

/* Is the policy's type among --types? */
bool translate_wants(const struct context *context, const struct policy *policy);
/* No AWS id contains a line break or another control character, and such an id could mislead a
 * reader of the output. Returns -1 with err if this one does. */
int translate_check_id(const struct resource *resource, struct err *err);
/* Is it an account id? */
bool translate_is_account(const char *text);
/* {"type":"poll",…}: asks for the listing of the type in that account and region. New; NULL if the
 * policy cannot list. */
json_t *translate_listing(const struct context *context, const struct policy *policy,
                          const char *account, const char *region);

#endif
