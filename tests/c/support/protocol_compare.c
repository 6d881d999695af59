#include "support/protocol_compare.h"

#include <ctype.h>
#include <expat.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "value/json.h"
#include "value/uri.h"

#define MAX_TEXT (1u << 20)

static bool same_number(const json_t *a, const json_t *b)
{
    double left = json_number_value(a), right = json_number_value(b);
    return fabs(left - right) <= 1e-9 * fmax(fabs(left), fabs(right));
}

static const json_t *member_of(const json_t *object, const char *name)
{
    const char *key;
    json_t *value;
    const json_t *found = json_object_get(object, name);
    json_object_foreach ((json_t *)object, key, value) {
        if (found == NULL && strcasecmp(key, name) == 0)
            found = value;
    }
    return found;
}

static bool same_object(const json_t *actual, const json_t *expected)
{
    const char *key;
    json_t *value;
    if (json_object_size(actual) != json_object_size(expected))
        return false;
    json_object_foreach ((json_t *)expected, key, value) {
        const json_t *other = member_of(actual, key);
        if (other == NULL || !same_value(other, value))
            return false;
    }
    return true;
}

static bool same_array(const json_t *actual, const json_t *expected)
{
    if (json_array_size(actual) != json_array_size(expected))
        return false;
    for (size_t i = 0; i < json_array_size(expected); i++) {
        if (!same_value(json_array_get(actual, i), json_array_get(expected, i)))
            return false;
    }
    return true;
}

bool same_value(const json_t *actual, const json_t *expected)
{
    if (json_is_number(actual) && json_is_number(expected))
        return same_number(actual, expected);
    if (json_is_object(actual) && json_is_object(expected))
        return same_object(actual, expected);
    if (json_is_array(actual) && json_is_array(expected))
        return same_array(actual, expected);
    return json_equal((json_t *)actual, (json_t *)expected);
}

bool same_json(const char *actual, size_t length, const char *expected)
{
    json_t *wanted = json_parse(expected, strlen(expected), NULL);
    json_t *got = json_parse(actual, length, NULL);
    bool same = wanted != NULL
                    ? got != NULL && same_value(got, wanted)
                    : length == strlen(expected) && memcmp(actual, expected, length) == 0;
    json_decref(wanted);
    json_decref(got);
    return same;
}

/* ---- XML ---- */

struct canon {
    struct buf out;
    struct buf text;
};

static void flush_text(struct canon *canon)
{
    const char *start = buf_text(&canon->text);
    size_t length = canon->text.len;
    while (length > 0 && isspace((unsigned char)*start)) {
        start++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)start[length - 1]))
        length--;
    buf_add(&canon->out, start, length);
    buf_reset(&canon->text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct canon *canon = user;
    size_t count = 0;
    flush_text(canon);
    buf_addf(&canon->out, "<%s", name);
    while (attributes[count] != NULL)
        count += 2;
    if (count > 0)
        qsort((void *)attributes, count / 2, 2 * sizeof *attributes, by_name);
    for (size_t i = 0; i < count; i += 2)
        buf_addf(&canon->out, " %s='%s'", attributes[i], attributes[i + 1]);
    buf_addc(&canon->out, '>');
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    flush_text(user);
    buf_addf(&((struct canon *)user)->out, "</%s>", name);
}

static void XMLCALL on_text(void *user, const XML_Char *text, int length)
{
    buf_add(&((struct canon *)user)->text, text, (size_t)length);
}

/* NULL if it is not XML. */
static char *canonical_xml(const char *text, size_t length)
{
    struct canon canon;
    XML_Parser parser = XML_ParserCreate("UTF-8");
    buf_init(&canon.out, MAX_TEXT);
    buf_init(&canon.text, MAX_TEXT);
    XML_SetUserData(parser, &canon);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    bool good = XML_Parse(parser, text, (int)length, 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    buf_clear(&canon.text);
    char *result = good ? buf_take(&canon.out) : NULL;
    buf_clear(&canon.out);
    return result;
}

bool same_xml(const char *actual, size_t length, const char *expected)
{
    char *wanted = canonical_xml(expected, strlen(expected));
    char *got = canonical_xml(actual, length);
    bool same = wanted != NULL
                    ? got != NULL && strcmp(got, wanted) == 0
                    : length == strlen(expected) && memcmp(actual, expected, length) == 0;
    mem_free(wanted);
    mem_free(got);
    return same;
}

/* ---- queries and headers ---- */

static json_t *sorted_pairs(const char *query)
{
    json_t *pairs = json_object();
    while (*query != '\0') {
        struct buf pair;
        size_t length = strcspn(query, "&");
        buf_init(&pair, MAX_TEXT);
        uri_decode(&pair, query, length);
        if (memchr(query, '=', length) == NULL)
            buf_addc(&pair, '=');
        json_int_t count = json_integer_value(json_object_get(pairs, buf_text(&pair)));
        json_object_set_new(pairs, buf_text(&pair), json_integer(count + 1));
        buf_clear(&pair);
        query += length + (query[length] == '&');
    }
    return pairs;
}

bool same_query(const char *actual, const char *expected)
{
    json_t *got = sorted_pairs(actual), *wanted = sorted_pairs(expected);
    bool same = json_equal(got, wanted);
    json_decref(got);
    json_decref(wanted);
    return same;
}

static void add_joined(struct buf *out, const char *value)
{
    for (const char *at = value; *at != '\0'; at++) {
        if (*at != ' ' || at == value || at[-1] != ',')
            buf_addc(out, *at);
    }
}

bool same_header(const char *actual, const char *expected)
{
    struct buf got, wanted;
    buf_init(&got, MAX_TEXT);
    buf_init(&wanted, MAX_TEXT);
    add_joined(&got, actual);
    add_joined(&wanted, expected);
    bool same = strcmp(buf_text(&got), buf_text(&wanted)) == 0;
    buf_clear(&got);
    buf_clear(&wanted);
    return same;
}

static bool is_uuid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof form - 1; i++) {
        if (form[i] == 'x'   ? !isxdigit((unsigned char)text[i])
            : form[i] == 'y' ? strchr("89ab", text[i]) == NULL || text[i] == '\0'
                             : text[i] != form[i])
            return false;
    }
    return true;
}

void fix_tokens(char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (is_uuid(text))
            memcpy(text, "00000000-0000-4000-8000-000000000000", 36);
    }
}
