/* Writes the policy and the tests that `engine new` makes. Serves cmd_new. */
#ifndef GENERATE_NEW_POLICY_TEXT_H
#define GENERATE_NEW_POLICY_TEXT_H

#include "base/buf.h"
#include "generate/new_policy.h"

void new_policy_text(const struct new_policy *policy, const char *type, struct buf *out);
/* A good resource, a bad one, one that is gone, and the listing. */
void new_policy_tests(const struct new_policy *policy, const char *type, struct buf *out);

#endif
