/* Compares the state that each fix of a repair promised (its `after`) with the state that was read
 * at its end. A check may pass although they differ; but after a crash, undo would not recognize
 * the state, and the next check of the resource is planned against the promise. Serves
 * test_case. */
#ifndef TESTING_PROMISES_H
#define TESTING_PROMISES_H

#include "testing/test_world.h"

/* Adds a line for each fix that differs, or the reason why the fixes could not be read. */
void promises_compare(struct test_world *world, struct text_list *lines);

#endif
