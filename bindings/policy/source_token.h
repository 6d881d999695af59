/* Lua's tokens, as far as source_text.c needs them: names, strings, and single characters. */
#ifndef BINDINGS_POLICY_SOURCE_TOKEN_H
#define BINDINGS_POLICY_SOURCE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum source_token_kind { TOKEN_END, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct source_token {
    enum source_token_kind kind;
    const char *text; /* a string's without its quotes */
    size_t length;
    int line;
};

struct source_reader {
    const char *at, *end;
    int line;
};

struct source_token source_token_next(struct source_reader *reader);
bool source_token_is(const struct source_token *token, const char *text);

#endif
