#include "value/json_plain.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "value/json_scan.h"

#define MAX_KEY 256

struct plain {
    struct json_scan scan;
    int depth;
    struct buf text; /* of a string with escapes */
};

static json_t *read_value(struct plain *plain);

/* Called after the opening quote. The text is valid until the next string is read. */
static bool read_text(struct plain *plain, const char **text, size_t *length)
{
    struct json_slice slice;
    if (!json_scan_text(&plain->scan, &slice))
        return false;
    *text = slice.text;
    *length = slice.length - slice.escapes;
    if (slice.escapes == 0)
        return true;
    buf_reset(&plain->text);
    if (buf_add(&plain->text, slice.text, slice.length) != 0)
        return false;
    json_scan_unescape(&slice, plain->text.data);
    *text = plain->text.data;
    return true;
}

static json_t *read_string(struct plain *plain)
{
    const char *text;
    size_t length;
    plain->scan.at++;
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
    if (!json_scan_take(&plain->scan, '"') || !read_text(plain, &text, &length) ||
        length >= sizeof key)
        return false;
    memcpy(key, text, length);
    key[length] = '\0';
    json_t *value = json_scan_take(&plain->scan, ':') ? read_value(plain) : NULL;
    if (value == NULL)
        return false;
    json_object_set_new_nocheck(object, key, value);
    return json_object_size(object) > before; /* else the key is a duplicate */
}

static json_t *read_object(struct plain *plain)
{
    json_t *object = json_object();
    if (json_scan_take(&plain->scan, '}'))
        return object;
    do {
        if (!read_member(plain, object))
            return dropped(object);
    } while (json_scan_take(&plain->scan, ','));
    return json_scan_take(&plain->scan, '}') ? object : dropped(object);
}

static json_t *read_array(struct plain *plain)
{
    json_t *array = json_array();
    if (json_scan_take(&plain->scan, ']'))
        return array;
    do {
        json_t *value = read_value(plain);
        if (value == NULL)
            return dropped(array);
        json_array_append_new(array, value);
    } while (json_scan_take(&plain->scan, ','));
    return json_scan_take(&plain->scan, ']') ? array : dropped(array);
}

static json_t *nested(struct plain *plain, json_t *(*read)(struct plain *plain))
{
    if (plain->depth == JSON_SCAN_DEPTH)
        return NULL;
    plain->scan.at++;
    plain->depth++;
    json_t *value = read(plain);
    plain->depth--;
    return value;
}

/* ---- the rest ---- */

static json_t *read_integer(struct plain *plain)
{
    int64_t number;
    return json_scan_integer(&plain->scan, &number) ? json_integer(number) : NULL;
}

static json_t *read_word(struct plain *plain, const char *word, json_t *value)
{
    return json_scan_word(&plain->scan, word) ? value : NULL;
}

static json_t *read_value(struct plain *plain)
{
    json_scan_blanks(&plain->scan);
    if (plain->scan.at == plain->scan.end)
        return NULL;
    switch (*plain->scan.at) {
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
    struct plain plain = {.scan = {.at = text, .end = text + length}};
    buf_init(&plain.text, length);
    json_t *value = read_value(&plain);
    json_scan_blanks(&plain.scan);
    buf_clear(&plain.text);
    return value == NULL || plain.scan.at == plain.scan.end ? value : dropped(value);
}
