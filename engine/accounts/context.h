/* The services that one run shares. app/ creates them; everything below borrows them. */
#ifndef ACCOUNTS_CONTEXT_H
#define ACCOUNTS_CONTEXT_H

#include "aws/client/client.h"
#include "exceptions/exceptions.h"
#include "net/loop/loop.h"
#include "notify/message.h"
#include "policy/evaluator.h"
#include "settings/settings.h"

struct admission;
struct baseline;
struct compliance;
struct enabled_regions;
struct security_hub;
struct sessions;
struct state_table;
struct trust;

struct context {
    struct loop *loop;
    struct client *client;
    struct evaluator *evaluator;
    struct sessions *sessions;
    struct trust *trust; /* NULL: nobody is trusted (in commands that make no verdicts) */
    struct exceptions *exceptions;
    struct admission *admission;           /* REPAIR; NULL: everything is admitted */
    const struct text_list *accounts;      /* to be polled; empty: the caller's own */
    const struct enabled_regions *regions; /* --regions all; NULL: not listed */
    const json_t *selected;        /* the checks that are audited (selection.h); NULL: all */
    struct baseline *baseline;     /* --baseline; NULL: there is none */
    struct compliance *compliance; /* --compliance; NULL: there is none */
    struct message *message;
    struct state_table *state; /* STATE_TABLE; NULL: there is none */
    struct security_hub *hub;  /* SECURITY_HUB; NULL: findings are not sent there */
    const struct settings *settings;
    int64_t now_ms; /* start of the run: `now` in every policy */
    /* On the monotonic clock: after this time nothing is started, neither a change nor a read-back.
     * 0: no limit. */
    int64_t stop_ms;
};

/* Has stop_ms passed? */
bool context_is_late(const struct context *context);

/* Makes the scope that a policy of this type gets in that account and region. */
int context_scope(const struct context *context, const struct policy *policy, const char *account,
                  const char *region, struct scope *scope, struct err *err);

#endif
