/* The probes in one account, one after the other: what each finds decides what the next one asks.
 * Serves doctor_accounts; calls doctor_simulation and doctor_listing. */
#ifndef DOCTOR_DOCTOR_ACCOUNT_H
#define DOCTOR_DOCTOR_ACCOUNT_H

#include "doctor/doctor.h"
#include "intake/poll.h"

struct doctor_simulation;
struct doctor_listing;

struct doctor_account {
    struct doctor *doctor;
    const struct poll *targets; /* those of this account are from `from`, `count` of them */
    size_t from, count;
    const char *id;
    loop_fn done;
    void *arg;

    /* Filled by the probes. */
    struct doctor_section *section;
    struct creds_provider *provider; /* of the role, or the caller's own */
    struct creds_waiter *waiter;
    struct opset *reads;
    struct session session; /* for the engine's own reads */
    char *principal;        /* ARN of the role or user whose permissions these are */
    json_t *enabled;        /* the regions that are, as keys; NULL: not known */
    json_t *refused;        /* actions that the principal lacks, as keys */
    struct doctor_simulation *reading, *writing;
    struct doctor_listing *listing;
};

/* Calls done once, from the loop, when all is checked. */
void doctor_account_start(struct doctor_account *account);
void doctor_account_clear(struct doctor_account *account);

#endif
