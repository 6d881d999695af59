#include "testing/promises.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "journal/journal_result.h"
#include "value/json.h"

#define MAX_NAMES 4096

struct promise {
    const json_t *before, *promised, *found; /* digests by part */
    const json_t *reads;                     /* names of the parts that are read on first use */
};

static bool is_read_on_use(const struct promise *promise, const char *part)
{
    size_t i;
    json_t *name;
    json_array_foreach (promise->reads, i, name) {
        if (strcmp(json_string_value(name), part) == 0)
            return true;
    }
    return false;
}

/* A part that is read on first use may be one that nothing used before. Parts that were read before
 * have been read again. */
static bool differs(const struct promise *promise, const char *part)
{
    const json_t *one = json_object_get(promise->promised, part);
    const json_t *other = json_object_get(promise->found, part);
    if (one == NULL && json_object_get(promise->before, part) == NULL)
        return other != NULL && !is_read_on_use(promise, part);
    return one == NULL || other == NULL ? one != other : !json_equal(one, other);
}

static void add_differing(const struct promise *promise, struct buf *names)
{
    const char *part;
    json_t *digest;
    json_t *all = json_copy((json_t *)(uintptr_t)promise->promised);
    json_object_update_missing(all, (json_t *)(uintptr_t)promise->found);
    json_object_foreach (all, part, digest) {
        if (differs(promise, part))
            buf_addf(names, "%s%s", names->len > 0 ? ", " : "", part);
    }
    json_decref(all);
}

static void compare(const json_t *fix, const json_t *reads, struct text_list *lines)
{
    const json_t *steps = json_object_get(fix, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    const json_t *promised = json_object_get(last, "expected");
    struct buf names;
    if (promised == NULL || journal_result(fix) != JOURNAL_FIXED)
        return; /* without `after`, nothing is promised */
    const struct promise promise = {.before = json_object_get(fix, "before"),
                                    .promised = promised,
                                    .found = json_object_get(fix, "after"),
                                    .reads = reads};
    buf_init(&names, MAX_NAMES);
    add_differing(&promise, &names);
    if (names.len > 0) {
        char *line = mem_printf("repair: %s: the state after the changes differs from the `after` "
                                "of the fix in: %s",
                                json_get_string(fix, "check", ""), buf_text(&names));
        text_list_add(lines, line);
        mem_free(line);
    }
    buf_clear(&names);
}

void promises_compare(struct test_world *world, struct text_list *lines)
{
    struct err err = {0};
    size_t i;
    json_t *fix;
    json_t *fixes = test_world_fixes(world, &err);
    if (fixes == NULL)
        text_list_add(lines, err.message);
    json_array_foreach (fixes, i, fix)
        compare(fix, json_object_get(world->policy->meta, "reads"), lines);
    json_decref(fixes);
}
