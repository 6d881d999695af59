#include "bindings/policy/source_token.h"

#include <string.h>

#define NAME_FIRST "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS "0123456789"

static bool one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static void advance(struct source_reader *reader)
{
    if (*reader->at == '\n')
        reader->line++;
    reader->at++;
}

/* Level of a long bracket that opens here ("[[" 0, "[=[" 1), or -1. */
static int long_level(const struct source_reader *reader)
{
    const char *c = reader->at + 1;
    int level = 0;
    while (c < reader->end && *c == '=') {
        level++;
        c++;
    }
    return c < reader->end && *c == '[' ? level : -1;
}

static bool closes(const struct source_reader *reader, int level)
{
    const char *c = reader->at;
    if (reader->end - c < level + 2 || c[0] != ']' || c[level + 1] != ']')
        return false;
    for (int i = 1; i <= level; i++) {
        if (c[i] != '=')
            return false;
    }
    return true;
}

static struct source_token read_long(struct source_reader *reader, int level)
{
    struct source_token token = {.kind = TOKEN_STRING, .line = reader->line};
    reader->at += level + 2;
    token.text = reader->at;
    while (reader->at < reader->end && !closes(reader, level))
        advance(reader);
    token.length = (size_t)(reader->at - token.text);
    if (reader->at < reader->end)
        reader->at += level + 2;
    return token;
}

static struct source_token read_string(struct source_reader *reader)
{
    char quote = *reader->at++;
    struct source_token token = {.kind = TOKEN_STRING, .text = reader->at, .line = reader->line};
    while (reader->at < reader->end && *reader->at != quote) {
        if (*reader->at == '\\' && reader->at + 1 < reader->end)
            advance(reader);
        advance(reader);
    }
    token.length = (size_t)(reader->at - token.text);
    if (reader->at < reader->end)
        reader->at++;
    return token;
}

static void skip_comment(struct source_reader *reader)
{
    reader->at += 2;
    int level = reader->at < reader->end && *reader->at == '[' ? long_level(reader) : -1;
    if (level >= 0) {
        read_long(reader, level);
        return;
    }
    while (reader->at < reader->end && *reader->at != '\n')
        reader->at++;
}

static void skip_blanks(struct source_reader *reader)
{
    while (reader->at < reader->end) {
        if (one_of(*reader->at, " \t\r\n\f\v"))
            advance(reader);
        else if (reader->end - reader->at >= 2 && memcmp(reader->at, "--", 2) == 0)
            skip_comment(reader);
        else
            return;
    }
}

struct source_token source_token_next(struct source_reader *reader)
{
    skip_blanks(reader);
    struct source_token token = {.kind = TOKEN_END, .text = reader->at, .line = reader->line};
    if (reader->at >= reader->end)
        return token;
    if (*reader->at == '"' || *reader->at == '\'')
        return read_string(reader);
    if (*reader->at == '[' && long_level(reader) >= 0)
        return read_long(reader, long_level(reader));
    token.kind = one_of(*reader->at, NAME_FIRST) ? TOKEN_NAME : TOKEN_OTHER;
    reader->at++;
    while (token.kind == TOKEN_NAME && reader->at < reader->end &&
           (one_of(*reader->at, NAME_FIRST) || one_of(*reader->at, DIGITS)))
        reader->at++;
    token.length = (size_t)(reader->at - token.text);
    return token;
}

bool source_token_is(const struct source_token *token, const char *text)
{
    return token->kind != TOKEN_STRING && strlen(text) == token->length &&
           memcmp(token->text, text, token->length) == 0;
}
