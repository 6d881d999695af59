#include "state/state_compare.h"

#include <string.h>

#include "policy/finding.h"
#include "state/state_diff.h"
#include "state/state_table_internal.h"
#include "value/json.h"

/* Polls run every day: after this time no poll lists the target any more. */
#define UNPOLLED_S (7 * STATE_DAY_S)

json_t *state_compare_checks(const struct state_compare *compare)
{
    return json_object_get(compare->content, "checks");
}

json_t *state_compare_owed(const struct state_compare *compare)
{
    return json_object_get(compare->content, "owed");
}

void state_compare_keep(struct state_compare *compare, const json_t *finding)
{
    const char *check = finding_get(finding, "check");
    json_t *checks = state_compare_checks(compare);
    json_t *record = state_record(json_object_get(checks, check), finding, state_now_s());
    if (record != NULL)
        json_object_set_new(checks, check, record);
    else
        json_object_del(checks, check);
}

void state_compare_add(struct state_compare *compare, json_t *finding, json_t *debt)
{
    json_array_append(compare->news, finding);
    json_array_append_new(compare->debts, debt != NULL ? json_incref(debt) : json_null());
}

void state_compare_clear(struct state_compare *compare)
{
    json_array_clear(compare->news);
    json_array_clear(compare->debts);
}

static json_t *started_of(const struct state_compare *compare)
{
    return json_object_get(compare->content, "begun");
}

static bool is_unmade(const struct state_compare *compare, const char *check)
{
    size_t i;
    json_t *unmade;
    json_array_foreach (compare->look.unmade, i, unmade) {
        if (strcmp(json_string_value(unmade), check) == 0)
            return true;
    }
    return false;
}

/* A repair that this audit or an earlier one began has its effect now, and was not notified. */
static void show(struct state_compare *compare, const char *check)
{
    json_object_del(json_object_get(started_of(compare), check), "until");
    state_compare_add(compare, json_object_get(started_of(compare), check), NULL);
    json_object_del(started_of(compare), check);
    json_object_del(state_compare_checks(compare), check);
}

/* The process that began the repair has audited it, and leaves its notification to later audits. */
static bool leave(json_t *started)
{
    bool left = json_object_get(started, "until") != NULL;
    json_object_del(started, "until");
    return left;
}

/* True if the finding itself needs no notification any more. */
static bool conclude(struct state_compare *compare, const json_t *finding, bool *dropped)
{
    const char *check = finding_get(finding, "check");
    bool unmade = is_unmade(compare, check);
    enum state_end end = state_end(finding);
    json_t *started = json_object_get(started_of(compare), check);
    if (started == NULL)
        return false;
    if (end == STATE_OPEN && !unmade) {
        *dropped |= leave(started);
        return false;
    }
    if (end == STATE_SHOWN && !unmade) {
        if (json_get_integer(started, "until", 0) <= state_now_s())
            show(compare, check);
        return true;
    }
    json_object_del(started_of(compare), check);
    *dropped = true;
    return false;
}

/* Adds news to the list; true if a change that needs no notification must be stored. */
static bool compare_some(struct state_compare *compare, const json_t *findings)
{
    size_t i;
    json_t *finding;
    bool dropped = false;
    json_array_foreach (findings, i, finding) {
        const char *check = finding_get(finding, "check");
        if (conclude(compare, finding, &dropped))
            continue;
        enum state_news news =
            state_news(json_object_get(state_compare_checks(compare), check), finding);
        if (news == STATE_NOTIFY)
            state_compare_add(compare, finding, NULL);
        if (news == STATE_DROPPED)
            state_compare_keep(compare, finding);
        dropped |= news == STATE_DROPPED;
    }
    return dropped;
}

static bool lapse(struct state_compare *compare, const json_t *kept, const json_t *findings,
                  const char *why)
{
    json_t *lapsed = state_lapsed(kept, findings, compare->look.resource, why);
    bool dropped = compare_some(compare, lapsed);
    json_decref(lapsed);
    return dropped;
}

/* If it were polled, a poll would have reported it too, because it still cannot be listed. */
static bool is_unpolled(const struct state_compare *compare)
{
    int64_t seen_s = json_get_integer(compare->content, "seen", 0);
    return compare->look.asked && json_object_size(state_compare_checks(compare)) > 0 &&
           seen_s < state_now_s() - UNPOLLED_S;
}

bool state_compare_all(struct state_compare *compare)
{
    size_t i;
    json_t *debt;
    state_compare_clear(compare);
    json_array_foreach (state_compare_owed(compare), i, debt)
        state_compare_add(compare, debt, debt);
    if (is_unpolled(compare))
        return lapse(compare, state_compare_checks(compare), NULL,
                     "no poll has reported it for 7 days: it is no longer polled");
    const json_t *findings = compare->look.findings;
    static const char lapsed[] = "the check no longer applies to it";
    bool dropped = compare_some(compare, findings);
    if (compare->look.whole) {
        dropped |= lapse(compare, started_of(compare), findings, lapsed);
        dropped |= lapse(compare, state_compare_checks(compare), findings, lapsed);
    }
    return dropped;
}
