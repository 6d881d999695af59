/* Compares the findings of a resource with its item in STATE_TABLE: which of them are to be
 * notified, and what the item says afterwards. No calls. Serves state_notify; calls state_diff. */
#ifndef STATE_STATE_COMPARE_H
#define STATE_STATE_COMPARE_H

#include "state/state_notify.h"

struct state_compare {
    struct state_look look;
    json_t *content; /* of the item, as it was read; later as it is to be written */
    json_t *news;    /* findings to be notified */
    json_t *debts;   /* for each of them: the entry of "owed" in the content, or null */
};

/* Fills news and debts; true if a change that needs no notification must be stored. */
bool state_compare_all(struct state_compare *compare);
void state_compare_add(struct state_compare *compare, json_t *finding, json_t *debt);
void state_compare_clear(struct state_compare *compare);
/* The content says that this finding was notified. */
void state_compare_keep(struct state_compare *compare, const json_t *finding);
/* Members of the content; borrowed. */
json_t *state_compare_checks(const struct state_compare *compare);
json_t *state_compare_owed(const struct state_compare *compare);

#endif
