/* One Lua state: an allocator with a maximum, the registry entries of the host, and the two
 * functions through which C enters Lua (state_protect here, lua_resume in job.c). All other code
 * runs within one of them, so no Lua error can reach C unprotected.
 *
 * Serves host and every binding. A state is owned by its policy file, or by a script. */
#ifndef BINDINGS_VM_STATE_H
#define BINDINGS_VM_STATE_H

#include <jansson.h>
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "bindings/vm/blocks.h"
#include "bindings/vm/host.h"

struct policy_file;
struct evaluation;
struct closer;

struct state {
    struct host *host;
    struct policy_file *file; /* NULL: the state of a script */
    lua_State *L;
    size_t used, max; /* bytes; max 0: no limit */
    struct blocks blocks;
    struct spares spare_tasks; /* with coroutines that have returned: task.c alone uses them */
    int first_key;             /* the entry of the registry with the first state_key */
    struct evaluation *jobs;   /* running jobs, linked by next_job */
    struct evaluation *loader; /* the job that loads the file, while it runs */
    int request;               /* what the table under STATE_REQUEST asks for; 0: none yet */
    const json_t *settings;    /* settings whose frozen copy is under STATE_SETTINGS */
    /* Returns a script's session in another account; NULL with err on error. */
    const struct session *(*session_in)(void *arg, const char *account, struct err *err);
    void *session_arg;
    const volatile sig_atomic_t *interrupted; /* of a script: not 0 when it is to end; or NULL */
    struct closer *closers;                   /* closers of userdata: a finalizer may fail to run */
    lua_State *running;                       /* the running coroutine; NULL: none */
    size_t allocated;                  /* bytes of large blocks since the budget last looked */
    void (*hurry)(lua_State *running); /* makes the budget look; set before any coroutine runs */
    size_t taken;                      /* approximate bytes of convert_take's last JSON */
    char no_memory_at[96];             /* "policies/sqs.lua:12": where it last needed too much */
    /* The metatables of views of values, and of `resource` and `scope`, for fast checks. */
    const void *view, *resource;
};

/* Entries of the registry: state_push and state_store. */
enum state_key {
    STATE_ENV,       /* the frozen globals of a policy's chunk */
    STATE_FUNCTIONS, /* the loaded policy's functions */
    STATE_DECLARED,  /* the table passed to policy {…} */
    STATE_LOADED,    /* modules of lib by name */
    STATE_LIST,      /* metatable of lists */
    STATE_ERROR,     /* metatable of errors */
    STATE_BOX,       /* metatable of json_t in userdata */
    STATE_RESOURCE,  /* metatable of `resource` and `scope` */
    STATE_AWS,       /* metatable of `aws` */
    STATE_AWS_HERE,  /* the `aws` of every resource */
    STATE_SERVICE,   /* metatable of `aws.sqs` */
    STATE_PAGES,     /* metatable of pages */
    STATE_SHAPES,    /* metatables of structures, by model and shape */
    STATE_VIEW,      /* metatable of views of values */
    STATE_STATE,     /* metatable of views of states */
    STATE_SETTINGS,  /* frozen settings */
    STATE_COLLECT,   /* what drivers and schema share */
    STATE_START,     /* drivers, from prelude */
    STATE_AUDIT,
    STATE_DISCOVER,
    STATE_EVENT,
    STATE_NAMES,
    STATE_DATA,
    STATE_REQUEST, /* of audits: jobs.c */
    STATE_KEYS
};
struct state *state_new(struct host *host, size_t max);
void state_free(struct state *state);

/* Calls fn(arg as light userdata) in protected mode on the main thread. */
int state_protect(struct state *state, struct err *err, lua_CFunction fn, void *arg);

struct state *state_of(lua_State *L);

struct loop *state_loop(const struct state *state);

/* Counts memory that C holds for the state toward the state's maximum. Returns false, and counts
 * nothing, if that would exceed the maximum even after a collection. What was counted must be
 * released. */
bool state_hold(struct state *state, size_t bytes);
size_t state_room(struct state *state); /* how much more could be held */
void state_let_go(struct state *state, size_t bytes);

/* Pushes the value stored under the key / pops the top and stores it. */
void state_push(lua_State *L, enum state_key key);
void state_store(lua_State *L, enum state_key key);

#endif
