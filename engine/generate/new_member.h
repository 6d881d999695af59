/* Finds the member of an answer that an example check can look at. Serves new_policy. */
#ifndef GENERATE_NEW_MEMBER_H
#define GENERATE_NEW_MEMBER_H

#include <stdbool.h>

#include "aws/model/model.h"
#include "base/err.h"

struct new_policy;

/* The member of an answer that describes the resource: a structure named like the noun, or the only
 * member, if it is a structure. NULL: the answer itself does. */
const char *new_member_body(const struct model *model, model_shape output, const char *noun);
/* Is the member of that name a string? */
bool new_member_is_text(const struct model *model, model_shape structure, const char *name);
/* Sets policy->member and policy->check. ERR_USAGE if there is no suitable member. */
int new_member_choose(struct new_policy *policy, struct err *err);

#endif
