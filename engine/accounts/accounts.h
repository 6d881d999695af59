/* Which accounts are polled, by the words of --accounts (ACCOUNTS): account ids; "org", all active
 * accounts of the organization, and "org:ou-…" (or "org:r-…"), those of a unit and of the units
 * within it, both read through ORGANIZATION_ACCOUNT; "!111122223333", not this one. Serves app/;
 * calls organization_walk. */
#ifndef ACCOUNTS_ACCOUNTS_H
#define ACCOUNTS_ACCOUNTS_H

#include "accounts/organization_known.h"
#include "accounts/organization_walk.h"
#include "net/loop/loop.h"

struct accounts;
/* NULL with ERR_USAGE: words that only leave out; or a word for the organization, and
 * ORGANIZATION_ACCOUNT is not set. */
struct accounts *accounts_new(const struct settings *settings, struct err *err);
void accounts_free(struct accounts *accounts);

/* Those that are known so far: the ids that the words name, until accounts_load has added those
 * that it found. Empty where no word was given: the caller's own is meant. Borrowed. */
const struct text_list *accounts_list(const struct accounts *accounts);
/* Does a word ask for the organization, or a part of it? */
bool accounts_ask_organization(const struct accounts *accounts);
/* Adds to the walk what the words ask for. */
void accounts_add_parents(const struct accounts *accounts, struct organization_walk *walk);
/* Is this account, as AWS tells it, to be polled because of where it is? An id that a word names
 * is polled, or left out, for that. */
bool accounts_take(const struct accounts *accounts, const json_t *account);

/* Fills the list from what was listed of the whole organization; false where that does not tell who
 * is active, or a unit is asked for. ERR_USAGE as below. */
bool accounts_know(struct accounts *accounts, const struct organization_known *known,
                   struct err *err);
/* Fills the list from the organization, which some word asks for. Without any account to be polled
 * it is ERR_USAGE. */
typedef void (*accounts_loaded)(void *arg, const struct err *err);
void accounts_load(struct accounts *accounts, struct loop *loop, struct client *client,
                   struct sessions *sessions, accounts_loaded done, void *arg);

#endif
