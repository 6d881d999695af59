/* What the commands share that may change things: journal, gate, report and run, opened before
 * anything is done and closed with a word on what came of it. Serves cmd_remediate, cmd_apply; owns
 * all that it points to but the services. */
#ifndef APP_SERVICES_CHANGING_H
#define APP_SERVICES_CHANGING_H

#include "app/services/services.h"
#include "audit/run.h"
#include "change/gate.h"
#include "report/report.h"

struct changing {
    struct services *services;
    enum run_mode mode;
    const char *plan; /* digest of the plan that is applied, borrowed; NULL: none is */
    struct journal *journal;
    struct gate *gate;
    struct report *report;
    struct run *run;
    bool dropped;      /* nothing was begun: there is nothing to report */
    bool out_of_time;  /* it was stopped since its time was over */
    bool looks_at_all; /* rules of exceptions that match nothing are worth a warning */
    /* As in run_options; may be NULL. */
    void (*settled)(void *arg, const struct resource *resource, bool again);
    void *settled_arg;
};

/* What the options, the environment and the state of the exceptions allow. */
enum run_mode changing_mode(const struct services *services);
/* --journal, else engine-<time>.journal. mem_free. */
char *changing_journal_path(const struct settings *settings);
/* ERR_IO when the report or, where things are changed, the journal cannot be written. What was
 * opened is left to changing_close. */
int changing_open(struct changing *changing, const char *journal_path, struct err *err);
/* Delivers the report, says what is to be said, frees. The exit status. */
int changing_close(struct changing *changing);

#endif
