/* Whose turn it is between coroutines of a job: one waits for another. Serves the drivers, through
 * core, and task. */
#ifndef BINDINGS_VM_TURNS_H
#define BINDINGS_VM_TURNS_H

#include <lua.h>

struct task;

/* Adds to the table on top
 *   me() -> the running coroutine's number
 *   wait_for(number) -> true when that coroutine called wake or is gone; false where there is none
 *   wake(): whoever waits for the running coroutine goes on */
void turns_open(lua_State *L);
void turns_wake(struct task *task);

#endif
