/* Makes the calls of one fix in order, each written to the journal before it is sent. gate's own
 * helper: the session that may change things is handed in by gate, which alone can make one. */
#ifndef CHANGE_GATE_STEPS_H
#define CHANGE_GATE_STEPS_H

#include <jansson.h>

#include "aws/client/client.h"
#include "journal/journal.h"

/* The steps without what is expected after them, which is no part of a plan. New. */
json_t *gate_plain_steps(const json_t *steps);

struct step_run {
    struct client *client;
    struct journal *journal;
    struct session session;
    const char *region;
    const char *fix;     /* the journal's name of this group */
    const json_t *steps; /* array of {"call","with",…,"expected"} */
    void (*done)(void *arg, const struct err *err);
    void *arg;
    size_t at;   /* steps answered so far */
    int sent;    /* calls that left */
    bool unsure; /* the failed call may have been carried out */
};

/* Runs all; stops at the first failure. `run` must live until done, which may come at once. */
void step_run_start(struct step_run *run);
/* The step under way was refused, and may be taken by now: sends it once more. */
void step_run_retry(struct step_run *run);
/* The step that nobody was sure of has been made: goes on with the next one. */
void step_run_resume(struct step_run *run);
/* Digests that are expected when the step under way has been made; NULL where nobody knows. */
const json_t *step_run_expected(const struct step_run *run);

#endif
