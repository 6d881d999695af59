/* Lists the accounts of an organization, or of parts of it with all the units within them, page by
 * page, through ORGANIZATION_ACCOUNT. Serves trust, admission, accounts and app/; calls sessions
 * and client. Source of the calls: AWS Organizations API Reference, ListAccounts,
 * ListAccountsForParent and ListOrganizationalUnitsForParent (pages of 20 at most, an empty page
 * may be followed by others), DescribeOrganization. */
#ifndef ACCOUNTS_ORGANIZATION_WALK_H
#define ACCOUNTS_ORGANIZATION_WALK_H

#include "accounts/sessions.h"
#include "aws/client/client.h"
#include "settings/settings.h"

/* The parent that stands for the whole organization. */
#define ORGANIZATION_WHOLE ""

struct organization_target {
    /* One page: a list of accounts as AWS tells them. `unit` is the parent that was asked for in
     * which, or in whose units, they are. Each account comes once, with the nearest such unit. */
    void (*accounts)(void *arg, const json_t *accounts, const char *unit);
    /* All is listed, it failed, or it was stopped: nothing follows. */
    void (*done)(void *arg, const struct err *err);
    void *arg;
};

struct organization_walk;
/* ORGANIZATION_ACCOUNT is set. NULL: no session for it. Never free it within `accounts`. */
struct organization_walk *organization_walk_new(const struct settings *settings,
                                                struct client *client, struct sessions *sessions,
                                                const struct organization_target *target,
                                                struct err *err);
void organization_walk_free(struct organization_walk *walk);
/* A root, a unit, or ORGANIZATION_WHOLE: to be listed. */
void organization_walk_add(struct organization_walk *walk, const char *parent);
/* From the loop. */
void organization_walk_start(struct organization_walk *walk);
/* No further page is asked for: the one under way is the last. */
void organization_walk_stop(struct organization_walk *walk);

/* What is not listed yet, for another walk, which knows the same parents by organization_walk_add:
 * {"parents":[…],"units":[…],"inner":false,"token":"…"}, new: units are those that were asked for.
 * NULL: nothing is left. After `done`. */
json_t *organization_walk_left(const struct organization_walk *walk);
/* Instead of what was added: goes on there. Untrusted: what is no such object is ERR_PARSE. */
int organization_walk_resume(struct organization_walk *walk, const json_t *left, struct err *err);

/* DescribeOrganization by the same session; NULL with *err as client_start. */
struct client_call *organization_walk_describe(struct organization_walk *walk, client_done done,
                                               void *arg, struct err *err);

/* An account as AWS tells it: neither suspended, nor closed, nor on the way there. */
bool organization_walk_is_active(const json_t *account);

/* The IAM actions of all this, NULL-ended. */
extern const char *const organization_actions[];

#endif
