#include "testing/inverses.h"

#include "base/mem.h"
#include "testing/difference.h"

void inverses_compare(struct test_world *world, const json_t *changes, struct text_list *lines)
{
    struct err err = {0};
    size_t i;
    json_t *change;
    json_t *steps = test_world_steps(world, &err);
    if (steps == NULL) {
        text_list_add(lines, err.message);
        return;
    }
    json_array_foreach (changes, i, change) {
        char *where = mem_printf("repair: changes[%zu].undo", i + 1);
        difference(where, json_object_get(change, "undo"),
                   json_object_get(json_array_get(steps, i), "undo"), lines);
        mem_free(where);
    }
    json_decref(steps);
}
