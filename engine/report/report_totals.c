#include "report/report_totals.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "policy/verdict.h"
#include "value/json.h"

static const char *const words[TOTAL_COUNT] = {
    [TOTAL_FAILED] = "failed",       [TOTAL_UNKNOWN] = "unknown",
    [TOTAL_PENDING] = "pending",     [TOTAL_HELD] = "held",
    [TOTAL_PLANNED] = "planned",     [TOTAL_AVAILABLE] = "to repair",
    [TOTAL_NONE] = "without repair", [TOTAL_FIXED] = "fixed",
    [TOTAL_EXEMPT] = "exempt",       [TOTAL_GONE] = "gone",
    [TOTAL_COMPLIANT] = "compliant",
};

/* As findings say it: a status, or the result of a repair. */
static const char *const names[TOTAL_COUNT] = {
    [TOTAL_FAILED] = "failed", [TOTAL_UNKNOWN] = "unknown",     [TOTAL_PENDING] = "pending",
    [TOTAL_HELD] = "held",     [TOTAL_PLANNED] = "planned",     [TOTAL_AVAILABLE] = "available",
    [TOTAL_NONE] = "none",     [TOTAL_FIXED] = "fixed",         [TOTAL_EXEMPT] = "exempt",
    [TOTAL_GONE] = "gone",     [TOTAL_COMPLIANT] = "compliant",
};

static enum total of_failing(enum verdict_remediation remediation)
{
    switch (remediation) {
    case REMEDIATION_NONE: return TOTAL_NONE;
    case REMEDIATION_AVAILABLE: return TOTAL_AVAILABLE;
    case REMEDIATION_PLANNED: return TOTAL_PLANNED;
    case REMEDIATION_FIXED: return TOTAL_FIXED;
    case REMEDIATION_FAILED: return TOTAL_FAILED;
    case REMEDIATION_HELD: return TOTAL_HELD;
    }
    return TOTAL_NONE;
}

enum total total_of(const json_t *finding)
{
    enum verdict_remediation remediation = verdict_remediation(finding);
    if (remediation == REMEDIATION_FAILED)
        return TOTAL_FAILED;
    switch (verdict_status(finding)) {
    case STATUS_COMPLIANT: return remediation == REMEDIATION_FIXED ? TOTAL_FIXED : TOTAL_COMPLIANT;
    case STATUS_NON_COMPLIANT: return of_failing(remediation);
    case STATUS_EXEMPT: return TOTAL_EXEMPT;
    case STATUS_PENDING: return TOTAL_PENDING;
    case STATUS_GONE: return TOTAL_GONE;
    default: return TOTAL_UNKNOWN;
    }
}

json_t *totals_json(const struct report_totals *totals)
{
    json_t *counts = json_pack("{s:I, s:I}", "resources", (json_int_t)totals->resources, "checks",
                               (json_int_t)totals->checks);
    for (int i = 0; i < TOTAL_COUNT; i++)
        json_object_set_new(counts, names[i], json_integer((json_int_t)totals->by_total[i]));
    return counts;
}

const char *total_word(enum total total)
{
    return words[total];
}

static const char *member(const json_t *finding, const char *object, const char *key)
{
    return json_get_string(json_object_get(finding, object), key, "");
}

const char *finding_why(const json_t *finding)
{
    switch (total_of(finding)) {
    case TOTAL_HELD: return finding_get(finding, "held");
    case TOTAL_EXEMPT: return member(finding, "exemption", "reason");
    case TOTAL_FAILED:
    case TOTAL_UNKNOWN: return member(finding, "error", "message");
    default: return "";
    }
}

void report_value(struct buf *out, const json_t *value)
{
    if (json_is_string(value))
        buf_add(out, json_string_value(value), json_string_length(value));
    else if (value != NULL && !json_is_null(value))
        json_write(value, out);
}

void report_fingerprint(const json_t *finding, char out[65])
{
    unsigned char digest[SHA256_BYTES];
    char *identity = finding_identity(NULL, finding);
    digest_sha256(identity, strlen(identity), digest);
    digest_hex(digest, sizeof digest, out);
    mem_free(identity);
}

/* FNV-1a over the parts, each with its terminator. */
static uint64_t who_of(const char *const parts[4])
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 4; i++) {
        const char *c = parts[i];
        do
            hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
        while (*c++ != '\0');
    }
    return hash;
}

uint64_t report_resource_hash(const struct resource *resource)
{
    const char *const parts[] = {resource->account, resource->region, resource->type, resource->id};
    return who_of(parts);
}

static void count_resource(struct report_totals *totals, uint64_t who)
{
    if (totals->last != who)
        totals->resources++;
    totals->last = who;
}

void totals_add(struct report_totals *totals, const json_t *finding)
{
    const char *const parts[] = {finding_get(finding, "account"), finding_get(finding, "region"),
                                 finding_get(finding, "type"), finding_get(finding, "id")};
    enum total total = total_of(finding);
    if (strcmp(parts[3], "*") != 0) /* a target or the run is not a resource */
        count_resource(totals, who_of(parts));
    totals->checks++;
    totals->by_total[total]++;
    totals->by_mark[verdict_mark(finding)]++;
    if (total == TOTAL_UNKNOWN)
        totals->unknown_by_cause[finding_cause(finding)]++;
    if (total < TOTAL_FIXED)
        totals->open_by_severity[severity_rank(finding_get(finding, "severity"))]++;
}

void totals_add_compliant(struct report_totals *totals, uint64_t who, size_t count)
{
    count_resource(totals, who);
    totals->checks += count;
    totals->by_total[TOTAL_COMPLIANT] += count;
}

static void marks_text(const struct report_totals *totals, struct buf *out)
{
    const char *before = "; since the baseline: ";
    for (int mark = MARK_NEW; mark < MARK_COUNT; mark++) {
        if (totals->by_mark[mark] == 0)
            continue;
        buf_addf(out, "%s%zu %s", before, totals->by_mark[mark],
                 verdict_mark_name((enum verdict_mark)mark));
        before = ", ";
    }
}

void totals_text(const struct report_totals *totals, struct buf *out)
{
    const char *before = ": ";
    buf_addf(out, "%zu resource%s \xc2\xb7 %zu check%s", totals->resources,
             totals->resources == 1 ? "" : "s", totals->checks, totals->checks == 1 ? "" : "s");
    for (int i = 0; i < TOTAL_COUNT; i++) {
        if (totals->by_total[i] == 0)
            continue;
        buf_addf(out, "%s%zu %s", before, totals->by_total[i], words[i]);
        before = ", ";
    }
    marks_text(totals, out);
}
