/* resource:caller(): the ARN under which AWS knows a session (STS, GetCallerIdentity). It is
 * requested once per session, even if many audits need it. Serves lib_resource; calls the client.
 *
 * The evaluator owns the known sessions. A coroutine that needs the ARN while a request is in
 * progress waits for its response; when no coroutine waits any more, the request is cancelled. */
#ifndef BINDINGS_LIBS_CALLER_H
#define BINDINGS_LIBS_CALLER_H

#include <lua.h>

struct callers;
struct callers *callers_new(void);
void callers_free(struct callers *callers); /* no coroutine may be waiting */
/* A new run may use other sessions. */
void callers_forget(struct callers *callers);

/* Pushes the ARN, at once or when the response arrives; raises on errors. */
int callers_ask(lua_State *L);

#endif
