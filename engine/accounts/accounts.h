/* Which accounts are polled, according to the words of --accounts (ACCOUNTS): account ids; "org":
 * all active accounts of the organization; "org:ou-…" (or "org:r-…"): the accounts of a unit and of
 * the units within it; "!111122223333": not this account. The organization is read through
 * ORGANIZATION_ACCOUNT. Serves app/; calls organization_walk. */
#ifndef ACCOUNTS_ACCOUNTS_H
#define ACCOUNTS_ACCOUNTS_H

#include "accounts/organization_known.h"
#include "accounts/organization_walk.h"
#include "net/loop/loop.h"

struct accounts;
/* NULL with ERR_USAGE if all words only exclude accounts, or if a word names the organization and
 * ORGANIZATION_ACCOUNT is not set. */
struct accounts *accounts_new(const struct settings *settings, struct err *err);
void accounts_free(struct accounts *accounts);

/* The accounts known so far: the ids that the words name; after accounts_load also those that it
 * found. Empty if no word was given: then the caller's own account is polled. Borrowed. */
const struct text_list *accounts_list(const struct accounts *accounts);
/* Does a word name the organization, or a part of it? */
bool accounts_ask_organization(const struct accounts *accounts);
/* Adds the parents that the words name to the walk. */
void accounts_add_parents(const struct accounts *accounts, struct organization_walk *walk);
/* Should this account, as AWS describes it, be polled because of its place in the organization? An
 * id that a word names is included or excluded by that word alone. */
bool accounts_take(const struct accounts *accounts, const json_t *account);

/* Fills the list from what is known of the whole organization. False if that does not show which
 * accounts are active, or if a word names a unit. ERR_USAGE as below. */
bool accounts_from_known(struct accounts *accounts, const struct organization_known *known,
                         struct err *err);
/* Fills the list from the organization, which some word names. ERR_USAGE if there is no account to
 * poll. */
typedef void (*accounts_loaded)(void *arg, const struct err *err);
void accounts_load(struct accounts *accounts, struct loop *loop, struct client *client,
                   struct sessions *sessions, accounts_loaded done, void *arg);

#endif
