#include "value/json_scan.h"

#include <string.h>

#include "value/json_run.h"

#define MAX_DIGITS 18

void json_scan_blanks(struct json_scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
}

bool json_scan_take(struct json_scan *scan, char c)
{
    json_scan_blanks(scan);
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

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

bool json_scan_text(struct json_scan *scan, struct json_slice *slice)
{
    slice->text = scan->at;
    slice->escapes = 0;
    for (;;) {
        scan->at += json_run(scan->at, (size_t)(scan->end - scan->at));
        if (scan->at == scan->end)
            return false;
        if (*scan->at == '"')
            break;
        if (*scan->at != '\\' || scan->end - scan->at < 2 || escaped(scan->at[1]) == '\0')
            return false;
        scan->at += 2;
        slice->escapes++;
    }
    slice->length = (size_t)(scan->at++ - slice->text);
    return true;
}

void json_scan_unescape(const struct json_slice *slice, char *out)
{
    const char *at = slice->text, *end = slice->text + slice->length;
    for (size_t left = slice->escapes; left > 0; left--) {
        const char *next = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)(next - at);
        memcpy(out, at, plain);
        out += plain;
        *out++ = escaped(next[1]);
        at = next + 2;
    }
    memcpy(out, at, (size_t)(end - at));
}

bool json_scan_integer(struct json_scan *scan, int64_t *number)
{
    bool negative = *scan->at == '-';
    const char *start = scan->at + negative, *at = start;
    int64_t read = 0;
    for (; at < scan->end && *at >= '0' && *at <= '9' && at - start < MAX_DIGITS; at++)
        read = read * 10 + (*at - '0');
    if (at == start || (*start == '0' && at > start + 1))
        return false;
    if (at < scan->end && ((*at >= '0' && *at <= '9') || *at == '.' || (*at | 0x20) == 'e'))
        return false;
    scan->at = at;
    *number = negative ? -read : read;
    return true;
}

bool json_scan_word(struct json_scan *scan, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}
