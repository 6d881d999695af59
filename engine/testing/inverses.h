/* Compares the inverses of the steps that a repair made with those that a case names, where nothing
 * is undone because a change is irreversible. Serves test_case. */
#ifndef TESTING_INVERSES_H
#define TESTING_INVERSES_H

#include "testing/test_world.h"

/* Adds a line for each difference, or the reason why the steps could not be read. */
void inverses_compare(struct test_world *world, const json_t *changes, struct text_list *lines);

#endif
