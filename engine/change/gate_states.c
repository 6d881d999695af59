#include "change/gate_states.h"

#include <string.h>

#include "base/clock.h"
#include "journal/journal_result.h"
#include "value/json.h"

static void add_parts(json_t *seen, json_t *parts, const json_t *state)
{
    const char *name;
    json_t *digest;
    json_object_foreach ((json_t *)(uintptr_t)state, name, digest) {
        if (json_object_get(seen, name) == NULL)
            json_array_append_new(parts, json_string(name));
        json_object_set(seen, name, digest);
    }
}

json_t *gate_parts(const json_t *before, const json_t *steps)
{
    size_t i;
    json_t *step;
    json_t *parts = json_array(), *seen = json_object();
    add_parts(seen, parts, before);
    json_array_foreach (steps, i, step)
        add_parts(seen, parts, json_object_get(step, "expected"));
    json_decref(seen);
    return parts;
}

bool gate_same_state(const json_t *parts, const json_t *one, const json_t *other)
{
    size_t i;
    json_t *part;
    if (!json_is_object(one) || !json_is_object(other))
        return false;
    json_array_foreach (parts, i, part) {
        const char *name = json_string_value(part);
        const json_t *a = json_object_get(one, name), *b = json_object_get(other, name);
        if ((a == NULL) != (b == NULL) || (a != NULL && !json_equal(a, b)))
            return false;
    }
    return true;
}

const json_t *gate_state_found(const json_t *outcome)
{
    return json_object_get(outcome, "unread") == NULL ? json_object_get(outcome, "digests") : NULL;
}

/* ---- a fix to be undone ---- */

static const json_t *steps_of(const json_t *group)
{
    return json_object_get(group, "steps");
}

static size_t count_made(const json_t *group)
{
    size_t made = 0;
    const json_t *steps = steps_of(group);
    while (made < json_array_size(steps) &&
           !json_get_bool(json_array_get(steps, made), "refused", false))
        made++;
    return made;
}

/* The result that a group of calls without an end line is still waiting for. */
static void await_last(struct gate_way *way, const json_t *group)
{
    size_t made = count_made(group);
    const json_t *step = json_array_get(steps_of(group), made - 1);
    if (made == 0 || json_object_get(group, "result") != NULL)
        return;
    if (clock_parse_rfc3339(json_get_string(step, "time", ""), &way->called_ms) != 0)
        way->called_ms = 0;
    way->awaited = json_object_get(step, "expected");
}

bool gate_way_init(struct gate_way *way, const json_t *fix)
{
    const json_t *before = json_object_get(fix, "before");
    const json_t *inverse = json_object_get(fix, "inverse");
    *way = (struct gate_way){.fix = fix, .made = count_made(fix)};
    if (!json_is_object(before))
        return false;
    way->parts = gate_parts(before, steps_of(fix));
    await_last(way, inverse != NULL && count_made(inverse) > 0 ? inverse : fix);
    return true;
}

void gate_way_clear(struct gate_way *way)
{
    json_decref(way->parts);
    way->parts = NULL;
}

const json_t *gate_way_state(const struct gate_way *way, size_t step)
{
    if (step == 0)
        return json_object_get(way->fix, "before");
    return json_object_get(json_array_get(steps_of(way->fix), step - 1), "expected");
}

/* Was the state at the end of the fix read after all its steps had been made? */
static bool ended_whole(const struct gate_way *way)
{
    const json_t *steps = steps_of(way->fix);
    if (journal_result(way->fix) == JOURNAL_FIXED)
        return true;
    for (size_t i = 0; i < way->made; i++) {
        if (!json_get_bool(json_array_get(steps, i), "done", false))
            return false;
    }
    return true;
}

int gate_way_find(const struct gate_way *way, const json_t *found)
{
    /* Last state first: a step whose effect does not show in the state is undone too. */
    for (size_t made = way->made + 1; made-- > 0;) {
        if (gate_same_state(way->parts, found, gate_way_state(way, made)))
            return (int)made;
    }
    if (ended_whole(way) && gate_same_state(way->parts, found, json_object_get(way->fix, "after")))
        return (int)way->made;
    return -1;
}

size_t gate_way_bound(const struct gate_way *way, size_t count, const char **why)
{
    for (; count > 0; count--) {
        const json_t *step = json_array_get(steps_of(way->fix), count - 1);
        *why = json_get_string(step, "irreversible", NULL);
        if (*why != NULL)
            return count;
    }
    *why = NULL;
    return 0;
}
