/* Everything that a command works with, put together once and taken apart at the end. Serves the
 * commands; owns all that it points to. */
#ifndef APP_SERVICES_SERVICES_H
#define APP_SERVICES_SERVICES_H

#include "accounts/context.h"
#include "policy/language.h"
#include "settings/settings.h"

struct services {
    const struct language *language;
    struct settings settings;
    struct loop *loop;
    struct http *http;               /* NULL: nothing goes out, answers come from a recording */
    struct http_transport transport; /* of AWS's answers: the network's, recorded or replayed */
    struct record *record;
    struct replay *replay;
    const char *command; /* "poll", …; "single" for --policy --resource */
    struct model_set *models;
    struct endpoints *endpoints;
    json_t *profile;            /* what the config file says of endpoints, or NULL */
    struct creds_env creds_env; /* of the roles that are assumed */
    struct creds_env chain_env; /* of the caller's own credentials: never recorded */
    struct creds_provider *provider;
    struct client *client;
    struct sessions *sessions;
    struct trust *trust;  /* NULL: verdicts do not ask, see services_without_trust */
    int64_t trusted_ms;   /* when the organization was listed, monotonic; 0: not yet */
    struct err untrusted; /* why it, or the units of REPAIR, could not be listed */
    bool unadmitted;      /* those are to be listed again by the next run */
    loop_fn known;        /* waits for the caller's account */
    void *known_arg;
    struct exceptions *exceptions;
    struct admission *admission;
    struct accounts *accounts;
    bool listing; /* the accounts to be polled are being listed */
    void (*chosen)(void *arg, const struct err *err);
    void *chosen_arg;
    json_t *selected; /* the checks that are audited, or NULL: all */
    struct message *message;
    struct state_table *state;
    struct asked *asked; /* places to list, since events named no resource; NULL: none yet */
    void *host;
    bool loaded; /* the host has all policies: kept by whoever makes several runs */
    struct context context;
    bool in_function;   /* nobody waits for an answer: what can go on goes on */
    bool audit_only;    /* the exceptions cannot be read: nothing may be changed */
    struct err unruled; /* why */
    char unruled_told[sizeof(((struct err *)0)->message)]; /* the last that a finding told */
    bool failed;  /* something that the exit status must tell (1) */
    char *caller; /* account, once known */

    bool started; /* `ready` was called */
    loop_fn ready;
    void *ready_arg;
    struct err err;
    int signal_fd;
    struct loop_watch *signal_watch;
    void (*stop)(void *arg);
    void *stop_arg;
    loop_fn abort;
    void *abort_arg;
    bool stopped;
    int signal; /* what stopped it */
};

/* Reads environment and options (argv[from…]) and looks for policies and models; nothing is
 * connected to yet. ERR_USAGE for what makes no sense. */
int services_settings(struct services *services, int argc, char **argv, int from,
                      const char *const *allowed, struct text_list *rest, struct err *err);
/* Loop (unless there is one already), client, credentials. */
int services_connect(struct services *services, struct err *err);
/* For commands that stay off the network: the loop, and models where there are any. */
void services_offline(struct services *services);
/* Policies: those of the policies folder, or the one that --policy names. */
int services_policies(struct services *services, struct err *err);
/* The same for what audits and repairs, with what REPAIR admits. */
int services_to_repair(struct services *services, struct err *err);
/* What runs know together: STATE_TABLE, where it is set. */
int services_state(struct services *services, struct err *err);
/* The same for translating events: no exception and no trust decides whether one is looked at. */
int services_events(struct services *services, struct err *err);
/* Policies for what they declare, off the network: neither exceptions nor credentials matter. */
int services_declared(struct services *services, struct err *err);
/* Before another run of the same process: nothing of the last one is left but what is the same for
 * every run. The time, exceptions and policies' own variables are fresh; the organization is listed
 * again from time to time. Nothing may be under way. */
void services_renew(struct services *services);
/* For what says itself who is trusted (a plan), and what makes no verdict (undo): neither the
 * caller nor the organization is asked for that. After services_policies. */
void services_without_trust(struct services *services);
/* The caller's account (when `need_caller`) and the organization, then `ready` from the loop.
 * Runs the loop until nothing is left to do. services->err says why it did not come to `ready`. */
int services_run(struct services *services, bool need_caller, loop_fn ready, void *arg,
                 struct err *err);
/* Asks for the caller's account where that was not done yet, for it is trusted. One that cannot be
 * told is a warning, and no fix may remove an account. */
void services_know_caller(void *services, loop_fn done, void *arg);
/* What was stopped does not wait for the answers that it would begin with. */
void services_stop_asking(struct services *services);
/* The time is nearly over: what is listed before `ready` ends after its page, and the next run of
 * this process goes on there. */
void services_stop_listing(struct services *services);
/* Lists the accounts to be polled, as they are now, into the context; then `done`, at once where
 * the organization need not be asked. */
void services_list_accounts(struct services *services,
                            void (*done)(void *arg, const struct err *err), void *arg);
/* The same for what is neither the caller's nor the organization's business: `ready` at once. */
void services_run_plainly(struct services *services, loop_fn ready, void *arg);
/* What SIGINT, SIGTERM and SIGHUP do the first time; the second time ends the process, after
 * `abort`. Until the loop runs they wait. */
void services_on_stop(struct services *services, void (*stop)(void *arg), void *arg);
void services_on_abort(struct services *services, loop_fn abort, void *arg);
void services_free(struct services *services);

/* Keeps SIGINT, SIGTERM and SIGHUP for the loop, once. */
void services_watch_signals(struct services *services);

/* policies/lib beside the policies; NULL when there are none. mem_free. */
char *services_lib_dir(const struct services *services);
/* The path that --policy means: a path, a file name in the policies folder, or an alias. */
char *services_policy_path(const struct services *services, const char *policy);

/* getenv(3), for those who take a function. */
const char *services_getenv(const char *name);
/* Folder of the executable, from /proc/self/exe. */
const char *services_executable_dir(void);

#endif
