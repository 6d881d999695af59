/* Lets one coroutine of a job wait for another. Serves the drivers, through core, and task. */
#ifndef BINDINGS_VM_COROUTINE_WAIT_H
#define BINDINGS_VM_COROUTINE_WAIT_H

#include <lua.h>

struct task;

/* Adds these functions to the table on top:
 * me() -> the number of the running coroutine
 * wait_for(number) -> true when that coroutine has called wake or has ended; false if there is none
 * wake(): resumes all coroutines that wait for the running one */
void coroutine_wait_open(lua_State *L);
void coroutine_wait_wake(struct task *task);

#endif
