#include "bindings/policy/source_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bindings/policy/source_token.h"

#define MAX_DEPTH 20

struct field {
    char *path;
    int line;
};

struct source_text {
    struct source_token *tokens; /* ended by TOKEN_END; point into the text, which is the file's */
    size_t count;
    struct field *fields;
    size_t field_count;
    int policy_line;
};

static void read_tokens(struct source_text *source, const char *text, size_t length)
{
    struct source_reader reader = {.at = text, .end = text + length, .line = 1};
    size_t room = 0;
    do {
        if (source->count == room) {
            room = room != 0 ? 2 * room : 256;
            source->tokens = mem_resize(source->tokens, room * sizeof *source->tokens);
        }
        source->tokens[source->count] = source_token_next(&reader);
    } while (source->tokens[source->count++].kind != TOKEN_END);
}

static bool is(const struct source_text *source, size_t at, const char *text)
{
    return at < source->count && source_token_is(&source->tokens[at], text);
}

static bool ended(const struct source_text *source, size_t at)
{
    return at >= source->count || source->tokens[at].kind == TOKEN_END;
}

static void add_field(struct source_text *source, const char *path, int line)
{
    struct field field = {.path = mem_strdup(path), .line = line};
    size_t size = (source->field_count + 1) * sizeof field;
    source->fields = mem_resize(source->fields, size);
    source->fields[source->field_count++] = field;
}

/* How a token changes the nesting of brackets and of blocks that `end` or `until` close. */
static int nesting(const struct source_token *token)
{
    static const char *const open[] = {"{", "(", "[", "function", "if", "do", "repeat"};
    static const char *const close[] = {"}", ")", "]", "end", "until"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (source_token_is(token, open[i]))
            return 1;
    }
    for (size_t i = 0; i < sizeof close / sizeof *close; i++) {
        if (source_token_is(token, close[i]))
            return -1;
    }
    return 0;
}

/* To the ',' or '}' that ends the value. */
static size_t skip_value(const struct source_text *source, size_t at)
{
    int depth = 0;
    for (; !ended(source, at); at++) {
        bool ends = is(source, at, ",") || is(source, at, ";") || is(source, at, "}");
        if (depth == 0 && ends)
            return at;
        depth += nesting(&source->tokens[at]);
    }
    return at;
}

/* Writes the path of the entry that begins at `at`; returns where its value begins. */
static size_t read_key(const struct source_text *source, size_t at, const char *parent,
                       int *position, char path[256])
{
    const struct source_token *token = &source->tokens[at];
    const char *dot = parent[0] != '\0' ? "." : "";
    if (token->kind == TOKEN_NAME && is(source, at + 1, "=") && !is(source, at + 2, "=")) {
        snprintf(path, 256, "%s%s%.*s", parent, dot, (int)token->length, token->text);
        return at + 2;
    }
    if (is(source, at, "[") && source->tokens[at + 1].kind == TOKEN_STRING &&
        is(source, at + 2, "]") && is(source, at + 3, "=")) {
        token = &source->tokens[at + 1];
        snprintf(path, 256, "%s%s%.*s", parent, dot, (int)token->length, token->text);
        return at + 4;
    }
    snprintf(path, 256, "%s[%d]", parent, ++*position);
    return at;
}

/* The constructor whose '{' is at `at`; returns the place behind its '}'. */
static size_t read_table(struct source_text *source, size_t at, const char *parent, int depth)
{
    char path[256];
    int position = 0;
    at++;
    while (!ended(source, at) && !is(source, at, "}")) {
        int line = source->tokens[at].line;
        size_t value = read_key(source, at, parent, &position, path);
        add_field(source, path, line);
        at = value;
        if (is(source, at, "{") && depth < MAX_DEPTH)
            at = read_table(source, at, path, depth + 1);
        at = skip_value(source, at);
        if (is(source, at, ",") || is(source, at, ";"))
            at++;
    }
    return at + 1;
}

/* policy {…} or policy({…}): the last one in the file. */
static void read_policy(struct source_text *source)
{
    for (size_t at = source->count; at-- > 0;) {
        size_t table = at + 1;
        if (!is(source, at, "policy") || source->tokens[at].kind != TOKEN_NAME)
            continue;
        if (is(source, table, "("))
            table++;
        if (!is(source, table, "{"))
            continue;
        source->policy_line = source->tokens[at].line;
        read_table(source, table, "", 0);
        return;
    }
}

struct source_text *source_text_new(const char *text, size_t length)
{
    struct source_text *source = mem_alloc(sizeof *source);
    source->policy_line = 1;
    read_tokens(source, text, length);
    read_policy(source);
    return source;
}

void source_text_free(struct source_text *source)
{
    if (source == NULL)
        return;
    for (size_t i = 0; i < source->field_count; i++)
        mem_free(source->fields[i].path);
    mem_free(source->fields);
    mem_free(source->tokens);
    mem_free(source);
}

int source_text_line(const struct source_text *source, const char *path)
{
    size_t best = 0;
    int line = source->policy_line;
    for (size_t i = 0; i < source->field_count; i++) {
        const char *field = source->fields[i].path;
        size_t length = strlen(field);
        bool around = strncmp(field, path, length) == 0 &&
                      (path[length] == '\0' || path[length] == '.' || path[length] == '[');
        if (around && length > best) {
            best = length;
            line = source->fields[i].line;
        }
    }
    return line;
}
