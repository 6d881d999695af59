/* Lets one coroutine of a job wait for another. Serves the drivers, through core, and task. */
#ifndef BINDINGS_VM_TURNS_H
#define BINDINGS_VM_TURNS_H

#include <lua.h>

struct task;

/* Adds these functions to the table on top:
 * me() -> the number of the running coroutine
 * wait_for(number) -> true when that coroutine has called wake or has ended; false if there is none
 * wake(): resumes all coroutines that wait for the running one */
void turns_open(lua_State *L);
void turns_wake(struct task *task);

#endif
