#include "state/state_diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "value/json.h"

#define SUMMARY_MAX 300 /* bytes of a text that are kept, for the daily summary */

static bool is_fixed(const json_t *finding)
{
    return verdict_remediation(finding) == REMEDIATION_FIXED;
}

static bool is_over(const json_t *finding)
{
    return is_fixed(finding) || verdict_status(finding) == STATUS_COMPLIANT ||
           verdict_status(finding) == STATUS_GONE;
}

/* ---- the print: what counts as a change ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static json_t *settled(const json_t *value);

/* AWS promises no order for its lists. */
static json_t *settled_list(const json_t *list)
{
    size_t count = json_array_size(list);
    char **texts = mem_alloc((count + 1) * sizeof *texts);
    json_t *sorted = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *item = settled(json_array_get(list, i));
        texts[i] = json_text_canonical(item);
        json_decref(item);
    }
    qsort(texts, count, sizeof *texts, by_text);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(sorted, json_string_nocheck(texts[i]));
        mem_free(texts[i]);
    }
    mem_free(texts);
    return sorted;
}

/* A canonical form, equal for all equal values; only for comparison. */
static json_t *settled(const json_t *value)
{
    const char *key;
    json_t *member;
    if (json_is_array(value))
        return settled_list(value);
    if (!json_is_object(value))
        return json_incref((json_t *)(uintptr_t)value);
    json_t *object = json_object();
    json_object_foreach ((json_t *)(uintptr_t)value, key, member)
        json_object_set_new_nocheck(object, key, settled(member));
    return object;
}

/* The message of an error contains request ids and times; its code does not. Errors of the run
 * itself are not responses of AWS. */
static const char *words_of(const json_t *finding)
{
    const char *code = json_get_string(json_object_get(finding, "error"), "code", "");
    bool own = strcmp(finding_get(finding, "type"), "run") == 0;
    return own || verdict_status(finding) == STATUS_NON_COMPLIANT ? finding_get(finding, "summary")
                                                                  : code;
}

static void print_of(const json_t *finding, char hex[SHA256_HEX])
{
    static const char *const keys[] = {"status", "severity", "remediation", "held"};
    unsigned char digest[SHA256_BYTES];
    json_t *parts = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        finding_set(parts, keys[i], finding_get(finding, keys[i]));
    finding_set(parts, "words", words_of(finding));
    json_object_set_new(parts, "evidence", settled(json_object_get(finding, "evidence")));
    json_object_set(parts, "exemption", json_object_get(finding, "exemption"));
    if (json_object_get(finding, "plan") != NULL) /* the calls of an earlier plan would be held */
        json_object_set_new(parts, "steps", settled(json_object_get(finding, "steps")));
    char *text = json_text_canonical(parts);
    digest_sha256(text, strlen(text), digest);
    digest_hex(digest, sizeof digest, hex);
    mem_free(text);
    json_decref(parts);
}

/* ---- news ---- */

static enum state_news end_of(const json_t *known)
{
    if (known == NULL)
        return STATE_SAME;
    return json_get_bool(known, "open", false) ? STATE_NOTIFY : STATE_DROPPED;
}

enum state_news state_news(const json_t *known, const json_t *finding)
{
    char hex[SHA256_HEX];
    if (is_fixed(finding))
        return STATE_NOTIFY;
    if (is_over(finding))
        return end_of(known);
    if (!finding_is_notified(finding))
        return STATE_SAME;
    print_of(finding, hex);
    return strcmp(json_get_string(known, "print", ""), hex) == 0 ? STATE_SAME : STATE_NOTIFY;
}

static void keep_text(json_t *record, const char *key, const char *text)
{
    size_t length = strlen(text) < SUMMARY_MAX ? strlen(text) : SUMMARY_MAX;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    json_object_set_new(record, key, json_stringn_nocheck(text, length));
}

json_t *state_record(const json_t *known, const json_t *finding, int64_t now_s)
{
    static const char *const keys[] = {"title", "severity", "status", "remediation", "summary"};
    char hex[SHA256_HEX];
    if (is_over(finding))
        return NULL;
    json_t *record = json_object();
    print_of(finding, hex);
    finding_set(record, "print", hex);
    json_object_set_new(record, "open", json_boolean(verdict_status(finding) != STATUS_EXEMPT));
    json_object_set_new(record, "since", json_integer(json_get_integer(known, "since", now_s)));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        keep_text(record, keys[i], finding_get(finding, keys[i]));
    return record;
}

bool state_is_owed(const json_t *finding)
{
    return is_fixed(finding);
}

static json_t *short_finding(const json_t *finding, const char *summary)
{
    static const char *const keys[] = {"account", "region",   "type",   "id",          "check",
                                       "title",   "severity", "status", "remediation", "time"};
    json_t *owed = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        finding_set(owed, keys[i], finding_get(finding, keys[i]));
    keep_text(owed, "summary", summary);
    return owed;
}

json_t *state_owed(const json_t *finding)
{
    char *summary = mem_printf("%s (repaired at %s; notified late)",
                               finding_get(finding, "summary"), finding_get(finding, "time"));
    json_t *owed = short_finding(finding, summary);
    mem_free(summary);
    return owed;
}

json_t *state_started(const json_t *finding)
{
    char now[CLOCK_TEXT];
    clock_rfc3339(clock_stamp_ms(), now);
    char *summary = mem_printf("%s (its repair started at %s, and the check passes now)",
                               finding_get(finding, "summary"), now);
    json_t *started = short_finding(finding, summary);
    verdict_set_remediation(started, REMEDIATION_FIXED);
    mem_free(summary);
    return started;
}

enum state_end state_end(const json_t *finding)
{
    switch (verdict_status(finding)) {
    case STATUS_PENDING:
    case STATUS_UNKNOWN: return STATE_OPEN;
    case STATUS_COMPLIANT:
    case STATUS_GONE: return STATE_SHOWN;
    default: return STATE_OTHER;
    }
}

size_t state_open(const json_t *checks)
{
    size_t open = 0;
    const char *check;
    json_t *record;
    json_object_foreach ((json_t *)(uintptr_t)checks, check, record)
        open += json_get_bool(record, "open", false);
    return open;
}

/* ---- checks that do not apply any more ---- */

static bool is_among(const json_t *findings, const char *check)
{
    size_t i;
    json_t *finding;
    json_array_foreach (findings, i, finding) {
        if (strcmp(finding_get(finding, "check"), check) == 0)
            return true;
    }
    return false;
}

static json_t *lapsed_finding(const char *check, const json_t *record,
                              const struct resource *resource, const char *why)
{
    char now[CLOCK_TEXT];
    clock_rfc3339(clock_stamp_ms(), now);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "account",
                     resource->account, "region", resource->region, "type", resource->type, "id",
                     resource->id, "check", check, "title", json_get_string(record, "title", check),
                     "severity", json_get_string(record, "severity", "medium"), "status",
                     verdict_status_name(STATUS_COMPLIANT), "summary", why, "remediation",
                     verdict_remediation_name(REMEDIATION_NONE), "time", now);
}

json_t *state_lapsed(const json_t *checks, const json_t *findings, const struct resource *resource,
                     const char *why)
{
    const char *check;
    json_t *record;
    json_t *lapsed = json_array();
    json_object_foreach ((json_t *)(uintptr_t)checks, check, record) {
        if (!is_among(findings, check))
            json_array_append_new(lapsed, lapsed_finding(check, record, resource, why));
    }
    return lapsed;
}
