#include "testing/test_file.h"

#include <stdint.h>
#include <string.h>

#include "aws/operations/opset.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "settings/settings_env.h"
#include "testing/file_keys.h"
#include "testing/reply.h"
#include "value/json.h"

static const struct file_key file_fields[] = {{"policy", JSON_STRING, false},
                                              {"cases", FILE_TABLE, true},
                                              {"listings", FILE_TABLE, false},
                                              {"events", FILE_TABLE, false},
                                              {0}};
static const struct file_key case_fields[] = {{"name", JSON_STRING, true},
                                              {"id", JSON_STRING, true},
                                              {"account", JSON_STRING, false},
                                              {"region", JSON_STRING, false},
                                              {"now", JSON_INTEGER, false},
                                              {"settings", FILE_TABLE, false},
                                              {"replies", FILE_TABLE, false},
                                              {"recorded", JSON_STRING, false},
                                              {"expect", FILE_ANY, true},
                                              {"changes", FILE_TABLE, false},
                                              {"repaired", FILE_TABLE, false},
                                              {"tags", FILE_TABLE, false},
                                              {0}};
static const struct file_key change_fields[] = {{"call", JSON_STRING, true},
                                                {"with", FILE_TABLE, true},
                                                {"undo", FILE_TABLE, false},
                                                {"irreversible", JSON_TRUE, false},
                                                {"reply", FILE_TABLE, false},
                                                {"replies", FILE_TABLE, false},
                                                {0}};
static const struct file_key call_fields[] = {
    {"call", JSON_STRING, true}, {"with", FILE_TABLE, true}, {0}};
static const struct file_key expect_fields[] = {
    {"status", JSON_STRING, true}, {"summary", JSON_STRING, false}, {0}};
static const struct file_key listing_fields[] = {{"name", JSON_STRING, true},
                                                 {"account", JSON_STRING, false},
                                                 {"region", JSON_STRING, false},
                                                 {"settings", FILE_TABLE, false},
                                                 {"replies", FILE_TABLE, true},
                                                 {"ids", FILE_TABLE, true},
                                                 {0}};
static const struct file_key event_fields[] = {
    {"event", JSON_STRING, true}, {"detail", FILE_TABLE, true}, {"ids", FILE_TABLE, true}, {0}};

struct reading {
    const struct policy *policy;
    struct model_set *models;
    struct err *err;
};

typedef int (*item_fn)(const struct reading *reading, const json_t *item, const char *where);

/* Calls the function for each item of a list, with the item's position. */
static int each(const struct reading *reading, const json_t *list, const char *where, item_fn check)
{
    size_t i;
    json_t *item;
    if (json_is_object(list) && json_object_size(list) > 0)
        return err_set(reading->err, ERR_POLICY, "%s must be a list", where);
    json_array_foreach (list, i, item) {
        char *place = mem_printf("%s[%zu]", where, i + 1);
        int result = check(reading, item, place);
        mem_free(place);
        if (result != 0)
            return -1;
    }
    return 0;
}

/* ---- replies ---- */

static bool may_answer(const struct policy *policy, const char *name)
{
    const char *colon = strchr(name, ':');
    char *service = mem_strndup(name, colon != NULL ? (size_t)(colon - name) : strlen(name));
    bool declared = colon != NULL && opset_has(policy->reads, service, colon + 1);
    mem_free(service);
    return declared || strcmp(name, "sts:GetCallerIdentity") == 0;
}

static int check_replies(const struct reading *reading, const json_t *replies, const char *where)
{
    const char *name;
    json_t *reply;
    json_object_foreach ((json_t *)(uintptr_t)replies, name, reply) {
        char *place = mem_printf("%s[\"%s\"]", where, name);
        int result = reply_check(reading->models, name, reply, place, reading->err);
        if (result == 0 && !may_answer(reading->policy, name))
            result = err_set(reading->err, ERR_POLICY,
                             "%s: %s does not declare this operation under permissions.read", place,
                             reading->policy->file);
        mem_free(place);
        if (result != 0)
            return -1;
    }
    return 0;
}

/* ---- expectations ---- */

/* The words that a test may use, by their names in verdict.h. */
static const enum verdict_status statuses[] = {STATUS_COMPLIANT, STATUS_NON_COMPLIANT,
                                               STATUS_UNKNOWN, STATUS_PENDING, STATUS_SKIPPED};
static const enum verdict_status states[] = {STATUS_COMPLIANT, STATUS_UNKNOWN, STATUS_PENDING,
                                             STATUS_GONE};
static const enum verdict_remediation remediations[] = {REMEDIATION_NONE, REMEDIATION_FIXED,
                                                        REMEDIATION_FAILED, REMEDIATION_HELD};
#define COUNT(list) (sizeof(list) / sizeof *(list))
#define MOST_WORDS COUNT(statuses)

static int check_word(const struct reading *reading, const char *where, const char *word,
                      const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0)
            return 0;
    }
    suggest_refuse(where, word, words, count, reading->err);
    reading->err->kind = ERR_POLICY;
    return -1;
}

static int check_status(const struct reading *reading, const char *where, const char *word,
                        const enum verdict_status *allowed, size_t count)
{
    const char *words[MOST_WORDS];
    for (size_t i = 0; i < count; i++)
        words[i] = verdict_status_name(allowed[i]);
    return check_word(reading, where, word, words, count);
}

static int check_remediation(const struct reading *reading, const char *where, const char *word)
{
    const char *words[COUNT(remediations)];
    for (size_t i = 0; i < COUNT(remediations); i++)
        words[i] = verdict_remediation_name(remediations[i]);
    return check_word(reading, where, word, words, COUNT(remediations));
}

static int check_name(const struct reading *reading, const char *where, const char *check)
{
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    size_t i;
    json_t *known;
    if (finding_check_meta(reading->policy, check) != NULL)
        return 0;
    suggest_init(&suggest, check);
    json_array_foreach (json_object_get(reading->policy->meta, "checks"), i, known)
        suggest_offer(&suggest, json_get_string(known, "id", ""));
    suggest_text(&suggest, hint);
    return err_set(reading->err, ERR_POLICY, "%s: %s has no check \"%s\"%s", where,
                   reading->policy->file, check, hint);
}

static int check_expected(const struct reading *reading, const char *where, const json_t *expected)
{
    if (json_is_string(expected))
        return check_status(reading, where, json_string_value(expected), statuses, COUNT(statuses));
    if (file_keys(expected, expect_fields, where, reading->err) != 0)
        return -1;
    return check_status(reading, where, json_get_string(expected, "status", ""), statuses,
                        COUNT(statuses));
}

static int check_expect(const struct reading *reading, const json_t *expect, const char *where)
{
    const char *name;
    json_t *value;
    char *place = mem_printf("%s.expect", where);
    int result = 0;
    if (json_is_string(expect))
        result = check_status(reading, place, json_string_value(expect), states, COUNT(states));
    else if (!json_is_object(expect) && json_array_size(expect) + !json_is_array(expect) > 0)
        result = err_set(reading->err, ERR_POLICY,
                         "%s: must be a status, or a map of checks to statuses", place);
    json_object_foreach ((json_t *)(uintptr_t)expect, name, value) {
        if (result == 0)
            result = check_name(reading, place, name);
        if (result == 0)
            result = check_expected(reading, place, value);
    }
    mem_free(place);
    return result;
}

static int check_repaired(const struct reading *reading, const json_t *repaired, const char *where)
{
    const char *name;
    json_t *value;
    char *place = mem_printf("%s.repaired", where);
    int result = 0;
    json_object_foreach ((json_t *)(uintptr_t)repaired, name, value) {
        if (result == 0)
            result = check_name(reading, place, name);
        const char *word = json_is_string(value) ? json_string_value(value) : "";
        if (result == 0)
            result = check_remediation(reading, place, word);
    }
    mem_free(place);
    return result;
}

static int check_settings(const struct reading *reading, const json_t *settings, const char *where)
{
    const char *name;
    json_t *value;
    enum field_kind kind;
    json_object_foreach ((json_t *)(uintptr_t)settings, name, value) {
        if (!settings_variable_kind(name, &kind))
            return err_set(reading->err, ERR_POLICY,
                           "%s.settings: policies see no variable \"%s\"; names are those of "
                           "variables, such as KNOWN_ACCOUNTS",
                           where, name);
        if (!json_is_string(value))
            return err_set(reading->err, ERR_POLICY,
                           "%s.settings: %s must be a string, as in the environment", where, name);
    }
    return 0;
}

/* ---- cases ---- */

static int check_change(const struct reading *reading, const json_t *change, const char *where)
{
    const json_t *undo = json_object_get(change, "undo");
    const json_t *irreversible = json_object_get(change, "irreversible");
    if (file_keys(change, change_fields, where, reading->err) != 0)
        return -1;
    if ((undo == NULL) == (irreversible == NULL))
        return err_set(reading->err, ERR_POLICY,
                       "%s: give the inverse call, undo = { call =, with = }, or irreversible = "
                       "true",
                       where);
    char *place = mem_printf("%s.undo", where);
    int result = undo != NULL ? file_keys(undo, call_fields, place, reading->err) : 0;
    mem_free(place);
    place = mem_printf("%s.replies", where);
    if (result == 0)
        result = check_replies(reading, json_object_get(change, "replies"), place);
    mem_free(place);
    return result;
}

static int check_parts(const struct reading *reading, const json_t *item, const char *where)
{
    char *place = mem_printf("%s.replies", where);
    int result = check_replies(reading, json_object_get(item, "replies"), place);
    mem_free(place);
    return result == 0 ? check_settings(reading, json_object_get(item, "settings"), where) : -1;
}

/* A recording has no changes. */
static int check_source(const struct reading *reading, const json_t *item, const char *where)
{
    bool recorded = json_object_get(item, "recorded") != NULL;
    if (recorded == (json_object_get(item, "replies") != NULL))
        return err_set(reading->err, ERR_POLICY, "%s: give either replies or recorded", where);
    if (recorded &&
        (json_object_get(item, "changes") != NULL || json_object_get(item, "repaired") != NULL))
        return err_set(reading->err, ERR_POLICY,
                       "%s: a recording has no changes: to test the repair, give replies", where);
    return 0;
}

static int check_case(const struct reading *reading, const json_t *item, const char *where)
{
    if (file_keys(item, case_fields, where, reading->err) != 0 ||
        check_source(reading, item, where) != 0 || check_parts(reading, item, where) != 0 ||
        check_expect(reading, json_object_get(item, "expect"), where) != 0 ||
        check_repaired(reading, json_object_get(item, "repaired"), where) != 0)
        return -1;
    char *place = mem_printf("%s.changes", where);
    int result = each(reading, json_object_get(item, "changes"), place, check_change);
    mem_free(place);
    return result;
}

static int check_listing(const struct reading *reading, const json_t *item, const char *where)
{
    if (file_keys(item, listing_fields, where, reading->err) != 0)
        return -1;
    return check_parts(reading, item, where);
}

static int check_event(const struct reading *reading, const json_t *item, const char *where)
{
    if (file_keys(item, event_fields, where, reading->err) != 0)
        return -1;
    const char *event = json_get_string(item, "event", "");
    json_t *events = json_object_get(reading->policy->meta, "events");
    struct suggest suggest;
    char hint[SUGGEST_TEXT];
    const char *name;
    json_t *rule;
    if (json_object_get(events, event) != NULL)
        return 0;
    suggest_init(&suggest, event);
    json_object_foreach (events, name, rule)
        suggest_offer(&suggest, name);
    suggest_text(&suggest, hint);
    return err_set(reading->err, ERR_POLICY, "%s: %s does not watch the event \"%s\"%s", where,
                   reading->policy->file, event, hint);
}

static int check_all(const struct reading *reading, const json_t *file)
{
    const json_t *cases = json_object_get(file, "cases");
    if (json_array_size(cases) == 0)
        return err_set(reading->err, ERR_POLICY, "cases: there is none");
    if (each(reading, cases, "cases", check_case) != 0 ||
        each(reading, json_object_get(file, "listings"), "listings", check_listing) != 0)
        return -1;
    return each(reading, json_object_get(file, "events"), "events", check_event);
}

int test_file_check(const json_t *file, const char *path, const struct policy *policy,
                    struct model_set *models, struct err *err)
{
    struct reading reading = {policy, models, err};
    return check_all(&reading, file) == 0 ? 0 : err_prefix(err, "%s", path);
}

json_t *test_file_read(struct evaluator *evaluator, const char *path, struct err *err)
{
    json_t *file = evaluator->test_file(evaluator->self, path, err);
    if (file == NULL || file_keys(file, file_fields, path, err) == 0)
        return file;
    json_decref(file);
    return NULL;
}
