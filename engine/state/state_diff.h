/* What is new in a resource's findings, compared with what was notified before. Makes no calls and
 * does not read the clock. Serves state_notify.
 *
 * The record of a resource: {"account","region","type","id","seen" (when it was last audited, epoch
 * seconds, accurate to half a day),"checks":{CHECK: record}}. A check has a record while its
 * finding is open or exempt: {"print" (digest of the members whose change is news), "open", "since"
 * (epoch seconds), "title","severity","status","remediation","summary"}. A repair is found only
 * once, so until it is notified, it is kept itself: "owed":[finding…], as short as a record. */
#ifndef STATE_STATE_DIFF_H
#define STATE_STATE_DIFF_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/resource.h"

enum state_news {
    STATE_SAME,    /* notified before, or nothing to notify */
    STATE_NOTIFY,  /* to be notified: it appeared, changed, was repaired, or is over */
    STATE_DROPPED, /* no longer kept, and nobody needs a notification (an exception that ended) */
};
/* known: the check's record, or NULL. */
enum state_news state_news(const json_t *known, const json_t *finding);

/* The record to keep after the finding was notified; NULL if the finding is over. New. */
json_t *state_record(const json_t *known, const json_t *finding, int64_t now_s);

/* Must the finding be kept until it is notified, because no later audit finds it again? */
bool state_is_owed(const json_t *finding);
/* The short form in which it is kept. New. */
json_t *state_owed(const json_t *finding);
/* The short form of a finding whose repair has begun: the notification for when the effect shows.
 * New. */
json_t *state_started(const json_t *finding);
enum state_end {
    STATE_OPEN,  /* the effect may still show */
    STATE_SHOWN, /* the check passes, or the resource is gone */
    STATE_OTHER  /* the finding itself says what happened */
};
/* The result of a repair that was begun, derived from what is found now. */
enum state_end state_end(const json_t *finding);

/* Findings of checks that are kept as open and are missing among `findings` of a complete audit:
 * they are over, and `why` is the reason. Compliant, new. */
json_t *state_lapsed(const json_t *checks, const json_t *findings, const struct resource *resource,
                     const char *why);

/* Number of open records. */
size_t state_open(const json_t *checks);

#endif
