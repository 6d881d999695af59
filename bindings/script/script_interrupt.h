/* Ctrl-C and other signals that end a process, while a script runs: an error is raised in the
 * script, in endless loops and in calls that wait; a second signal ends the process. Serves script
 * and script_prompt; calls bindings/vm. Without it, the signals would wait for the event loop,
 * which a script that makes no call never enters. */
#ifndef BINDINGS_SCRIPT_SCRIPT_INTERRUPT_H
#define BINDINGS_SCRIPT_SCRIPT_INTERRUPT_H

#include <lua.h>

/* Sets the hook; coroutines that are created later inherit it. */
void script_interrupt_open(lua_State *L);

/* Between these two, signals raise an error. The end returns the signal, or 0. */
void script_interrupt_begin(void);
int script_interrupt_end(void);

#endif
