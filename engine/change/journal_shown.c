#include "change/journal_shown.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "journal/journal_result.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

#define TEXT_MAX (1u << 20)

/* How many steps of a fix there are of each kind. A step that was refused was not made. */
struct counts {
    size_t made, refused, inverses;
};

static struct counts count_steps(const json_t *fix)
{
    struct counts counts = {0};
    size_t i;
    json_t *step;
    json_array_foreach (json_object_get(fix, "steps"), i, step) {
        bool refused = json_get_bool(step, "refused", false);
        counts.refused += refused;
        counts.made += !refused;
        counts.inverses += !refused && json_object_get(step, "undo") != NULL;
    }
    return counts;
}

static bool is_undone(const json_t *fix)
{
    return json_get_bool(fix, "undone", false) ||
           journal_result(json_object_get(fix, "inverse")) == JOURNAL_UNDONE;
}

/* ---- words ---- */

static void add_result(struct buf *out, const json_t *fix, const struct counts *counts)
{
    const char *result = journal_result_name(journal_result(fix));
    if (counts->made == 0)
        buf_adds(out, "nothing was changed");
    else
        buf_adds(out, result[0] != '\0' ? result : "the result is not known");
    buf_addf(out, " on %s", json_get_string(fix, "time", "an unknown day"));
}

static void add_caller(struct buf *out, const json_t *group)
{
    const char *caller = json_get_string(json_object_get(group, FINDING_MADE_BY), "caller", NULL);
    if (caller != NULL)
        buf_addf(out, " by %s", caller);
}

static void add_calls(struct buf *out, const struct counts *counts)
{
    buf_addf(out, ": %zu call%s", counts->made, counts->made == 1 ? "" : "s");
    if (counts->refused > 0)
        buf_addf(out, ", %zu refused", counts->refused);
}

static void add_undo(struct buf *out, const json_t *fix, const struct counts *counts)
{
    const json_t *inverse = json_object_get(fix, "inverse");
    const char *result = journal_result_name(journal_result(inverse));
    if (is_undone(fix)) {
        buf_adds(out, "; undone");
        if (inverse != NULL)
            buf_addf(out, " on %s", json_get_string(inverse, "time", "an unknown day"));
        add_caller(out, inverse);
        return;
    }
    if (inverse != NULL)
        buf_addf(out, "; engine undo: %s", result[0] != '\0' ? result : "the result is not known");
    if (counts->made == 0)
        return;
    if (counts->inverses == counts->made)
        buf_adds(out, "; can be undone");
    else if (counts->inverses > 0)
        buf_addf(out, "; %zu of its calls can be undone", counts->inverses);
    else
        buf_adds(out, "; cannot be undone");
}

static json_t *summary_of(const json_t *fix)
{
    struct buf text;
    const struct counts counts = count_steps(fix);
    const char *damage = json_get_string(fix, "damage", NULL);
    buf_init(&text, TEXT_MAX);
    if (damage != NULL) {
        buf_adds(&text, damage);
    } else {
        add_result(&text, fix, &counts);
        add_caller(&text, fix);
        add_calls(&text, &counts);
        add_undo(&text, fix, &counts);
    }
    json_t *summary = json_stringn_nocheck(buf_text(&text), text.len);
    buf_clear(&text);
    return summary;
}

/* ---- the finding ---- */

/* After an undo, what was wrong is wrong again. */
static void set_verdict(json_t *finding, const json_t *fix)
{
    enum verdict_remediation remediation = REMEDIATION_FAILED;
    enum journal_result result = journal_result(fix);
    verdict_set_status(finding, STATUS_NON_COMPLIANT);
    if (json_object_get(fix, "damage") != NULL)
        verdict_set_status(finding, STATUS_UNKNOWN);
    else if (is_undone(fix))
        remediation = REMEDIATION_AVAILABLE;
    else if (result == JOURNAL_FIXED)
        remediation = REMEDIATION_FIXED;
    else if (result == JOURNAL_PENDING)
        verdict_set_status(finding, STATUS_PENDING);
    verdict_set_remediation(finding, result == JOURNAL_PENDING && !is_undone(fix) ? REMEDIATION_NONE
                                                                                  : remediation);
}

json_t *journal_shown(const json_t *fix)
{
    static const char *const keys[] = {"account", "region", "type", "id", "check"};
    static const char *const shared[] = {"steps", "time", "fix", "plan", FINDING_MADE_BY};
    json_t *finding = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        finding_set(finding, keys[i], json_get_string(fix, keys[i], "?"));
    finding_set(finding, "title", "");
    finding_set(finding, "severity", "");
    json_object_set_new(finding, "summary", summary_of(fix));
    set_verdict(finding, fix);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        json_t *value = json_object_get(fix, shared[i]);
        if (value != NULL)
            json_object_set(finding, shared[i], value);
    }
    return finding;
}
