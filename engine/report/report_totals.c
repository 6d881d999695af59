#include "report/report_totals.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "value/json.h"

struct naming {
    const char *key, *word;
};

/* In the order of enum verdict. */
static const struct naming verdicts[VERDICT_COUNT] = {
    {"failed", "failed"},       {"unknown", "unknown"},     {"pending", "pending"},
    {"held", "held"},           {"planned", "planned"},     {"available", "to repair"},
    {"none", "without repair"}, {"fixed", "fixed"},         {"exempt", "exempt"},
    {"gone", "gone"},           {"compliant", "compliant"},
};

static enum verdict by_key(const char *key, enum verdict otherwise)
{
    for (int i = 0; i < VERDICT_COUNT; i++) {
        if (strcmp(verdicts[i].key, key) == 0)
            return (enum verdict)i;
    }
    return otherwise;
}

enum verdict verdict_of(const json_t *finding)
{
    const char *status = finding_get(finding, "status");
    const char *remediation = finding_get(finding, "remediation");
    if (strcmp(remediation, "failed") == 0)
        return VERDICT_FAILED;
    if (strcmp(status, "non_compliant") == 0)
        return by_key(remediation, VERDICT_NONE);
    if (strcmp(status, "compliant") == 0 && strcmp(remediation, "fixed") == 0)
        return VERDICT_FIXED;
    return by_key(status, VERDICT_UNKNOWN);
}

const char *verdict_word(enum verdict verdict)
{
    return verdicts[verdict].word;
}

int severity_rank(const char *severity)
{
    static const char *const names[] = {"critical", "high", "medium", "low"};
    int rank = 0;
    while (rank < 4 && strcmp(names[rank], severity) != 0)
        rank++;
    return rank;
}

static const char *member(const json_t *finding, const char *object, const char *key)
{
    return json_get_string(json_object_get(finding, object), key, "");
}

const char *finding_why(const json_t *finding)
{
    switch (verdict_of(finding)) {
    case VERDICT_HELD: return finding_get(finding, "held");
    case VERDICT_EXEMPT: return member(finding, "exemption", "reason");
    case VERDICT_FAILED:
    case VERDICT_UNKNOWN: return member(finding, "error", "message");
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

/* FNV-1a over the parts, each with its end. */
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

uint64_t report_who(const struct resource *resource)
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
    enum verdict verdict = verdict_of(finding);
    if (strcmp(parts[3], "*") != 0) /* a place or the run: no resource */
        count_resource(totals, who_of(parts));
    totals->checks++;
    totals->by_verdict[verdict]++;
    if (verdict < VERDICT_FIXED)
        totals->open_by_severity[severity_rank(finding_get(finding, "severity"))]++;
}

void totals_add_compliant(struct report_totals *totals, uint64_t who, size_t count)
{
    count_resource(totals, who);
    totals->checks += count;
    totals->by_verdict[VERDICT_COMPLIANT] += count;
}

void totals_text(const struct report_totals *totals, struct buf *out)
{
    const char *before = ": ";
    buf_addf(out, "%zu resource%s \xc2\xb7 %zu check%s", totals->resources,
             totals->resources == 1 ? "" : "s", totals->checks, totals->checks == 1 ? "" : "s");
    for (int i = 0; i < VERDICT_COUNT; i++) {
        if (totals->by_verdict[i] == 0)
            continue;
        buf_addf(out, "%s%zu %s", before, totals->by_verdict[i], verdicts[i].word);
        before = ", ";
    }
}
