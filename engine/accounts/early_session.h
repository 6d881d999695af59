/* A session that is opened before anything signs with it: a run does that for its first resource
 * while it asks for the caller's identity. Serves run_lanes; calls sessions and creds. */
#ifndef ACCOUNTS_EARLY_SESSION_H
#define ACCOUNTS_EARLY_SESSION_H

#include "accounts/context.h"

struct early_session;

/* The session with which the policy reads in the account and region. Nothing is reported: an audit
 * that needs the session asks for it again, and gets the error. Without roles there is none: NULL.
 */
struct early_session *early_session_open(const struct context *context, const struct policy *policy,
                                         const char *account, const char *region);
/* Nothing waits for it any longer. NULL is allowed. */
void early_session_drop(struct early_session *early);

#endif
