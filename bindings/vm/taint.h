/* Tracks the outcome of a policy's calls for each unit of work: a discovery, the fetch, a part of
 * `reads`, the tags, the audit of a check, the fix of a check. A call that raised taints its unit,
 * even if the policy caught the error, and in any coroutine. The code that runs the unit (the
 * drivers, through core) checks it afterwards: results of a tainted unit do not count.
 *
 * Every function that calls AWS begins with taint_begin and ends with taint_end. Any error raised
 * between them, including out of memory, leaves the unit tainted. Serves lib_aws, lib_pages,
 * lib_resource, and the drivers. A unit is owned by its job. */
#ifndef BINDINGS_VM_TAINT_H
#define BINDINGS_VM_TAINT_H

#include <lua.h>
#include <stdbool.h>

#include "base/err.h"

struct task;
struct unit;

/* For the unit of the running task. Does nothing if there is none (a script, a file being
 * loaded). */
void taint_begin(lua_State *L);
void taint_end(lua_State *L);
/* A worker of this unit is dropped before its end. The unit is tainted if the worker waits for
 * something, or reads a part (a unit of its own). A call counts as not ended if its response came
 * but the worker did not continue. */
void taint_give_up(struct unit *unit, const struct task *worker);
/* Taints the unit with this error (the first one counts) and raises it. Does not return. */
int taint_raise(lua_State *L, const struct err *err);
/* The same with a message, at the position in the policy that calls. */
int taint_refuse(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Records a refusal that the policy declares under `tolerates`. */
void taint_tolerate(lua_State *L, const struct err *err);

/* Raises the error that tainted the running unit, if there is one. */
void taint_check(lua_State *L);

/* What the running unit needs is ready in so many seconds. In a unit of run_apart, that unit ends
 * with this as its result, even if the policy catches the error. In all others, the whole job ends
 * with it. Does not return. */
int taint_later(lua_State *L, lua_Integer seconds);

/* Adds these functions to the table on top, for the drivers:
 * run(fn, …): calls the function in a new unit -> the error that it or one of its calls raised, or
 * nil; the first tolerated refusal, or nil; its results
 * run_apart(fn, …): the same; what it waits for delays this unit alone
 * delay() -> after an error of run_apart: the number of seconds if it is not ready yet, else nil
 * later(seconds): taint_later
 * unit() -> the unit of the running coroutine
 * taint(error), tolerate(error): for the running unit */
void taint_open(lua_State *L);

#endif
