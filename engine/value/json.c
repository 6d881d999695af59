#include "value/json.h"

#include <errno.h>
#include <float.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "value/json_plain.h"
#include "value/json_run.h"

struct position {
    int line;
    int column; /* in characters, as jansson counts */
};

static void advance(struct position *position, char c)
{
    if (c == '\n') {
        position->line++;
        position->column = 0;
    } else if (((unsigned char)c & 0xc0) != 0x80) {
        position->column++;
    }
}

/* jansson's own limit is fixed when it is built (2048), so nesting is counted before it parses:
 * brackets outside strings. Whether the text is valid JSON is left to jansson. */
static bool nests_too_deep(const char *text, size_t length, struct position *position)
{
    bool in_string = false;
    int depth = 0;
    *position = (struct position){1, 0};
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        advance(position, c);
        if (c == '"') {
            in_string = !in_string;
        } else if (in_string && c == '\\' && i + 1 < length) {
            advance(position, text[++i]);
        } else if (!in_string && (c == '[' || c == '{')) {
            if (++depth > JSON_MAX_NESTING)
                return true;
        } else if (!in_string && (c == ']' || c == '}')) {
            depth--;
        }
    }
    return false;
}

/* Most texts have too few brackets to nest too deep, and are not examined further. */
static size_t count_openers(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += (text[i] | 0x20) == '{';
    return count;
}

/* jansson quotes the text near an error, which may be part of a secret: only the position is
 * kept. */
static void cut_quotation(char *text)
{
    char *near = strstr(text, " near '");
    if (near != NULL)
        *near = '\0';
}

json_t *json_parse(const char *text, size_t length, struct err *err)
{
    struct position position;
    json_error_t error;
    json_t *value = json_plain(text, length);
    if (value != NULL)
        return value;
    if (count_openers(text, length) > JSON_MAX_NESTING && nests_too_deep(text, length, &position)) {
        err_set(err, ERR_PARSE, "line %d column %d: nested deeper than %d levels", position.line,
                position.column, JSON_MAX_NESTING);
        return NULL;
    }
    value =
        json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (value == NULL) {
        cut_quotation(error.text);
        err_set(err, ERR_PARSE, "line %d column %d: %s", error.line, error.column, error.text);
    }
    return value;
}

/* For a text of one line, "line 1" says nothing, and could be read as the number of the line
 * itself. */
static void keep_column(struct err *err)
{
    static const char first[] = "line 1 ";
    size_t length = sizeof first - 1;
    if (strncmp(err->message, first, length) == 0)
        memmove(err->message, err->message + length, strlen(err->message + length) + 1);
}

json_t *json_parse_line(const char *text, size_t length, struct err *err)
{
    json_t *value = json_parse(text, length, err);
    if (value == NULL && err != NULL)
        keep_column(err);
    return value;
}

/* The length of the valid UTF-8 sequence at `s` (RFC 3629 section 4), 0 if there is none. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (length == 0 || length > left || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool surrogate = s[0] == 0xed && s[1] > 0x9f;
    bool beyond = s[0] == 0xf4 && s[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

static void write_escape(unsigned char c, struct buf *out)
{
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *found = c != '\0' ? strchr(from, c) : NULL;
    if (found != NULL)
        buf_add(out, (const char[]){'\\', to[found - from]}, 2);
    else
        buf_addf(out, "\\u%04x", c);
}

static void write_string(const char *text, size_t length, struct buf *out)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t start = 0;
    buf_addc(out, '"');
    for (size_t i = 0; (i += json_run(text + i, length - i)) < length;) {
        size_t whole = s[i] < 0x80 ? 1 : utf8_length(s + i, length - i);
        if (whole > 1) {
            i += whole;
            continue;
        }
        buf_add(out, text + start, i - start);
        if (whole == 0)
            buf_adds(out, "\xef\xbf\xbd"); /* U+FFFD */
        else
            write_escape(s[i], out);
        start = ++i;
    }
    buf_add(out, text + start, length - start);
    buf_addc(out, '"');
}

static void write_real(double value, struct buf *out)
{
    char text[40];
    /* 15 digits are always preserved, except for numbers that are too small to have as many. */
    int digits = value > -DBL_MIN && value < DBL_MIN ? 1 : 15;
    for (; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_adds(out, text);
    if (strpbrk(text, ".en") == NULL)
        buf_adds(out, ".0"); /* it must be read back as a real */
}

static void write_value(const json_t *value, bool sorted, struct buf *out);

static void write_array(const json_t *array, bool sorted, struct buf *out)
{
    buf_addc(out, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            buf_addc(out, ',');
        write_value(json_array_get(array, i), sorted, out);
    }
    buf_addc(out, ']');
}

struct member {
    const char *key;
    size_t length;
    const json_t *value;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    int order = memcmp(a->key, b->key, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static void write_member(const struct member *member, bool sorted, struct buf *out)
{
    write_string(member->key, member->length, out);
    buf_addc(out, ':');
    write_value(member->value, sorted, out);
}

static struct member member_at(void *iter)
{
    return (struct member){json_object_iter_key(iter), json_object_iter_key_len(iter),
                           json_object_iter_value(iter)};
}

static void write_sorted(json_t *object, struct buf *out)
{
    size_t count = 0;
    struct member *members = mem_alloc(json_object_size(object) * sizeof *members);
    for (void *iter = json_object_iter(object); iter != NULL;
         iter = json_object_iter_next(object, iter))
        members[count++] = member_at(iter);
    qsort(members, count, sizeof *members, compare_members);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_addc(out, ',');
        write_member(&members[i], true, out);
    }
    mem_free(members);
}

static void write_in_order(json_t *object, struct buf *out)
{
    bool first = true;
    for (void *iter = json_object_iter(object); iter != NULL;
         iter = json_object_iter_next(object, iter)) {
        if (!first)
            buf_addc(out, ',');
        first = false;
        struct member member = member_at(iter);
        write_member(&member, false, out);
    }
}

static void write_object(const json_t *value, bool sorted, struct buf *out)
{
    json_t *object = (json_t *)(uintptr_t)value; /* jansson's iterators need this */
    buf_addc(out, '{');
    if (sorted)
        write_sorted(object, out);
    else
        write_in_order(object, out);
    buf_addc(out, '}');
}

static void write_value(const json_t *value, bool sorted, struct buf *out)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: write_object(value, sorted, out); break;
    case JSON_ARRAY: write_array(value, sorted, out); break;
    case JSON_STRING: write_string(json_string_value(value), json_string_length(value), out); break;
    case JSON_INTEGER: buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value)); break;
    case JSON_REAL: write_real(json_real_value(value), out); break;
    case JSON_TRUE: buf_adds(out, "true"); break;
    case JSON_FALSE: buf_adds(out, "false"); break;
    case JSON_NULL: buf_adds(out, "null"); break;
    }
}

int json_write(const json_t *value, struct buf *out)
{
    write_value(value, false, out);
    return out->failed ? -1 : 0;
}

/* No maximum here: the value is in memory already, and its text has about the same size. */
static char *text_of(const json_t *value, bool sorted)
{
    struct buf out;
    buf_init(&out, SIZE_MAX / 4);
    write_value(value, sorted, &out);
    return buf_take(&out);
}

char *json_text(const json_t *value)
{
    return text_of(value, false);
}

char *json_text_canonical(const json_t *value)
{
    return text_of(value, true);
}

const char *json_get_string(const json_t *object, const char *key, const char *otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? json_string_value(value) : otherwise;
}

bool json_get_bool(const json_t *object, const char *key, bool otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

json_int_t json_get_integer(const json_t *object, const char *key, json_int_t otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static int read_all(FILE *file, const char *path, struct buf *out, struct err *err)
{
    char chunk[8192];
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0) {
        if (buf_add(out, chunk, got) != 0)
            return err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", path, out->max);
    }
    if (ferror(file))
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return 0;
}

json_t *json_load_path(const char *path, size_t max, struct err *err)
{
    struct buf text;
    json_t *value = NULL;
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    buf_init(&text, max);
    if (read_all(file, path, &text, err) == 0) {
        value = json_parse(buf_text(&text), text.len, err);
        if (value == NULL)
            err_prefix(err, "%s", path);
    }
    buf_clear(&text);
    fclose(file);
    return value;
}
