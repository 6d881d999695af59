#include "value/uri.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define URI_MAX (64u << 10)

/* RFC 3986 section 2.3; isalnum would depend on the locale. */
static bool is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

int uri_encode(struct buf *out, const char *bytes, size_t length, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (is_unreserved(c) || (keep_slash && c == '/'))
            continue;
        const char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
        buf_add(out, bytes + start, i - start);
        buf_add(out, escape, sizeof escape);
        start = i + 1;
    }
    buf_add(out, bytes + start, length - start);
    return out->failed ? -1 : 0;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int uri_decode(struct buf *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        int high = text[i] == '%' && length - i > 2 ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low < 0) {
            buf_addc(out, text[i]);
            continue;
        }
        buf_addc(out, (char)(high << 4 | low));
        i += 2;
    }
    return out->failed ? -1 : 0;
}

/* The message shows the text up to its query, or not at all if it may contain a password, whose end
 * an unencoded "?" or "/" hides. */
static int refuse(struct err *err, const char *text, const char *why)
{
    size_t shown = strcspn(text, "?#");
    if (shown > 200)
        shown = 200;
    if (strchr(text, '@') != NULL)
        return err_set(err, ERR_USAGE, "this is not a usable URL: %s", why);
    return err_set(err, ERR_USAGE, "\"%.*s\" is not a usable URL: %s", (int)shown, text, why);
}

static bool has_odd_bytes(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\')
            return true;
    }
    return false;
}

static char *lower_copy(const char *text, size_t length)
{
    char *copy = mem_strndup(text, length);
    for (char *c = copy; *c != '\0'; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    return copy;
}

static bool all_of(const char *text, size_t length, const char *set)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' || strchr(set, text[i]) == NULL)
            return false;
    }
    return true;
}

/* The length of "name" or "[v6]" at the start of an authority, 0 if there is none. */
static size_t host_length(const char *authority, size_t length)
{
    static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-._";
    if (length > 0 && authority[0] == '[') {
        const char *end = memchr(authority, ']', length);
        size_t inner = end != NULL ? (size_t)(end - authority) - 1 : 0;
        return inner >= 2 && all_of(authority + 1, inner, "0123456789abcdefABCDEF:.") ? inner + 2
                                                                                      : 0;
    }
    const char *colon = length > 0 ? memchr(authority, ':', length) : NULL;
    size_t host = colon != NULL ? (size_t)(colon - authority) : length;
    return all_of(authority, host, name_bytes) ? host : 0;
}

/* Reads ":8080" or "" as a port; an empty port (":") is none, as RFC 3986 section 3.2.3 says. */
static int read_port(const char *text, size_t length, int *port)
{
    *port = -1;
    if (length == 0)
        return 0;
    if (text[0] != ':' || length > 6 || !all_of(text + 1, length - 1, "0123456789"))
        return -1;
    if (length == 1)
        return 0;
    *port = 0;
    for (size_t i = 1; i < length; i++)
        *port = *port * 10 + (text[i] - '0');
    return *port >= 1 && *port <= 65535 ? 0 : -1;
}

static int read_authority(const char *text, const char *authority, size_t length, struct uri *uri,
                          struct err *err)
{
    if (memchr(authority, '@', length) != NULL)
        return refuse(err, text, "a user name or password in it is not supported");
    size_t host = host_length(authority, length);
    if (host == 0)
        return refuse(err, text, "it names no valid host");
    if (read_port(authority + host, length - host, &uri->port) != 0)
        return refuse(err, text, "its port is not a number from 1 to 65535");
    uri->host = lower_copy(authority, host);
    return 0;
}

static int read_parts(const char *text, struct uri *uri, struct err *err)
{
    size_t scheme = strcspn(text, ":/?#");
    if (strncasecmp(text, "http://", 7) != 0 && strncasecmp(text, "https://", 8) != 0)
        return refuse(err, text, "it must start with http:// or https://");
    if (strlen(text) > URI_MAX)
        return refuse(err, text, "it is too long");
    if (has_odd_bytes(text))
        return refuse(err, text, "it contains a space or another character that must be encoded");
    if (strchr(text, '#') != NULL)
        return refuse(err, text, "a fragment (#…) is not supported");
    const char *authority = text + scheme + 3;
    size_t length = strcspn(authority, "/?");
    if (read_authority(text, authority, length, uri, err) != 0)
        return -1;
    const char *path = authority + length;
    size_t path_length = strcspn(path, "?");
    uri->scheme = lower_copy(text, scheme);
    uri->path = path[0] == '/' ? mem_strndup(path, path_length) : mem_strdup("/");
    uri->query = mem_strdup(path[path_length] == '?' ? path + path_length + 1 : "");
    return 0;
}

int uri_parse(const char *text, struct uri *uri, struct err *err)
{
    memset(uri, 0, sizeof *uri);
    if (read_parts(text, uri, err) == 0)
        return 0;
    uri_clear(uri);
    return -1;
}

void uri_clear(struct uri *uri)
{
    mem_free(uri->scheme);
    mem_free(uri->host);
    mem_free(uri->path);
    mem_free(uri->query);
    memset(uri, 0, sizeof *uri);
}

int uri_host_header(const struct uri *uri, struct buf *out)
{
    int usual = strcmp(uri->scheme, "https") == 0 ? 443 : 80;
    buf_adds(out, uri->host);
    if (uri->port >= 0 && uri->port != usual)
        buf_addf(out, ":%d", uri->port);
    return out->failed ? -1 : 0;
}
