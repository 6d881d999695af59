#include "bindings/script/script_interrupt.h"

#include <lauxlib.h>
#include <signal.h>
#include <stddef.h>

#include "bindings/vm/state.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Instructions between two looks: far less than a person notices. */
#define EVERY 10000

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};

static volatile sig_atomic_t caught;
static struct sigaction before[COUNT(ending)];
static sigset_t mask;

static void on_signal(int number)
{
    caught = number;
    signal(number, SIG_DFL); /* the second ends the process */
}

static void look(lua_State *L, lua_Debug *frame)
{
    (void)frame;
    if (caught != 0)
        luaL_error(L, "interrupted");
}

void script_interrupt_open(lua_State *L)
{
    state_of(L)->interrupted = &caught;
    lua_sethook(L, look, LUA_MASKCOUNT, EVERY);
}

/* A signal that is ignored stays ignored, as under nohup. */
void script_interrupt_begin(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t open;
    caught = 0;
    sigemptyset(&open);
    for (size_t i = 0; i < COUNT(ending); i++) {
        sigaddset(&open, ending[i]);
        sigaction(ending[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
    }
    sigprocmask(SIG_UNBLOCK, &open, &mask);
}

int script_interrupt_end(void)
{
    sigprocmask(SIG_SETMASK, &mask, NULL);
    for (size_t i = 0; i < COUNT(ending); i++)
        sigaction(ending[i], &before[i], NULL);
    int number = caught;
    caught = 0;
    return number;
}
