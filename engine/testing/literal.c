#include "testing/literal.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/clean_text.h"
#include "base/mem.h"

/* Far longer than any value in a message. */
#define MAX_TEXT ((size_t)1 << 20)

static const char *const reserved[] = {"and",   "break", "do",       "else", "elseif", "end",
                                       "false", "for",   "function", "goto", "if",     "in",
                                       "local", "nil",   "not",      "or",   "repeat", "return",
                                       "then",  "true",  "until",    "while"};

static void add_string(struct buf *out, const char *text, size_t length)
{
    buf_addc(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c == '\n')
            buf_adds(out, "\\n");
        else if (c < ' ' || c == 127)
            buf_addf(out, "\\%03d", c);
        else
            buf_addc(out, (char)c);
    }
    buf_addc(out, '"');
}

static bool is_name(const char *key)
{
    if (!isalpha((unsigned char)key[0]) && key[0] != '_')
        return false;
    for (const char *c = key; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_')
            return false;
    }
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (strcmp(reserved[i], key) == 0)
            return false;
    }
    return true;
}

static void add_key(struct buf *out, const char *key)
{
    if (is_name(key)) {
        buf_addf(out, "%s = ", key);
        return;
    }
    buf_addc(out, '[');
    add_string(out, key, strlen(key));
    buf_adds(out, "] = ");
}

static void add_object(struct buf *out, const json_t *object)
{
    const char *key;
    json_t *value;
    bool first = true;
    buf_adds(out, json_object_size(object) == 0 ? "{" : "{ ");
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        buf_adds(out, first ? "" : ", ");
        add_key(out, key);
        literal_add(out, value);
        first = false;
    }
    buf_adds(out, first ? "}" : " }");
}

static void add_array(struct buf *out, const json_t *array)
{
    size_t i;
    json_t *value;
    buf_adds(out, json_array_size(array) == 0 ? "{" : "{ ");
    json_array_foreach (array, i, value) {
        buf_adds(out, i == 0 ? "" : ", ");
        literal_add(out, value);
    }
    buf_adds(out, json_array_size(array) == 0 ? "}" : " }");
}

void literal_add(struct buf *out, const json_t *value)
{
    if (value == NULL) {
        buf_adds(out, "nothing");
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT: add_object(out, value); break;
    case JSON_ARRAY: add_array(out, value); break;
    case JSON_STRING: add_string(out, json_string_value(value), json_string_length(value)); break;
    case JSON_INTEGER: buf_addf(out, "%lld", (long long)json_integer_value(value)); break;
    case JSON_REAL: buf_addf(out, "%.17g", json_real_value(value)); break;
    case JSON_TRUE: buf_adds(out, "true"); break;
    case JSON_FALSE: buf_adds(out, "false"); break;
    case JSON_NULL: buf_adds(out, "nil"); break;
    }
}

char *literal_text(const json_t *value, size_t max)
{
    struct buf whole, legible;
    buf_init(&whole, MAX_TEXT);
    buf_init(&legible, 4 * MAX_TEXT);
    literal_add(&whole, value);
    size_t length = whole.len;
    if (length > max) {
        length = max;
        while (length > 0 && ((unsigned char)whole.data[length] & 0xC0) == 0x80)
            length--; /* never within a character */
    }
    text_legible(&legible, buf_text(&whole), length);
    if (length < whole.len || whole.failed)
        buf_adds(&legible, "…");
    buf_clear(&whole);
    return buf_take(&legible);
}
