/* Whom the operator trusts: KNOWN_ACCOUNTS, the accounts and id of the organization of
 * ORGANIZATION_ACCOUNT, listed once, the accounts that are polled (ACCOUNTS) and the caller's own.
 * Serves policies (`resource:trusted`); calls organization_walk. */
#ifndef ACCOUNTS_TRUST_H
#define ACCOUNTS_TRUST_H

#include "accounts/sessions.h"
#include "aws/client/client.h"
#include "settings/settings.h"

struct trust;
struct trust *trust_new(const struct settings *settings);
void trust_free(struct trust *trust);

/* Lists the organization where one is set; `done` at the next turn where none is. A failure is told
 * as a warning by the caller; the run goes on, with verdicts that hang on it unknown. */
typedef void (*trust_loaded)(void *arg, const struct err *err);
void trust_load(struct trust *trust, struct loop *loop, struct client *client,
                struct sessions *sessions, trust_loaded done, void *arg);

/* Nothing more is asked: a listing that is under way fails after its page, and the next trust_load
 * goes on there. */
void trust_stop(struct trust *trust);
/* Is there a part of the organization to go on from? */
bool trust_is_partial(const struct trust *trust);

/* The caller's own account; NULL: it could not be asked for, so no fix may remove an account. */
void trust_caller(struct trust *trust, const char *account);

/* For scope.trusted and scope.doubt; `trust` is a struct trust. 1 trusted, 0 not, -1 cannot be
 * told. */
int trust_check(void *trust, const char *id);
const char *trust_doubt(void *trust, const char *id);

#endif
