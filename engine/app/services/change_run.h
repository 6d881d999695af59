/* Shared by the commands that may change things: journal, gate, report and run. They are opened
 * before any work, and closed with a summary of the result. Serves cmd_remediate, cmd_apply; owns
 * all that it points to except the services. */
#ifndef APP_SERVICES_CHANGE_RUN_H
#define APP_SERVICES_CHANGE_RUN_H

#include "app/services/services.h"
#include "audit/run.h"
#include "change/gate.h"
#include "report/report.h"

struct change_run {
    struct services *services;
    enum run_mode mode;
    const char *plan; /* digest of the plan being applied, borrowed; NULL: none */
    struct journal *journal;
    struct gate *gate;
    struct report *report;
    struct report_store store;
    struct output *scope_file; /* of --scope; NULL: none */
    json_t *scope;             /* the record for it, made at the end */
    struct run *run;
    bool dropped;      /* nothing was started: there is nothing to report */
    bool out_of_time;  /* it was stopped because it ran out of time */
    bool looks_at_all; /* warn about exception rules that match nothing */
    bool lists;        /* its resources come from a listing of its own */
    /* As in run_options; may be NULL. */
    void (*settled)(void *arg, const struct resource *resource, bool again);
    void *settled_arg;
};

/* The mode that the options, the environment and the state of the exceptions allow. */
enum run_mode change_run_mode(const struct services *services);
/* ERR_USAGE if --journal or --scope is not a local file. */
int change_run_check(const struct settings *settings, struct err *err);
/* With the journal of --journal, or engine-<time>.journal. */
int change_run_open_default(struct change_run *change_run, struct err *err);
/* ERR_IO if the report cannot be written, or the journal when changes are made. change_run_close
 * also closes what was opened before an error. */
int change_run_open(struct change_run *change_run, const char *journal_path, struct err *err);
/* Will there be a record of its scope? */
bool change_run_shows_scope(const struct change_run *change_run);
/* Writes the report, prints the closing messages, and frees. Returns the exit status. */
int change_run_close(struct change_run *change_run);

#endif
