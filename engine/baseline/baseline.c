#include "baseline/baseline.h"

#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "baseline/baseline_file.h"
#include "policy/finding.h"
#include "policy/finding_entry.h"
#include "policy/identity.h"
#include "policy/selection.h"
#include "policy/verdict.h"
#include "value/json.h"

#define BASELINE_MAX (256u << 20) /* bytes of the file */

struct baseline {
    const struct settings *settings;
    struct evaluator *evaluator;
    json_t *resources; /* by key: a struct known */
    json_t *listed;    /* keys of the types, accounts and regions that were listed */
    bool incomplete;   /* it says so itself */
};

/* How bad a finding is, from best to worst. */
enum standing { OVER, UNDETERMINED, EXEMPTED, FAILING };

/* A resource with open findings. There may be a million: account, type and id are in its key. */
struct known {
    bool seen;
    char *region;
    char *checks; /* each is a digit, its standing, then its name and a line feed */
};

static enum standing standing_of(const json_t *finding)
{
    bool fixed = verdict_remediation(finding) == REMEDIATION_FIXED;
    switch (verdict_status(finding)) {
    case STATUS_NON_COMPLIANT: return fixed ? OVER : FAILING;
    case STATUS_EXEMPT: return EXEMPTED;
    case STATUS_UNKNOWN:
    case STATUS_PENDING: return UNDETERMINED;
    default: return OVER;
    }
}

/* The parts as JSON text, so that different parts have different keys. */
static char *key_of(bool global, const char *account, const char *region, const char *type,
                    const char *id)
{
    json_t *parts = json_pack("[s, s, s, s]", account, global ? "" : region, type, id);
    char *key = json_text(parts);
    json_decref(parts);
    return key;
}

static char *finding_key(const json_t *finding)
{
    return key_of(json_get_bool(finding, "global", false), finding_get(finding, "account"),
                  finding_get(finding, "region"), finding_get(finding, "type"),
                  finding_get(finding, "id"));
}

/* JSON has no pointers, so an integer holds one. */
static struct known *known_of(const json_t *value)
{
    return (struct known *)(intptr_t)json_integer_value(value);
}

static struct known *known_at(const struct baseline *baseline, const char *key)
{
    return known_of(json_object_get(baseline->resources, key));
}

static struct known *add_known(struct baseline *baseline, const char *key, const char *region)
{
    struct known *known = mem_alloc(sizeof *known);
    *known = (struct known){.region = mem_strdup(region), .checks = mem_strdup("")};
    json_object_set_new_nocheck(baseline->resources, key,
                                json_integer((json_int_t)(intptr_t)known));
    return known;
}

/* The digit of the check's standing; NULL: it has no open finding. */
static char *standing_in(const struct known *known, const char *check)
{
    size_t length = strlen(check);
    for (char *at = known->checks; *at != '\0'; at = strchr(at, '\n') + 1) {
        if (strncmp(at + 1, check, length) == 0 && at[1 + length] == '\n')
            return at;
    }
    return NULL;
}

static void put_standing(struct known *known, const char *check, enum standing standing)
{
    char *digit = standing_in(known, check);
    if (digit != NULL) {
        *digit = (char)('0' + standing);
        return;
    }
    char *checks = mem_printf("%s%d%s\n", known->checks, (int)standing, check);
    mem_free(known->checks);
    known->checks = checks;
}

static void take(void *arg, const json_t *finding)
{
    struct baseline *baseline = arg;
    enum standing standing = standing_of(finding);
    baseline->incomplete |= strcmp(finding_get(finding, "check"), FINDING_RUN_COMPLETE) == 0;
    if (standing == OVER || strchr(finding_get(finding, "check"), '\n') != NULL)
        return; /* no check has such a name */
    char *key = finding_key(finding);
    struct known *known = known_at(baseline, key);
    if (known == NULL)
        known = add_known(baseline, key, finding_get(finding, "region"));
    put_standing(known, finding_get(finding, "check"), standing);
    mem_free(key);
}

struct baseline *baseline_open(const char *path, const struct settings *settings,
                               struct evaluator *evaluator, struct err *err)
{
    struct baseline *baseline = mem_alloc(sizeof *baseline);
    *baseline = (struct baseline){.settings = settings,
                                  .evaluator = evaluator,
                                  .resources = json_object(),
                                  .listed = json_object()};
    char *name = mem_printf("--baseline: %s", path);
    int result = baseline_file_read(path, name, BASELINE_MAX,
                                    &(struct baseline_taker){.take = take, .arg = baseline}, err);
    mem_free(name);
    if (result != 0) {
        baseline_free(baseline);
        return NULL;
    }
    if (baseline->incomplete)
        log_warn("--baseline: %s: that run was incomplete, so what it did not audit is new", path);
    return baseline;
}

void baseline_free(struct baseline *baseline)
{
    const char *key;
    json_t *value;
    if (baseline == NULL)
        return;
    json_object_foreach (baseline->resources, key, value) {
        struct known *known = known_of(value);
        mem_free(known->region);
        mem_free(known->checks);
        mem_free(known);
    }
    json_decref(baseline->resources);
    json_decref(baseline->listed);
    mem_free(baseline);
}

static enum standing standing_before(struct baseline *baseline, const json_t *finding)
{
    char *key = finding_key(finding);
    const struct known *known = known_at(baseline, key);
    mem_free(key);
    const char *digit = known != NULL ? standing_in(known, finding_get(finding, "check")) : NULL;
    return digit != NULL ? (enum standing)(*digit - '0') : OVER;
}

static char *entry_key(const char *account)
{
    return key_of(true, account, "", FINDING_ENTRY_TYPE, "*");
}

/* Its role was removed during the run: the finding is open, although something was read before. */
static void note_refused(struct baseline *baseline, const char *account)
{
    char *key = entry_key(account);
    json_object_del(baseline->listed, key);
    mem_free(key);
}

void baseline_mark(struct baseline *baseline, json_t *finding)
{
    enum standing before = standing_before(baseline, finding), now = standing_of(finding);
    bool fixed = verdict_remediation(finding) == REMEDIATION_FIXED;
    if (now == OVER && before != OVER)
        verdict_set_mark(finding, MARK_RESOLVED);
    else if (now != OVER || fixed)
        verdict_set_mark(finding, now > before || fixed ? MARK_NEW : MARK_UNCHANGED);
    if (now != OVER && strcmp(finding_get(finding, "type"), FINDING_ENTRY_TYPE) == 0)
        note_refused(baseline, finding_get(finding, "account"));
}

void baseline_note_seen(struct baseline *baseline, const struct policy *policy,
                        const struct resource *resource)
{
    char *key =
        key_of(policy->global, resource->account, resource->region, policy->type, resource->id);
    struct known *known = known_at(baseline, key);
    if (known != NULL)
        known->seen = true;
    mem_free(key);
}

void baseline_note_listed(struct baseline *baseline, const struct policy *policy,
                          const char *account, const char *region)
{
    char *key = key_of(policy->global, account, region, policy->type, "*");
    json_object_set_new_nocheck(baseline->listed, key, json_true());
    mem_free(key);
}

void baseline_note_entered(struct baseline *baseline, const struct resource *place)
{
    char *key = entry_key(place->account);
    json_object_set_new_nocheck(baseline->listed, key, json_true());
    mem_free(key);
}

/* A resource of a global type may have a region of its own (a bucket), and --regions chooses by
 * it. Those of other global types are listed in the master region, whatever --regions says. */
static bool is_chosen(const struct settings *settings, const struct policy *policy,
                      const char *region)
{
    return !policy->global || !identity_has_region(policy) || settings->regions.count == 0 ||
           text_list_has(&settings->regions, region);
}

static bool was_listed(const struct baseline *baseline, const struct policy *policy,
                       const struct resource *resource)
{
    char *key = key_of(policy->global, resource->account, resource->region, policy->type, "*");
    bool listed = json_object_get(baseline->listed, key) != NULL;
    mem_free(key);
    return listed;
}

struct absence {
    const struct baseline *baseline;
    const json_t *selected;
    void (*report)(void *arg, const json_t *finding);
    void *arg;
};

static void report_resolved(const struct absence *absence, json_t *finding, const char *summary)
{
    finding_set(finding, "summary", summary);
    verdict_set_mark(finding, MARK_RESOLVED);
    absence->report(absence->arg, finding);
}

static void report_gone(const struct absence *absence, const struct policy *policy,
                        const struct resource *gone, const struct known *known)
{
    size_t i;
    json_t *finding;
    json_t *findings = findings_for_all(policy, gone, STATUS_GONE, NULL);
    json_array_foreach (findings, i, finding) {
        const char *check = finding_get(finding, "check");
        if (standing_in(known, check) != NULL && selection_has(absence->selected, check))
            report_resolved(absence, finding, "the resource is not listed any more");
    }
    json_decref(findings);
}

/* A type that could not be listed in an account and region before: reports that it was listed
 * now. */
static void report_listed(const struct absence *absence, const struct policy *policy,
                          const struct resource *target)
{
    json_t *finding = finding_listed(policy, target);
    report_resolved(absence, finding, "all resources of the type were listed");
    json_decref(finding);
}

/* An account that could not be entered before. */
static void report_entered(const struct absence *absence, const struct resource *entry)
{
    char *key = entry_key(entry->account);
    if (json_object_get(absence->baseline->listed, key) != NULL) {
        struct resource *place = finding_entry_place(entry->account, entry->region);
        json_t *finding = finding_entered(place);
        report_resolved(absence, finding, finding_get(finding, "summary"));
        json_decref(finding);
        resource_free(place);
    }
    mem_free(key);
}

/* With --only-use-test-resources, other resources are not listed. */
static void report_one(const struct absence *absence, const struct policy *policy,
                       struct resource *resource, const struct known *known)
{
    const struct settings *settings = absence->baseline->settings;
    mem_free(resource->type);
    resource->type = mem_strdup(policy->type);
    if (strcmp(resource->id, "*") == 0)
        report_listed(absence, policy, resource);
    else if (!settings->only_use_test_resources && is_chosen(settings, policy, resource->region))
        report_gone(absence, policy, resource, known);
}

/* The resource that a key names (key_of). */
static struct resource *resource_of(const char *key, const struct known *known)
{
    json_t *parts = json_parse(key, strlen(key), NULL);
    struct resource *resource = resource_new(
        json_string_value(json_array_get(parts, 0)), known->region,
        json_string_value(json_array_get(parts, 2)), json_string_value(json_array_get(parts, 3)));
    json_decref(parts);
    return resource;
}

static void report_if_absent(const struct absence *absence, struct resource *resource,
                             const struct known *known)
{
    struct evaluator *evaluator = absence->baseline->evaluator;
    const struct policy *policy = evaluator->find(evaluator->self, resource->type);
    if (strcmp(resource->type, FINDING_ENTRY_TYPE) == 0)
        report_entered(absence, resource);
    else if (policy != NULL && !known->seen && was_listed(absence->baseline, policy, resource))
        report_one(absence, policy, resource, known);
}

void baseline_report_absent(const struct baseline *baseline, const json_t *selected,
                            void (*report)(void *arg, const json_t *finding), void *arg)
{
    const char *key;
    json_t *value;
    const struct absence absence = {baseline, selected, report, arg};
    json_object_foreach (baseline->resources, key, value) {
        const struct known *known = known_of(value);
        struct resource *resource = resource_of(key, known);
        report_if_absent(&absence, resource, known);
        resource_free(resource);
    }
}
