/* Reads the lines of the interactive prompt: from a terminal with editing, history and completion
 * (prompt/prompt.h), otherwise plainly from stdin. Serves script_prompt. */
#ifndef BINDINGS_SCRIPT_SCRIPT_READER_H
#define BINDINGS_SCRIPT_SCRIPT_READER_H

#include <lua.h>
#include <stdbool.h>

struct model_set;
struct script_reader;

/* Keeps the completion's function on the stack of L, which must be there for every read. */
struct script_reader *script_reader_new(lua_State *L, struct model_set *models);
void script_reader_free(struct script_reader *reader);

enum script_read {
    SCRIPT_READ_LINE,      /* pushed, without its line end */
    SCRIPT_READ_INTERRUPT, /* Ctrl-C: what was typed is dropped */
    SCRIPT_READ_END
};
/* `further`: the line continues the statement of the line before. */
enum script_read script_read(struct script_reader *reader, bool further);

#endif
