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
static void await_last(struct gate_history *history, const json_t *group)
{
    size_t made = count_made(group);
    const json_t *step = json_array_get(steps_of(group), made - 1);
    if (made == 0 || json_object_get(group, "result") != NULL)
        return;
    if (clock_parse_rfc3339(json_get_string(step, "time", ""), &history->called_ms) != 0)
        history->called_ms = 0;
    history->awaited = json_object_get(step, "expected");
}

bool gate_history_init(struct gate_history *history, const json_t *fix)
{
    const json_t *before = json_object_get(fix, "before");
    const json_t *inverse = json_object_get(fix, "inverse");
    *history = (struct gate_history){.fix = fix, .made = count_made(fix)};
    if (!json_is_object(before))
        return false;
    history->parts = gate_parts(before, steps_of(fix));
    await_last(history, inverse != NULL && count_made(inverse) > 0 ? inverse : fix);
    return true;
}

void gate_history_clear(struct gate_history *history)
{
    json_decref(history->parts);
    history->parts = NULL;
}

const json_t *gate_history_state(const struct gate_history *history, size_t step)
{
    if (step == 0)
        return json_object_get(history->fix, "before");
    return json_object_get(json_array_get(steps_of(history->fix), step - 1), "expected");
}

/* Was the state at the end of the fix read after all of its steps had been made? */
static bool ended_complete(const struct gate_history *history)
{
    const json_t *steps = steps_of(history->fix);
    if (journal_result(history->fix) == JOURNAL_FIXED)
        return true;
    for (size_t i = 0; i < history->made; i++) {
        if (!json_get_bool(json_array_get(steps, i), "done", false))
            return false;
    }
    return true;
}

int gate_history_find(const struct gate_history *history, const json_t *found)
{
    /* Last state first: a step whose effect does not show in the state is undone too. */
    for (size_t made = history->made + 1; made-- > 0;) {
        if (gate_same_state(history->parts, found, gate_history_state(history, made)))
            return (int)made;
    }
    if (ended_complete(history) &&
        gate_same_state(history->parts, found, json_object_get(history->fix, "after")))
        return (int)history->made;
    return -1;
}

size_t gate_history_bound(const struct gate_history *history, size_t count, const char **why)
{
    for (; count > 0; count--) {
        const json_t *step = json_array_get(steps_of(history->fix), count - 1);
        *why = json_get_string(step, "irreversible", NULL);
        if (*why != NULL)
            return count;
    }
    *why = NULL;
    return 0;
}
