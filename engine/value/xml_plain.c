#include "value/xml_plain.h"

#include <string.h>

#define MOST_NESTING 64
#define MOST_ATTRIBUTES 4 /* of one element */

struct name {
    const char *text;
    size_t length;
};

struct scan {
    const char *at, *end;
    const struct xml_plain_events *events;
    void *arg;
    struct name open[MOST_NESTING]; /* the elements that have not ended */
    size_t depth;
};

static bool skip_text(struct scan *scan, const char *text, size_t length)
{
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, text, length) != 0)
        return false;
    scan->at += length;
    return true;
}

static bool skip(struct scan *scan, const char *literal)
{
    return skip_text(scan, literal, strlen(literal));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* True if there were any. */
static bool skip_blanks(struct scan *scan)
{
    const char *start = scan->at;
    while (scan->at < scan->end && is_blank(*scan->at))
        scan->at++;
    return scan->at > start;
}

/* What each character of ASCII may be, as a letter whose lowest bits are these; '@' has none. */
enum kind { STARTS_NAME = 1, IN_NAME = 2, IN_TEXT = 4 };
static const char kinds[256] = "@@@@@@@@@DD@@@@@@@@@@@@@@@@@@@@@"
                               "DDDDDD@DDDDDDFFDFFFFFFFFFFGD@D@D"
                               "DGGGGGGGGGGGGGGGGGGGGGGGGGGDDDDG"
                               "DGGGGGGGGGGGGGGGGGGGGGGGGGGDDDD@";

static bool is_kind(char c, enum kind kind)
{
    return (kinds[(unsigned char)c] & (int)kind) != 0;
}

static bool scan_name(struct scan *scan, struct name *name)
{
    name->text = scan->at;
    const char *at = scan->at, *end = scan->end;
    if (at == end || !is_kind(*at, STARTS_NAME))
        return false;
    while (at < end && is_kind(*at, IN_NAME))
        at++;
    scan->at = at;
    name->length = (size_t)(at - name->text);
    return true;
}

static bool is_same(const struct name *one, const struct name *other)
{
    return one->length == other->length && memcmp(one->text, other->text, one->length) == 0;
}

/* ASCII without control characters. (A text may also contain line ends and tabs.) */
static bool is_plain(char c)
{
    return c >= ' ' && c <= '~';
}

/* A value in quotes, without characters that expat would replace. */
static bool scan_value(struct scan *scan, struct name *value)
{
    char quote = scan->at < scan->end ? *scan->at : '\0';
    if (quote != '"' && quote != '\'')
        return false;
    value->text = ++scan->at;
    while (scan->at < scan->end && is_plain(*scan->at) && *scan->at != quote && *scan->at != '<' &&
           *scan->at != '&')
        scan->at++;
    value->length = (size_t)(scan->at - value->text);
    return scan->at < scan->end && *scan->at++ == quote;
}

/* Up to the end of the start tag. */
static bool scan_attributes(struct scan *scan)
{
    struct name names[MOST_ATTRIBUTES], value;
    for (size_t count = 0;; count++) {
        bool apart = skip_blanks(scan);
        if (scan->at < scan->end && (*scan->at == '>' || *scan->at == '/'))
            return true;
        if (!apart || count == MOST_ATTRIBUTES || !scan_name(scan, &names[count]) ||
            !skip(scan, "=") || !scan_value(scan, &value))
            return false;
        for (size_t i = 0; i < count; i++)
            if (is_same(&names[i], &names[count]))
                return false;
        scan->events->attribute(scan->arg, names[count].text, names[count].length, value.text,
                                value.length);
    }
}

/* After "<". */
static bool scan_start(struct scan *scan)
{
    struct name name;
    if (scan->depth == MOST_NESTING || !scan_name(scan, &name) ||
        !scan->events->start(scan->arg, name.text, name.length) || !scan_attributes(scan))
        return false;
    if (skip(scan, "/>")) {
        scan->events->end(scan->arg);
        return true;
    }
    scan->open[scan->depth++] = name;
    return skip(scan, ">");
}

/* After "</". */
static bool scan_end(struct scan *scan)
{
    const struct name *open = &scan->open[--scan->depth];
    if (!skip_text(scan, open->text, open->length) ||
        (scan->at < scan->end && is_kind(*scan->at, IN_NAME)))
        return false;
    skip_blanks(scan);
    scan->events->end(scan->arg);
    return skip(scan, ">");
}

/* After "&". */
static bool scan_entity(struct scan *scan)
{
    static const struct {
        const char *name, *text;
    } entities[] = {{"quot;", "\""}, {"amp;", "&"}, {"lt;", "<"}, {"gt;", ">"}, {"apos;", "'"}};
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (skip(scan, entities[i].name))
            return scan->events->text(scan->arg, entities[i].text, 1);
    return false;
}

/* Up to the next "<" or "&". Text must not contain "]]>". */
static bool scan_text(struct scan *scan)
{
    const char *start = scan->at, *at = start, *end = scan->end;
    for (; at < end; at++) {
        if (is_kind(*at, IN_TEXT))
            continue;
        if (*at != '>' || (at - start >= 2 && at[-1] == ']' && at[-2] == ']'))
            break;
    }
    scan->at = at;
    return at < end && (*at == '<' || *at == '&') &&
           scan->events->text(scan->arg, start, (size_t)(at - start));
}

/* An element's start or end, an entity, or text. */
static bool scan_next(struct scan *scan)
{
    if (*scan->at == '&') {
        scan->at++;
        return scan_entity(scan);
    }
    if (*scan->at != '<')
        return scan_text(scan);
    scan->at++;
    return skip(scan, "/") ? scan_end(scan) : scan_start(scan);
}

/* Of the root, up to its end. */
static bool scan_content(struct scan *scan)
{
    while (scan->depth > 0) {
        if (scan->at == scan->end || !scan_next(scan))
            return false;
    }
    return true;
}

/* The usual spellings. */
static void skip_declaration(struct scan *scan)
{
    if (!skip(scan, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>") &&
        !skip(scan, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"))
        skip(scan, "<?xml version=\"1.0\"?>");
}

bool xml_plain(const char *text, size_t length, const struct xml_plain_events *events, void *arg)
{
    struct scan scan;
    scan.at = text;
    scan.end = text + length;
    scan.events = events;
    scan.arg = arg;
    scan.depth = 0;
    skip_declaration(&scan);
    skip_blanks(&scan);
    if (!skip(&scan, "<") || !scan_start(&scan) || !scan_content(&scan))
        return false;
    skip_blanks(&scan);
    return scan.at == scan.end;
}
