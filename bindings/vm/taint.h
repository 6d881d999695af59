/* What became of a policy's calls, by the unit that made them: a discovery, the fetch, a part of
 * `reads`, the tags, a check's audit, a check's fix. A call that raised taints its unit even when
 * the policy caught the error, in whatever coroutine: whoever runs the unit (the drivers, through
 * core) asks afterwards, and what a tainted unit returned does not count.
 *
 * Every function that calls AWS begins with taint_begin and ends with taint_end; whatever raises
 * between them, the end of memory included, leaves the unit tainted. Serves lib_aws, lib_pages,
 * lib_resource, and the drivers. A unit is owned by its job. */
#ifndef BINDINGS_VM_TAINT_H
#define BINDINGS_VM_TAINT_H

#include <lua.h>
#include <stdbool.h>

#include "base/err.h"

struct task;
struct unit;

/* Of the running task's unit; nothing where there is none (a script, a file that is loaded). */
void taint_begin(lua_State *L);
void taint_end(lua_State *L);
/* A worker for this unit is dropped before its end: tainted where it waits for something, or reads
 * a part (a unit of its own). A call that was answered, and whose worker did not go on, never
 * ended. */
void taint_give_up(struct unit *unit, const struct task *worker);
/* The unit is tainted by this error; the first one counts. Raises it: does not return. */
int taint_raise(lua_State *L, const struct err *err);
/* The same with a message, at the place of the policy that calls. */
int taint_refuse(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A refusal that the policy declares under `tolerates`. */
void taint_tolerate(lua_State *L, const struct err *err);

/* Raises the error that tainted the running unit, if any did. */
void taint_check(lua_State *L);

/* Adds to the table on top, for the drivers:
 *   enter() -> a new unit, in which the running coroutine works from now on, and the one before
 *   leave(unit): back to that one
 *   unit() -> the one in which the coroutine works
 *   tainted(unit) -> its error (true where a call raised one that nobody noted), or nil; the first
 *                    tolerated refusal, or nil
 *   taint(error), tolerate(error): the running unit's */
void taint_open(lua_State *L);

#endif
