#include "aws/sigv4/sigv4_headers.h"

#include <string.h>

#include "aws/sigv4/sigv4.h"
#include "aws/sigv4/sigv4_internal.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool sigv4_name_is(const char *name, const char *lower_name)
{
    while (*name != '\0' && lower(*name) == *lower_name) {
        name++;
        lower_name++;
    }
    return *name == '\0' && *lower_name == '\0';
}

/* Headers that proxies and HTTP libraries add or change in transit: no AWS SDK signs them.
 * Authorization will hold the signature. */
static bool is_left_out(const char *name)
{
    static const char *const names[] = {"authorization",
                                        "connection",
                                        "expect",
                                        "keep-alive",
                                        "proxy-authenticate",
                                        "proxy-authorization",
                                        "te",
                                        "trailer",
                                        "transfer-encoding",
                                        "upgrade",
                                        "user-agent",
                                        "x-amzn-trace-id"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (sigv4_name_is(name, names[i]))
            return true;
    }
    return false;
}

static bool is_own(const struct sigv4_own *own, const char *name)
{
    for (size_t i = 0; i < own->count; i++) {
        if (sigv4_name_is(name, own->headers[i].name))
            return true;
    }
    return false;
}

/* RFC 9110 section 5.6.2, token. */
static bool is_token(const char *text)
{
    const char *at = text;
    for (; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c) != NULL)
            return false;
    }
    return at != text;
}

static int compare_names(const struct sigv4_header *a, const struct sigv4_header *b)
{
    for (size_t i = 0;; i++) {
        char left = lower(a->name[i]);
        char right = lower(b->name[i]);
        if (left != right || left == '\0')
            return (unsigned char)left - (unsigned char)right;
    }
}

/* Inserts after headers of equal name: their order is kept. */
static int insert(struct sigv4_headers *list, const char *name, const char *value, struct err *err)
{
    if (list->count == SIGV4_MAX_HEADERS)
        return err_set(err, ERR_LIMIT, "a request with more than %d headers cannot be signed",
                       SIGV4_MAX_HEADERS);
    struct sigv4_header item = {.name = name, .name_length = strlen(name), .value = value};
    size_t at = list->count++;
    for (; at > 0 && compare_names(&list->items[at - 1], &item) > 0; at--)
        list->items[at] = list->items[at - 1];
    list->items[at] = item;
    return 0;
}

static int insert_given(struct sigv4_headers *list, const struct http_header *header,
                        struct err *err)
{
    if (!is_token(header->name))
        return err_set(err, ERR_PARAM, "a header's name contains a character that is not allowed");
    return insert(list, header->name, header->value, err);
}

int sigv4_headers_collect(struct sigv4_headers *list, const struct sigv4_request *request,
                          const struct sigv4_own *own, struct err *err)
{
    bool host = false;
    list->count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (is_left_out(header->name) || is_own(own, header->name))
            continue;
        host = host || sigv4_name_is(header->name, "host");
        if (insert_given(list, header, err) != 0)
            return -1;
    }
    if (!host && insert(list, "host", request->host, err) != 0)
        return -1;
    for (size_t i = 0; i < own->unsigned_from; i++) {
        if (insert(list, own->headers[i].name, own->headers[i].value, err) != 0)
            return -1;
    }
    return 0;
}

static void write_name(const struct sigv4_header *header, struct buf *out)
{
    size_t start = out->len;
    buf_add(out, header->name, header->name_length);
    if (out->failed)
        return;
    for (size_t i = start; i < out->len; i++)
        out->data[i] = lower(out->data[i]);
}

/* The length of a line break and the white space that must follow it (RFC 9112 section 5.2, a
 * folded line). */
static size_t fold_length(const char *at)
{
    size_t length = at[0] == '\r' && at[1] == '\n' ? 2 : at[0] == '\r' || at[0] == '\n' ? 1 : 0;
    return length > 0 && (at[length] == ' ' || at[length] == '\t') ? length : 0;
}

static size_t blank_length(const char *at)
{
    size_t length = 0;
    for (;;) {
        size_t step = at[length] == ' ' || at[length] == '\t' ? 1 : fold_length(at + length);
        if (step == 0)
            return length;
        length += step;
    }
}

static bool is_plain(char c)
{
    return (unsigned char)c > ' ' && c != 0x7f;
}

/* Without leading and trailing white space; each run of white space and folds becomes one space. */
static int write_value(const struct sigv4_header *header, struct buf *out, struct err *err)
{
    const char *at = header->value + blank_length(header->value);
    while (*at != '\0') {
        size_t length = 0;
        while (is_plain(at[length]))
            length++;
        buf_add(out, at, length);
        at += length;
        size_t blank = blank_length(at);
        at += blank;
        if (*at != '\0' && !is_plain(*at))
            return err_set(err, ERR_PARAM,
                           "header \"%.64s\" cannot be signed: its value contains a line break or "
                           "another control character",
                           header->name);
        if (*at != '\0')
            buf_addc(out, ' ');
    }
    return 0;
}

int sigv4_headers_write(const struct sigv4_headers *list, struct buf *out, struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        bool again = i > 0 && compare_names(&list->items[i - 1], &list->items[i]) == 0;
        if (i > 0 && !again)
            buf_addc(out, '\n');
        if (!again)
            write_name(&list->items[i], out);
        buf_addc(out, again ? ',' : ':');
        if (write_value(&list->items[i], out, err) != 0)
            return -1;
    }
    buf_addc(out, '\n');
    return 0;
}

void sigv4_headers_names(const struct sigv4_headers *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0 && compare_names(&list->items[i - 1], &list->items[i]) == 0)
            continue;
        if (i > 0)
            buf_addc(out, ';');
        write_name(&list->items[i], out);
    }
}
