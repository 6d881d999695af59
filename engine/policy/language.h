/* What the program asks of a policy language. bindings/ implements it with Lua, main.c hands it in,
 * and nothing else in engine/ knows which language it is. Serves app/ and the bindings. */
#ifndef POLICY_LANGUAGE_H
#define POLICY_LANGUAGE_H

#include "aws/client/client.h"
#include "net/loop/loop.h"
#include "policy/evaluator.h"

/* What a script of the operator's works with; all borrowed. */
struct script_parts {
    struct loop *loop;
    struct client *client;
    struct creds_env *creds_env;
    struct creds_provider *provider; /* the caller's own */
    const struct session *operator_session;
    const char *region;
    const char *member_role; /* for aws:in_account */
    const char *external_id;
    const char *lib_dir; /* policies/lib, or NULL */
};

struct language {
    /* A host whose policies find their helpers in lib_dir; free with host_free. With models, names
     * of operations are checked when a policy is loaded. */
    void *(*host_new)(struct loop *loop, const char *lib_dir, struct model_set *models);
    struct evaluator *(*evaluator)(void *host);
    void (*host_free)(void *host);
    /* Runs FILE with its arguments (argv[0] is the file), or the interactive prompt when file is
     * NULL. The result is the exit status. */
    int (*script)(const struct script_parts *parts, const char *file, int argc, char **argv,
                  struct err *err);
    /* Editor annotations of the language and of what a policy and a script can reach. */
    const char *annotations;
};

#endif
