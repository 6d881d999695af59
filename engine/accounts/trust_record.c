#include "accounts/trust_record.h"

#include <string.h>

#include "policy/finding.h"
#include "policy/verdict.h"

/* Sorted, each once, so that the same plan has the same text. */
static void add(json_t *list, const char *id)
{
    size_t at = 0;
    while (at < json_array_size(list) &&
           strcmp(json_string_value(json_array_get(list, at)), id) < 0)
        at++;
    const char *there = json_string_value(json_array_get(list, at));
    if (there == NULL || strcmp(there, id) != 0)
        json_array_insert_new(list, at, json_string_nocheck(id));
}

static int ask(void *arg, const char *id)
{
    struct trust_record *record = arg;
    int answer = record->asked.trusted(record->asked.trusted_arg, id);
    if (record->trusted == NULL)
        record->trusted = json_array();
    if (answer > 0)
        add(record->trusted, id);
    return answer;
}

static const char *doubt(void *arg, const char *id)
{
    const struct trust_record *record = arg;
    return record->asked.doubt != NULL ? record->asked.doubt(record->asked.trusted_arg, id) : NULL;
}

void trust_record_start(struct trust_record *record, struct scope *scope)
{
    trust_record_clear(record);
    if (scope->trusted == NULL)
        return;
    record->asked = *scope;
    scope->trusted = ask;
    scope->doubt = doubt;
    scope->trusted_arg = record;
}

void trust_record_clear(struct trust_record *record)
{
    json_decref(record->trusted);
    *record = (struct trust_record){0};
}

void trust_record_keep(const struct trust_record *record, json_t *findings)
{
    size_t i;
    json_t *finding;
    json_array_foreach (findings, i, finding) {
        if (record->trusted != NULL && verdict_remediation(finding) == REMEDIATION_PLANNED)
            json_object_set(finding, "trusted", record->trusted);
    }
}

int trust_record_check(const json_t *finding, struct err *err)
{
    size_t i;
    json_t *id;
    const json_t *trusted = json_object_get(finding, "trusted");
    bool sound = trusted == NULL || json_is_array(trusted);
    json_array_foreach (trusted, i, id)
        sound = sound && json_is_string(id);
    return sound ? 0 : err_set(err, ERR_PARSE, "\"trusted\" must be a list of strings");
}

static int replay(void *arg, const char *id)
{
    size_t i;
    json_t *known;
    json_array_foreach ((const json_t *)arg, i, known) {
        if (strcmp(json_string_value(known), id) == 0)
            return 1;
    }
    return 0;
}

void trust_record_replay(const json_t *findings, struct scope *scope)
{
    json_t *trusted = json_object_get(json_array_get(findings, 0), "trusted");
    if (trusted == NULL)
        return;
    scope->trusted = replay;
    scope->doubt = NULL; /* ids that were in doubt were not planned */
    scope->trusted_arg = trusted;
}
