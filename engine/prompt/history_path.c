#include "prompt/history_path.h"

#include <stddef.h>

#include "base/mem.h"

#define NAME "engine/history"

char *history_path(char *(*getenv_fn)(const char *name))
{
    const char *own = getenv_fn("ENGINE_HISTORY");
    const char *state = getenv_fn("XDG_STATE_HOME");
    const char *home = getenv_fn("HOME");
    if (own != NULL)
        return own[0] != '\0' ? mem_strdup(own) : NULL;
    if (state != NULL && state[0] == '/') /* a relative path is to be ignored */
        return mem_printf("%s/" NAME, state);
    return home != NULL && home[0] == '/' ? mem_printf("%s/.local/state/" NAME, home) : NULL;
}
