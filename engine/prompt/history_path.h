/* Where the lines that were typed are kept. Serves bindings/script. */
#ifndef PROMPT_HISTORY_PATH_H
#define PROMPT_HISTORY_PATH_H

/* ENGINE_HISTORY, or engine/history in XDG_STATE_HOME or ~/.local/state (XDG Base Directory
 * Specification). NULL: nowhere, if ENGINE_HISTORY is empty or there is no home. Free with
 * mem_free. */
char *history_path(char *(*getenv_fn)(const char *name));

#endif
