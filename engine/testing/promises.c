#include "testing/promises.h"

#include <stdbool.h>

#include "base/buf.h"
#include "base/mem.h"
#include "journal/journal_result.h"
#include "value/json.h"

#define MAX_NAMES 4096

/* States are digests by part. A part that only `found` has was not read before; one that `found`
 * lacks need not have been read again. */
static bool differs(const json_t *before, const json_t *promised, const json_t *found,
                    const char *part)
{
    const json_t *one = json_object_get(promised, part), *other = json_object_get(found, part);
    if (one == NULL)
        return json_object_get(before, part) != NULL;
    return !json_equal(one, other);
}

static void add_differing(const json_t *fix, const json_t *promised, struct buf *names)
{
    const char *part;
    json_t *digest;
    json_object_foreach (json_object_get(fix, "after"), part, digest) {
        if (differs(json_object_get(fix, "before"), promised, json_object_get(fix, "after"), part))
            buf_addf(names, "%s%s", names->len > 0 ? ", " : "", part);
    }
}

static void compare(const json_t *fix, struct text_list *lines)
{
    const json_t *steps = json_object_get(fix, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    const json_t *promised = json_object_get(last, "expected");
    struct buf names;
    if (promised == NULL || journal_result(fix) != JOURNAL_FIXED)
        return; /* without `after`, nothing is promised */
    buf_init(&names, MAX_NAMES);
    add_differing(fix, promised, &names);
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
        compare(fix, lines);
    json_decref(fixes);
}
