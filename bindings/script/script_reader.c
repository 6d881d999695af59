#include "bindings/script/script_reader.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "bindings/script/script_complete.h"
#include "bindings/script/script_interrupt.h"
#include "prompt/history_path.h"
#include "prompt/prompt.h"

#define WELCOME                                                                                    \
    "Lua, with aws, sts, sqs, sns, sigv4, json and uri; calls act for you. Tab completes, help "   \
    "helps, "                                                                                      \
    "Ctrl-D ends.\n"

struct script_reader {
    lua_State *L;
    struct prompt *prompt; /* NULL: stdin is read plainly */
    int complete;          /* stack index of the function */
};

static size_t complete(void *arg, const char *text, size_t length, struct text_list *words)
{
    const struct script_reader *reader = arg;
    return script_complete(reader->L, reader->complete, text, length, words);
}

struct script_reader *script_reader_new(lua_State *L, struct model_set *models)
{
    struct script_reader *reader = mem_alloc(sizeof *reader);
    struct err err = {0};
    reader->L = L;
    script_complete_open(L, models);
    reader->complete = lua_gettop(L);
    if (prompt_is_possible()) {
        char *history = history_path(getenv);
        reader->prompt = prompt_new(history, complete, reader, &err);
        if (err.kind != ERR_NONE)
            log_warn("no history is kept: %s", err.message);
        mem_free(history);
        fputs(WELCOME, stdout);
        fflush(stdout);
    }
    return reader;
}

void script_reader_free(struct script_reader *reader)
{
    if (reader == NULL)
        return;
    prompt_free(reader->prompt);
    mem_free(reader);
}

static enum script_read read_plainly(lua_State *L, const char *prompt)
{
    char *line = NULL;
    size_t room = 0;
    if (isatty(STDIN_FILENO)) {
        fputs(prompt, stdout);
        fflush(stdout);
    }
    script_interrupt_begin();
    ssize_t length = getline(&line, &room, stdin);
    int number = script_interrupt_end();
    if (length > 0 && line[length - 1] == '\n')
        length--;
    if (length >= 0)
        lua_pushlstring(L, line, (size_t)length);
    else if (isatty(STDIN_FILENO))
        fputs("\n", stdout);
    free(line);
    if (length >= 0)
        return SCRIPT_READ_LINE;
    clearerr(stdin);
    return number == SIGINT ? SCRIPT_READ_INTERRUPT : SCRIPT_READ_END;
}

enum script_read script_read(struct script_reader *reader, bool further)
{
    const char *line, *prompt = further ? ">> " : "> ";
    size_t length;
    if (reader->prompt == NULL)
        return read_plainly(reader->L, prompt);
    switch (prompt_read(reader->prompt, prompt, further, &line, &length)) {
    case PROMPT_LINE: lua_pushlstring(reader->L, line, length); return SCRIPT_READ_LINE;
    case PROMPT_INTERRUPT: return SCRIPT_READ_INTERRUPT;
    case PROMPT_END: break;
    }
    return SCRIPT_READ_END;
}
