#include "testing/inverses.h"

#include "base/mem.h"
#include "testing/difference.h"

/* In the order in which they were made. */
static json_t *steps_of(const json_t *fixes)
{
    size_t i;
    json_t *fix, *steps = json_array();
    json_array_foreach (fixes, i, fix)
        json_array_extend(steps, json_object_get(fix, "steps"));
    return steps;
}

void inverses_compare(struct test_world *world, const json_t *changes, struct text_list *lines)
{
    struct err err = {0};
    size_t i;
    json_t *change;
    json_t *fixes = test_world_fixes(world, &err);
    if (fixes == NULL) {
        text_list_add(lines, err.message);
        return;
    }
    json_t *steps = steps_of(fixes);
    json_array_foreach (changes, i, change) {
        char *where = mem_printf("repair: changes[%zu].undo", i + 1);
        difference(where, json_object_get(change, "undo"),
                   json_object_get(json_array_get(steps, i), "undo"), lines);
        mem_free(where);
    }
    json_decref(steps);
    json_decref(fixes);
}
