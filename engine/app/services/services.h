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
    struct organization_list *organization; /* NULL: none is set, or verdicts do not ask */
    struct trust *trust;  /* NULL: verdicts do not ask, see services_without_trust */
    struct err untrusted; /* why that, or the units of REPAIR, could not be listed */
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
    bool ruled_told;    /* a run was told that they can be read */
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
void services_free(struct services *services);

/* getenv(3), for those who take a function. */
const char *services_getenv(const char *name);
/* Folder of the executable, from /proc/self/exe. */
const char *services_executable_dir(void);

#endif
