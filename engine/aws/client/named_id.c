#include "aws/client/named_id.h"

#include <ctype.h>
#include <string.h>

#define IN_IDS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/"
#define BETWEEN_PARTS ".:" /* inside an id; at its end, they belong to the sentence */

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Err keeps the beginning of a message; a character that did not fit may have up to four bytes. */
static bool is_cut(const struct err *err)
{
    return strlen(err->message) + 4 >= sizeof err->message;
}

static bool ends_at(const struct err *err, const char *end)
{
    if (*end == '\0')
        return !is_cut(err);
    if (is_one_of(*end, BETWEEN_PARTS))
        return end[1] == '\0' ? !is_cut(err) : !is_one_of(end[1], IN_IDS BETWEEN_PARTS);
    return !is_one_of(*end, IN_IDS);
}

static bool begins_at(const struct err *err, const char *at)
{
    return at == err->message || !is_one_of(at[-1], IN_IDS BETWEEN_PARTS);
}

static bool is_in_word(const struct err *err, const char *at)
{
    return at >= err->message && isalnum((unsigned char)*at);
}

/* Outside of quotation marks and brackets, an id may be a word of the sentence. */
static bool is_quoted(const struct err *err, const char *at)
{
    char end = '\0';
    for (const char *c = err->message; c < at; c++) {
        if (end != '\0')
            end = *c == end && !is_in_word(err, c + 1) ? '\0' : end;
        else if (is_one_of(*c, "'\"[") && !is_in_word(err, c - 1))
            end = *c == '[' ? ']' : *c;
    }
    return end != '\0';
}

static bool has_code(const struct err *err, const json_t *codes)
{
    size_t i;
    json_t *code;
    json_array_foreach (codes, i, code) {
        const char *name = json_string_value(code);
        if (strcmp(name, err->code) == 0 || strcmp(name, err->alias) == 0)
            return true;
    }
    return false;
}

bool named_as_gone(const struct err *err, const json_t *codes, const char *id)
{
    size_t length = strlen(id);
    const char *at = err->message;
    if (!has_code(err, codes))
        return false;
    while (length > 0 && (at = strstr(at, id)) != NULL) {
        if (begins_at(err, at) && ends_at(err, at + length) && is_quoted(err, at))
            return true;
        at++;
    }
    return false;
}
