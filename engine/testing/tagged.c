#include "testing/tagged.h"

#include "base/mem.h"
#include "testing/difference.h"
#include "value/json.h"

static void read_tags(struct test_world *world, const json_t *item, const json_t *expected,
                      struct text_list *lines)
{
    struct err err = {0};
    json_t *tags = test_world_tags(world, json_get_string(item, "id", ""), &err);
    if (err.kind == ERR_NONE) {
        difference("tags", expected, json_is_object(tags) ? tags : NULL, lines);
    } else {
        char *line = mem_printf("tags: %s", err.message);
        text_list_add(lines, line);
        mem_free(line);
    }
    json_decref(tags);
}

void tagged_compare(struct test_world *world, const json_t *item, json_t *called,
                    struct text_list *lines)
{
    const json_t *expected = json_object_get(item, "tags");
    if (expected == NULL)
        return;
    json_t *before = json_deep_copy(world->canned.called); /* what the audit called */
    read_tags(world, item, expected, lines);
    json_object_update(called, world->canned.called);
    json_object_clear(world->canned.called);
    json_object_update(world->canned.called, before);
    json_decref(before);
}
