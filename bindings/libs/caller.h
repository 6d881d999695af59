/* resource:caller(): the ARN that AWS knows a session by (STS, GetCallerIdentity), asked once for
 * each session, however many audits want to know. Serves lib_resource; calls the client.
 *
 * The evaluator owns what is known of its sessions. Who asks while an answer is on its way waits
 * for it; when nobody waits any more, the call is off. */
#ifndef BINDINGS_LIBS_CALLER_H
#define BINDINGS_LIBS_CALLER_H

#include <lua.h>

struct callers;
struct callers *callers_new(void);
void callers_free(struct callers *callers); /* nobody waits any more; NULL is allowed */
/* Another run may use other sessions. */
void callers_forget(struct callers *callers);

/* Pushes the ARN, now or when it is known; raises. */
int callers_ask(lua_State *L);

#endif
