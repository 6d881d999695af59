/* What the program asks of a policy language. bindings/ implements it with Lua, main.c passes the
 * implementation in, and nothing else in engine/ knows which language it is. Serves app/ and the
 * bindings. */
#ifndef POLICY_LANGUAGE_H
#define POLICY_LANGUAGE_H

#include "aws/client/client.h"
#include "net/loop/loop.h"
#include "policy/evaluator.h"

/* What an operator's script works with; all borrowed. */
struct script_parts {
    struct loop *loop;
    struct client *client;
    struct creds_env *creds_env;
    struct creds_provider *provider; /* the caller's own */
    const struct session *operator_session;
    const char *region;
    const char *member_role; /* for aws:in_account */
    const char *external_id;
    const char *lib_dir; /* `lib` of the policies directories, separated by ':', or NULL */
};

struct language {
    /* A host whose policies load their helpers from `lib` beside them, or from the directories of
     * lib_dir (separated by ':'; NULL: none); free it with host_free. If models is
     * set, operation names are checked when a policy is loaded. A policy that the build has
     * validated is not run before a job needs it, unless the host validates all of them. */
    void *(*host_new)(struct loop *loop, const char *lib_dir, struct model_set *models,
                      bool validates);
    struct evaluator *(*evaluator)(void *host);
    void (*host_free)(void *host);
    /* Runs FILE with its arguments (argv[0] is the file), or the interactive prompt when file is
     * NULL. Returns the exit status. */
    int (*script)(const struct script_parts *parts, const char *file, int argc, char **argv,
                  struct err *err);
    /* Editor annotations of the language and of everything a policy and a script can call. */
    const char *annotations;
};

#endif
