/* Whom a plan trusted. While a plan is made, each resource's policy asks who is trusted, and the
 * answers that decided go into its planned findings, as "trusted": sorted ids of accounts,
 * organizations and units. When it is applied, exactly these are trusted, whatever the settings
 * say by then. Serves run (records) and gate (replays). */
#ifndef ACCOUNTS_TRUST_RECORD_H
#define ACCOUNTS_TRUST_RECORD_H

#include <jansson.h>

#include "base/err.h"
#include "policy/evaluator.h"

struct trust_record {
    struct scope asked; /* the scope that answers */
    json_t *trusted;    /* NULL: nobody was asked about */
};

/* Has the scope's answers recorded; `record` outlives the scope. */
void trust_record_start(struct trust_record *record, struct scope *scope);
void trust_record_clear(struct trust_record *record);
/* Into each of the findings that is planned. */
void trust_record_keep(const struct trust_record *record, json_t *findings);

/* ERR_PARSE when a finding's "trusted" is there, and is no list of texts. */
int trust_record_check(const json_t *finding, struct err *err);
/* Has the scope answer as the findings of a plan say; not where they say nothing. */
void trust_record_replay(const json_t *findings, struct scope *scope);

#endif
