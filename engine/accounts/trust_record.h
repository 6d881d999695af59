/* Whom a plan trusted. While a plan is made, each resource's policy asks who is trusted. The
 * answers that influenced the result are stored in its planned findings as "trusted": sorted ids of
 * accounts, organizations and units. When the plan is applied, exactly these are trusted, even if
 * the settings have changed. Serves run (records) and gate (replays). */
#ifndef ACCOUNTS_TRUST_RECORD_H
#define ACCOUNTS_TRUST_RECORD_H

#include <jansson.h>

#include "base/err.h"
#include "policy/evaluator.h"

struct trust_record {
    struct scope asked; /* the scope that answers */
    json_t *trusted;    /* NULL: nothing was asked */
};

/* Records the answers of the scope; `record` outlives the scope. */
void trust_record_start(struct trust_record *record, struct scope *scope);
void trust_record_clear(struct trust_record *record);
/* Stores the record in each planned finding. */
void trust_record_keep(const struct trust_record *record, json_t *findings);

/* ERR_PARSE if a finding has "trusted" and it is not a list of texts. */
int trust_record_check(const json_t *finding, struct err *err);
/* Makes the scope answer as the findings of a plan say; has no effect if they do not have
 * "trusted". */
void trust_record_replay(const json_t *findings, struct scope *scope);

#endif
