/* Which credentials sign for which account and type. Two limits enforce that an audit only reads
 * what the type's policy declares: the client refuses to sign anything else, and the assumed role
 * has a session policy. Types that are audited in the same run share a session of an account where
 * their read actions fit into one session policy (sessions_share); then the session policy has the
 * read actions of these types, and the client still knows only those of the one type. Only the gate
 * uses a changing provider, which is of one type. Serves run, gate, poll; calls creds. */
#ifndef ACCOUNTS_SESSIONS_H
#define ACCOUNTS_SESSIONS_H

#include "aws/client/client.h"
#include "aws/creds/creds.h"
#include "aws/endpoint/endpoint.h"
#include "policy/evaluator.h"
#include "settings/settings.h"

struct sessions;
struct sessions *sessions_new(const struct creds_env *env, struct creds_provider *own,
                              const struct settings *settings, const struct endpoints *endpoints);
void sessions_free(struct sessions *sessions);

/* The caller's own account, as soon as it is known (message_whoami); needed without roles. */
void sessions_set_caller(struct sessions *sessions, const char *account);

/* The types that this run audits share sessions: those that the settings and `selected`
 * (selection.h) leave. Without this call, and for other types, each type has a session of its own.
 * Borrows both. Call it before the first reader. */
void sessions_share(struct sessions *sessions, struct evaluator *evaluator, const json_t *selected);

/* The session that reads resources of this type in this account; it lives until sessions_forget.
 * NULL with ERR_POLICY if the session policy would exceed 2,048 characters, or with ERR_CREDS if no
 * role may be assumed and the account is not the caller's. */
const struct session *sessions_reader(struct sessions *sessions, const struct policy *policy,
                                      const char *account, const char *region, struct err *err);
/* Credentials with the read and write actions of the type. Borrowed. */
struct creds_provider *sessions_writer(struct sessions *sessions, const struct policy *policy,
                                       const char *account, const char *region, struct err *err);
/* Credentials of the member role limited to these actions (a NULL-terminated list): for trust. */
struct creds_provider *sessions_for_actions(struct sessions *sessions, const char *account,
                                            const char *region, const char *const *actions,
                                            struct err *err);

/* How many sessions of roles exist now: each keeps credentials. */
size_t sessions_count(const struct sessions *sessions);
/* Frees them. None may be in use. */
void sessions_forget(struct sessions *sessions);

/* {"Version","Statement":[{"Effect":"Allow","Action":[…],"Resource":"*"}]} with a policy's read
 * (and write) actions, as a new string. */
char *sessions_policy_text(const struct policy *policy, bool with_writes);

#endif
