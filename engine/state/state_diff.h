/* What is new in a resource's findings, compared with what was told of it. No calls, no time of its
 * own. Serves state_told.
 *
 * What is kept of a resource: {"account","region","type","id","seen" (when it was looked at, epoch
 * seconds, to half a day),"checks":{CHECK: record}}. A record
 * is there while a finding is open or exempt: {"print" (digest of what a change is seen by),
 * "open", "since" (epoch seconds), "title","severity","status","remediation","summary"}. A repair
 * is found once, so one that is not told yet is kept itself: "owed":[finding…], as short as a
 * record. */
#ifndef STATE_STATE_DIFF_H
#define STATE_STATE_DIFF_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/resource.h"

enum state_news {
    STATE_SAME,    /* told before, or nothing to tell */
    STATE_TOLD,    /* to be told: it appeared, changed, was repaired, or is over */
    STATE_DROPPED, /* no longer kept, and nobody needs to be told (an exception that ended) */
};
/* known: the check's record, or NULL. */
enum state_news state_news(const json_t *known, const json_t *finding);

/* The record that is kept when the finding was told; NULL: none, for it is over. New. */
json_t *state_record(const json_t *known, const json_t *finding, int64_t now_s);

/* Must it be kept until it was told, since no look finds it again? */
bool state_is_owed(const json_t *finding);
/* What is kept of it then. New. */
json_t *state_owed(const json_t *finding);
/* The same of one whose repair is begun: what is to be told when it shows. New. */
json_t *state_begun(const json_t *finding);
enum state_end {
    STATE_OPEN,  /* it may show yet */
    STATE_SHOWN, /* the check passes, or the resource is gone */
    STATE_OTHER  /* the finding itself says what came of it */
};
/* What became of a repair that was begun, by what is found now. */
enum state_end state_end(const json_t *finding);

/* Findings of checks that are kept as open, and are not among these findings of a whole look: they
 * are over, and `why` says why. Compliant, new. */
json_t *state_lapsed(const json_t *checks, const json_t *findings, const struct resource *resource,
                     const char *why);

/* How many of the records are open. */
size_t state_open(const json_t *checks);

#endif
