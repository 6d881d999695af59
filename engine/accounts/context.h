/* The services that one run shares, joined by app/ and borrowed by everything below it. */
#ifndef ACCOUNTS_CONTEXT_H
#define ACCOUNTS_CONTEXT_H

#include "aws/client/client.h"
#include "exceptions/exceptions.h"
#include "net/loop/loop.h"
#include "notify/message.h"
#include "policy/evaluator.h"
#include "settings/settings.h"

struct admission;
struct sessions;
struct state_table;
struct trust;

struct context {
    struct loop *loop;
    struct client *client;
    struct evaluator *evaluator;
    struct sessions *sessions;
    struct trust *trust; /* NULL: nobody is trusted, as when verdicts do not matter */
    struct exceptions *exceptions;
    struct admission *admission;      /* REPAIR; NULL: everything is admitted */
    const struct text_list *accounts; /* to be polled; empty: the caller's own */
    const json_t *selected;           /* the checks that are audited (selection.h); NULL: all */
    struct message *message;
    struct state_table *state; /* STATE_TABLE; NULL: there is none */
    const struct settings *settings;
    int64_t now_ms; /* start of the run: `now` of every policy */
    /* On the monotonic clock: from then on nothing is begun, no change and no reading back. 0: no
     * such time. */
    int64_t stop_ms;
};

/* Is it over? */
bool context_is_late(const struct context *context);

/* The doors that a policy of this type gets in that account and region. */
int context_scope(const struct context *context, const struct policy *policy, const char *account,
                  const char *region, struct scope *scope, struct err *err);

#endif
