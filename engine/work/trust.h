/* Whom the operator trusts: KNOWN_ACCOUNTS, and the accounts and id of the organization of
 * ORGANIZATION_ACCOUNT, listed once. Serves policies (`resource:trusted`). Source of the calls:
 * AWS Organizations API, ListAccounts and DescribeOrganization. */
#ifndef WORK_TRUST_H
#define WORK_TRUST_H

#include "aws/client.h"
#include "work/sessions.h"
#include "work/settings.h"

struct trust;
struct trust *trust_new(const struct settings *settings);
void trust_free(struct trust *trust);

/* Lists the organization where one is set; `done` at the next turn where none is. A failure is told
 * as a warning by the caller; the run goes on, with verdicts that hang on it unknown. */
typedef void (*trust_loaded)(void *arg, const struct err *err);
void trust_load(struct trust *trust, struct loop *loop, struct client *client,
                struct sessions *sessions, trust_loaded done, void *arg);

/* The IAM actions that trust_load needs, NULL-ended. */
extern const char *const trust_actions[];

/* 1 trusted, 0 not, -1 cannot be told. For scope.trusted: `trust` is a struct trust. */
int trust_check(void *trust, const char *account_or_organization);

#endif
