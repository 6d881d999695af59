#include "policy/verdict.h"

#include <string.h>

#include "value/json.h"

#define COUNT(names) (sizeof(names) / sizeof(names)[0])

static const char *const statuses[] = {
    [STATUS_UNKNOWN] = "unknown",
    [STATUS_COMPLIANT] = "compliant",
    [STATUS_NON_COMPLIANT] = "non_compliant",
    [STATUS_EXEMPT] = "exempt",
    [STATUS_PENDING] = "pending",
    [STATUS_GONE] = "gone",
    [STATUS_RESOLVED] = "resolved",
    [STATUS_SKIPPED] = "skipped",
};
static const char *const remediations[] = {
    [REMEDIATION_NONE] = "none",       [REMEDIATION_AVAILABLE] = "available",
    [REMEDIATION_PLANNED] = "planned", [REMEDIATION_FIXED] = "fixed",
    [REMEDIATION_FAILED] = "failed",   [REMEDIATION_HELD] = "held",
};
static const char *const fixes[] = {
    [FIX_UNASKED] = "",    [FIX_NONE] = "none", [FIX_STEPS] = "steps",   [FIX_COVERED] = "covered",
    [FIX_WAITS] = "waits", [FIX_HELD] = "held", [FIX_FAILED] = "failed",
};
static const char *const states[] = {
    [STATE_NONE] = "",
    [STATE_OK] = "ok",
    [STATE_GONE] = "gone",
    [STATE_LATER] = "later",
};

static const char *const marks[] = {
    [MARK_NONE] = "",
    [MARK_NEW] = "new",
    [MARK_UNCHANGED] = "unchanged",
    [MARK_RESOLVED] = "resolved",
};

/* Index of a name; 0, the value for unknown words, if the name is not found. */
static size_t find(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; name != NULL && i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return 0;
}

static const char *member(const json_t *object, const char *key)
{
    return json_get_string(object, key, NULL);
}

static void set(json_t *object, const char *key, const char *name)
{
    json_object_set_new_nocheck(object, key, json_string_nocheck(name));
}

const char *verdict_status_name(enum verdict_status status)
{
    return statuses[status];
}

enum verdict_status verdict_status_parse(const char *name)
{
    return (enum verdict_status)find(statuses, COUNT(statuses), name);
}

enum verdict_status verdict_status(const json_t *finding)
{
    return verdict_status_parse(member(finding, "status"));
}

void verdict_set_status(json_t *finding, enum verdict_status status)
{
    set(finding, "status", verdict_status_name(status));
}

const char *verdict_remediation_name(enum verdict_remediation remediation)
{
    return remediations[remediation];
}

enum verdict_remediation verdict_remediation(const json_t *finding)
{
    const char *name = member(finding, "remediation");
    return (enum verdict_remediation)find(remediations, COUNT(remediations), name);
}

void verdict_set_remediation(json_t *finding, enum verdict_remediation remediation)
{
    set(finding, "remediation", verdict_remediation_name(remediation));
}

enum verdict_fix verdict_fix(const json_t *entry)
{
    return (enum verdict_fix)find(fixes, COUNT(fixes), member(entry, "fix"));
}

enum verdict_state verdict_state(const json_t *outcome)
{
    return (enum verdict_state)find(states, COUNT(states), member(outcome, "state"));
}

const char *verdict_mark_name(enum verdict_mark mark)
{
    return marks[mark];
}

enum verdict_mark verdict_mark(const json_t *finding)
{
    return (enum verdict_mark)find(marks, COUNT(marks), member(finding, "baseline"));
}

void verdict_set_mark(json_t *finding, enum verdict_mark mark)
{
    set(finding, "baseline", verdict_mark_name(mark));
}

int severity_rank(const char *severity)
{
    static const char *const names[] = {"critical", "high", "medium", "low"};
    int rank = 0;
    while (rank < SEVERITY_OTHER && strcmp(names[rank], severity) != 0)
        rank++;
    return rank;
}
