#include "value/json_plain.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "value/json_run.h"

#define MAX_DEPTH 64
#define MAX_DIGITS 18
#define MAX_KEY 256

struct plain {
    const char *at, *end;
    int depth;
    struct buf text; /* of a string with escapes */
};

static json_t *read_value(struct plain *plain);

static void skip_blanks(struct plain *plain)
{
    while (plain->at < plain->end &&
           (*plain->at == ' ' || *plain->at == '\n' || *plain->at == '\r' || *plain->at == '\t'))
        plain->at++;
}

/* Reads this character, after white space. */
static bool take(struct plain *plain, char c)
{
    skip_blanks(plain);
    if (plain->at == plain->end || *plain->at != c)
        return false;
    plain->at++;
    return true;
}

/* ---- strings ---- */

static char escaped(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'b': return '\b';
    case 'f': return '\f';
    default: return '\0';
    }
}

/* Reads the text from the first escape, with the part before it, to the closing quote. */
static bool read_escapes(struct plain *plain, const char *start)
{
    struct buf *text = &plain->text;
    buf_reset(text);
    for (;;) {
        buf_add(text, start, (size_t)(plain->at - start));
        if (plain->at == plain->end || *plain->at == '"')
            return plain->at < plain->end && !text->failed;
        char c = *plain->at == '\\' && plain->at + 1 < plain->end ? escaped(plain->at[1]) : '\0';
        if (c == '\0')
            return false;
        buf_addc(text, c);
        start = plain->at + 2;
        plain->at = start + json_run(start, (size_t)(plain->end - start));
    }
}

/* Called after the opening quote. The text is valid until the next string is read. */
static bool read_text(struct plain *plain, const char **text, size_t *length)
{
    *text = plain->at;
    plain->at += json_run(plain->at, (size_t)(plain->end - plain->at));
    if (plain->at == plain->end)
        return false;
    *length = (size_t)(plain->at - *text);
    if (*plain->at != '"') {
        if (!read_escapes(plain, *text))
            return false;
        *text = buf_text(&plain->text);
        *length = plain->text.len;
    }
    plain->at++;
    return true;
}

static json_t *read_string(struct plain *plain)
{
    const char *text;
    size_t length;
    plain->at++;
    return read_text(plain, &text, &length) ? json_stringn_nocheck(text, length) : NULL;
}

/* ---- lists and objects ---- */

static json_t *dropped(json_t *value)
{
    json_decref(value);
    return NULL;
}

static bool read_member(struct plain *plain, json_t *object)
{
    const char *text;
    size_t length;
    char key[MAX_KEY];
    size_t before = json_object_size(object);
    if (!take(plain, '"') || !read_text(plain, &text, &length) || length >= sizeof key)
        return false;
    memcpy(key, text, length);
    key[length] = '\0';
    json_t *value = take(plain, ':') ? read_value(plain) : NULL;
    if (value == NULL)
        return false;
    json_object_set_new_nocheck(object, key, value);
    return json_object_size(object) > before; /* else the key is a duplicate */
}

static json_t *read_object(struct plain *plain)
{
    json_t *object = json_object();
    if (take(plain, '}'))
        return object;
    do {
        if (!read_member(plain, object))
            return dropped(object);
    } while (take(plain, ','));
    return take(plain, '}') ? object : dropped(object);
}

static json_t *read_array(struct plain *plain)
{
    json_t *array = json_array();
    if (take(plain, ']'))
        return array;
    do {
        json_t *value = read_value(plain);
        if (value == NULL)
            return dropped(array);
        json_array_append_new(array, value);
    } while (take(plain, ','));
    return take(plain, ']') ? array : dropped(array);
}

static json_t *nested(struct plain *plain, json_t *(*read)(struct plain *plain))
{
    if (plain->depth == MAX_DEPTH)
        return NULL;
    plain->at++;
    plain->depth++;
    json_t *value = read(plain);
    plain->depth--;
    return value;
}

/* ---- the rest ---- */

static json_t *read_integer(struct plain *plain)
{
    bool negative = *plain->at == '-';
    const char *start = plain->at + negative;
    json_int_t number = 0;
    const char *at = start;
    for (; at < plain->end && *at >= '0' && *at <= '9' && at - start < MAX_DIGITS; at++)
        number = number * 10 + (*at - '0');
    if (at == start || (*start == '0' && at > start + 1))
        return NULL;
    if (at < plain->end && ((*at >= '0' && *at <= '9') || *at == '.' || (*at | 0x20) == 'e'))
        return NULL;
    plain->at = at;
    return json_integer(negative ? -number : number);
}

static json_t *read_word(struct plain *plain, const char *word, json_t *value)
{
    size_t length = strlen(word);
    if ((size_t)(plain->end - plain->at) < length || memcmp(plain->at, word, length) != 0)
        return NULL;
    plain->at += length;
    return value;
}

static json_t *read_value(struct plain *plain)
{
    skip_blanks(plain);
    if (plain->at == plain->end)
        return NULL;
    switch (*plain->at) {
    case '{': return nested(plain, read_object);
    case '[': return nested(plain, read_array);
    case '"': return read_string(plain);
    case 't': return read_word(plain, "true", json_true());
    case 'f': return read_word(plain, "false", json_false());
    case 'n': return read_word(plain, "null", json_null());
    default: return read_integer(plain);
    }
}

json_t *json_plain(const char *text, size_t length)
{
    struct plain plain = {.at = text, .end = text + length};
    buf_init(&plain.text, length);
    json_t *value = read_value(&plain);
    skip_blanks(&plain);
    buf_clear(&plain.text);
    return value == NULL || plain.at == plain.end ? value : dropped(value);
}
