/* Everything that a command works with, created once and freed at the end. Serves the commands;
 * owns all that it points to. */
#ifndef APP_SERVICES_SERVICES_H
#define APP_SERVICES_SERVICES_H

#include "accounts/context.h"
#include "policy/language.h"
#include "settings/settings.h"

struct services_rules;

struct services {
    const struct language *language;
    struct settings settings;
    struct loop *loop;
    struct http *http;               /* NULL: nothing is sent; responses come from a recording */
    struct http_transport transport; /* of AWS responses: from the network, recorded or replayed */
    struct record *record;
    struct replay *replay;
    const char *command; /* "poll", …; "single" for --policy --resource */
    struct model_set *models;
    struct endpoints *endpoints;
    json_t *profile;            /* the endpoints in the config file, or NULL */
    struct creds_env creds_env; /* for the assumed roles */
    struct creds_env chain_env; /* for the caller's own credentials: never recorded */
    struct creds_provider *provider;
    struct client *client;
    long idle_timeout_ms; /* of its requests; 0: the default */
    struct sessions *sessions;
    struct organization_list *organization; /* NULL: none is set, or verdicts do not need it */
    struct trust *trust;  /* NULL: verdicts do not need it, see services_without_trust */
    struct err untrusted; /* why the organization, or the units of REPAIR, could not be listed */
    loop_fn known;        /* called when the caller's account is known */
    void *known_arg;
    struct exceptions *exceptions;
    struct services_rules *rules; /* EXCEPTIONS in AWS; NULL: not read yet, or in a file */
    struct admission *admission;
    struct accounts *accounts;
    struct enabled_regions *regions; /* of these accounts; NULL: not listed */
    bool listing; /* the accounts to be polled, or their regions, are being listed */
    void (*chosen)(void *arg, const struct err *err);
    void *chosen_arg;
    json_t *selected; /* the checks to audit, or NULL: all */
    struct baseline *baseline;
    struct compliance *compliance;
    struct message *message;
    struct state_table *state;
    struct security_hub *hub;
    /* Targets to list because events named no resource; NULL: none yet. */
    struct listing_schedule *listing_schedule;
    void *host;
    bool loaded; /* the host has all policies: a process with several runs keeps them */
    struct context context;
    bool in_function;             /* runs in Lambda, without an operator: continues where it can */
    bool audit_only;              /* the exceptions cannot be read: nothing may be changed */
    struct err rules_error;       /* why */
    bool rules_readable_reported; /* a finding has said that the rules can be read */
    char rules_error_reported[sizeof(
        ((struct err *)0)->message)]; /* the last message in a finding */
    bool failed;                      /* something that the exit status must show (1) */
    char *caller;                     /* account, after it is known */
    char *caller_arn;                 /* the same; "" if STS does not tell */
    json_t *made_by;                  /* scope_record.h; NULL: nothing is planned or changed */
    bool names_caller; /* the caller is wanted before `ready`, even if nothing depends on it */

    bool started; /* `ready` was called */
    loop_fn ready;
    void *ready_arg;
    struct err err; /* why the run fails; `ready` may set it too */
    int signal_fd;
    struct loop_watch *signal_watch;
    struct loop_watch *stdout_watch;
    bool ends_gently; /* when the reader of stdout has ended */
    void (*stop)(void *arg);
    void *stop_arg;
    loop_fn abort;
    void *abort_arg;
    bool stopped;
    int signal; /* the signal that stopped it */
};

/* Reads environment and options (argv[from…]) and looks for policies and models; connects to
 * nothing. ERR_USAGE for invalid settings. */
int services_settings(struct services *services, int argc, char **argv, int from,
                      const char *const *allowed, struct text_list *rest, struct err *err);
/* Creates loop (unless there is one already), client and credentials. */
int services_connect(struct services *services, struct err *err);
/* For commands that do not use the network: the loop, and models if there are any. */
void services_offline(struct services *services);
void services_free(struct services *services);

/* getenv(3), to be passed as a function. */
const char *services_getenv(const char *name);
/* Directory of the executable. */
const char *services_executable_dir(void);

#endif
