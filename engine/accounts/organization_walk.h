/* Lists the accounts of an organization, or of parts of it with all units within them, page by
 * page, through ORGANIZATION_ACCOUNT. Serves trust, admission, accounts and app/; calls sessions
 * and client. Source of the calls: AWS Organizations API Reference, ListAccounts,
 * ListAccountsForParent and ListOrganizationalUnitsForParent (pages of 20 at most; more pages may
 * follow an empty page), DescribeOrganization. */
#ifndef ACCOUNTS_ORGANIZATION_WALK_H
#define ACCOUNTS_ORGANIZATION_WALK_H

#include "accounts/sessions.h"
#include "aws/client/client.h"
#include "settings/settings.h"

/* The parent that stands for the whole organization. */
#define ORGANIZATION_WHOLE ""

struct organization_target {
    /* One page: a list of accounts as AWS describes them. `unit` is the added parent that contains
     * them, directly or in one of its units. Each account is listed once, with the nearest such
     * parent. */
    void (*accounts)(void *arg, const json_t *accounts, const char *unit);
    /* The listing is complete, or failed, or was stopped: no more calls follow. */
    void (*done)(void *arg, const struct err *err);
    void *arg;
};

struct organization_walk;
/* Requires ORGANIZATION_ACCOUNT. NULL: no session for it. Do not free the walk within
 * `accounts`. */
struct organization_walk *organization_walk_new(const struct settings *settings,
                                                struct client *client, struct sessions *sessions,
                                                const struct organization_target *target,
                                                struct err *err);
void organization_walk_free(struct organization_walk *walk);
/* Adds a root, a unit, or ORGANIZATION_WHOLE to the parents to list. */
void organization_walk_add(struct organization_walk *walk, const char *parent);
/* Call it from the loop. */
void organization_walk_start(struct organization_walk *walk);
/* Requests no more pages: the page already requested is the last. */
void organization_walk_stop(struct organization_walk *walk);
/* Gives up the page that was requested: `done` is not called. */
void organization_walk_abandon(struct organization_walk *walk);

/* What is not listed yet, for another walk to which the same parents were added with
 * organization_walk_add: {"parents":[…],"units":[…],"inner":false,"token":"…"}, new; "units" are
 * the added parents. NULL: nothing is left. Call it after `done`, or after
 * organization_walk_abandon. */
json_t *organization_walk_left(const struct organization_walk *walk);
/* Continues from there, instead of from the added parents. The object is not trusted: ERR_PARSE if
 * it does not have that form. */
int organization_walk_resume(struct organization_walk *walk, const json_t *left, struct err *err);

/* DescribeOrganization with the same session; NULL with *err as client_start. */
struct client_call *organization_walk_describe(struct organization_walk *walk, struct err *err,
                                               client_done done, void *arg);

/* Is this account, as AWS describes it, neither suspended, nor closed, nor about to be? */
bool organization_walk_is_active(const json_t *account);

/* The IAM actions for these calls, NULL-terminated. */
extern const char *const organization_actions[];

#endif
