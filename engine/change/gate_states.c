#include "change/gate_states.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "journal/journal_result.h"
#include "value/json.h"

#define TAGS "tags"    /* the part of a state that policies give this name */
#define MAX_NAMES 1024 /* bytes of names of parts in a message */

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

static bool has_name(const json_t *names, const char *name)
{
    size_t i;
    json_t *one;
    json_array_foreach (names, i, one) {
        if (strcmp(json_string_value(one), name) == 0)
            return true;
    }
    return false;
}

static bool same_part(const char *name, const json_t *one, const json_t *other)
{
    const json_t *a = json_object_get(one, name), *b = json_object_get(other, name);
    return a == b || (a != NULL && b != NULL && json_equal(a, b));
}

bool gate_same_state(const json_t *parts, const json_t *one, const json_t *other)
{
    size_t i;
    json_t *part;
    if (!json_is_object(one) || !json_is_object(other))
        return false;
    json_array_foreach (parts, i, part) {
        if (!same_part(json_string_value(part), one, other))
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

/* Does a step lead to other tags? A step that leaves nothing to examine may drop them. */
static bool leads_to_tags(const json_t *fix)
{
    size_t i;
    json_t *step;
    const json_t *own = json_object_get(json_object_get(fix, "before"), TAGS);
    json_array_foreach (steps_of(fix), i, step) {
        const json_t *tags = json_object_get(json_object_get(step, "expected"), TAGS);
        if (tags != NULL && (own == NULL || !json_equal(tags, own)))
            return true;
    }
    return false;
}

/* A fix of one step need not say what it leads to. Then it set no tags only if it had its effect,
 * and the tags were those from before. */
static bool may_set_tags(const json_t *fix)
{
    const json_t *first = json_array_get(steps_of(fix), 0);
    const json_t *after = json_object_get(fix, "after");
    if (first == NULL || json_object_get(first, "expected") != NULL)
        return leads_to_tags(fix);
    return journal_result(fix) != JOURNAL_FIXED || after == NULL ||
           !same_part(TAGS, json_object_get(fix, "before"), after);
}

static void drop_name(json_t *names, const char *name)
{
    for (size_t i = json_array_size(names); i-- > 0;) {
        if (strcmp(json_string_value(json_array_get(names, i)), name) == 0)
            json_array_remove(names, i);
    }
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

bool gate_history_init(struct gate_history *history, const json_t *fix, const json_t *reads)
{
    const json_t *before = json_object_get(fix, "before");
    const json_t *inverse = json_object_get(fix, "inverse");
    *history = (struct gate_history){.fix = fix, .reads = reads, .made = count_made(fix)};
    if (!json_is_object(before))
        return false;
    history->parts = gate_parts(before, steps_of(fix));
    history->tags = may_set_tags(fix);
    if (!history->tags)
        drop_name(history->parts, TAGS);
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

/* A part that the policy always reads, and that neither the state before the fix nor its steps
 * mention. */
static bool is_extra(const struct gate_history *history, const char *name)
{
    return (history->tags || strcmp(name, TAGS) != 0) && !has_name(history->parts, name) &&
           !has_name(history->reads, name);
}

/* Could the calls have made this part, of which no step says so? If the state at the end of the fix
 * is known and lacks it, a newer policy reads it. */
static bool may_be_made(const struct gate_history *history, const char *name)
{
    const json_t *after = json_object_get(history->fix, "after");
    return after == NULL || json_object_get(after, name) != NULL ||
           gate_history_state(history, history->made) == NULL;
}

/* Has the one state such a part that is not the same in the other? */
static bool has_made_part(const struct gate_history *history, const json_t *one,
                          const json_t *other)
{
    const char *name;
    json_t *digest;
    json_object_foreach ((json_t *)(uintptr_t)one, name, digest) {
        if (is_extra(history, name) && may_be_made(history, name) && !same_part(name, one, other))
            return true;
    }
    return false;
}

bool gate_history_is(const struct gate_history *history, const json_t *found, const json_t *state)
{
    bool first = state == gate_history_state(history, 0);
    return gate_same_state(history->parts, found, state) &&
           !(first && history->made > 0 && has_made_part(history, found, state));
}

/* The state that was read at the end. */
static bool is_end(const struct gate_history *history, const json_t *found)
{
    const json_t *after = json_object_get(history->fix, "after");
    return ended_complete(history) && gate_same_state(history->parts, found, after) &&
           !has_made_part(history, found, after) && !has_made_part(history, after, found);
}

int gate_history_find(const struct gate_history *history, const json_t *found)
{
    /* Last state first: a step whose effect does not show in the state is undone too. */
    for (size_t made = history->made + 1; made-- > 0;) {
        if (gate_history_is(history, found, gate_history_state(history, made)))
            return (int)made;
    }
    return is_end(history, found) ? (int)history->made : -1;
}

/* ---- differences, for people ---- */

static size_t count_differing(const json_t *parts, const json_t *one, const json_t *other)
{
    size_t i, count = 0;
    json_t *part;
    json_array_foreach (parts, i, part)
        count += !same_part(json_string_value(part), one, other);
    return count;
}

static void add_name(struct buf *names, const char *name)
{
    buf_addf(names, "%s%s", names->len > 0 ? ", " : "", name);
}

static const json_t *nearest_state(const struct gate_history *history, const json_t *found)
{
    const json_t *nearest = gate_history_state(history, 0);
    size_t least = count_differing(history->parts, found, nearest);
    for (size_t made = 1; made <= history->made; made++) {
        const json_t *state = gate_history_state(history, made);
        size_t count = count_differing(history->parts, found, state);
        if (state != NULL && count <= least) {
            nearest = state;
            least = count;
        }
    }
    return nearest;
}

char *gate_history_differing(const struct gate_history *history, const json_t *found,
                             const json_t *state)
{
    size_t i;
    const char *name;
    json_t *part;
    struct buf names;
    const json_t *other = state != NULL ? state : nearest_state(history, found);
    buf_init(&names, MAX_NAMES);
    json_array_foreach (history->parts, i, part) {
        if (!same_part(json_string_value(part), found, other))
            add_name(&names, json_string_value(part));
    }
    json_object_foreach ((json_t *)(uintptr_t)found, name, part) {
        if (is_extra(history, name) && may_be_made(history, name))
            add_name(&names, name);
    }
    return buf_take(&names);
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
