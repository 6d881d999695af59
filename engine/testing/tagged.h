/* Compares the tags that a policy reads with those that a case names. No check may read them: then
 * nothing else of a test calls the policy's function `tags`. Serves test_case. */
#ifndef TESTING_TAGGED_H
#define TESTING_TAGGED_H

#include "testing/test_world.h"

/* Adds a line for each difference, or the reason why there are no tags, and adds the operations to
 * `called`. Does nothing if the case names no tags. */
void tagged_compare(struct test_world *world, const json_t *item, json_t *called,
                    struct text_list *lines);

#endif
