/* Makes the calls of one fix in order, and writes each to the journal before it is sent. A helper
 * of the gate: the gate alone can create the session that may change things, and passes it in. */
#ifndef CHANGE_GATE_STEPS_H
#define CHANGE_GATE_STEPS_H

#include <jansson.h>

#include "aws/client/client.h"
#include "journal/journal.h"
#include "policy/resource.h"

/* The steps without the states expected after them, which are not part of a plan. New. */
json_t *gate_plain_steps(const json_t *steps);

struct step_run {
    struct client *client;
    struct journal *journal;
    struct session session;
    const struct resource *resource;
    const char *fix;     /* the name of this group in the journal */
    const json_t *steps; /* array of {"call","with",…,"expected"} */
    void (*done)(void *arg, const struct err *err);
    void *arg;
    size_t at;   /* number of steps with a response so far */
    int sent;    /* number of calls that were sent */
    bool unsure; /* the failed call may have been carried out */
};

/* Runs all steps; stops at the first failure. `run` must live until done, which may be called
 * before this returns. */
void step_run_start(struct step_run *run);
/* The current step was refused, and may be accepted now: sends it again. */
void step_run_retry(struct step_run *run);
/* The step whose result was not known has been made: continues with the next one. */
void step_run_resume(struct step_run *run);
/* Digests expected after the current step has been made; NULL if not known. */
const json_t *step_run_expected(const struct step_run *run);

#endif
