#include "aws/sigv4/sigv4_uri.h"

#include <stdlib.h>
#include <string.h>

#include "aws/sigv4/sigv4.h"
#include "aws/sigv4/sigv4_internal.h"
#include "base/mem.h"
#include "value/uri.h"

/* One parameter in encoded form: offsets into the scratch text. */
struct param {
    const char *text; /* set after the scratch text has its final size */
    size_t start;
    size_t name_length;
    size_t length; /* with '=' and value */
};

static void write_segment(const struct sigv4_request *request, const char *segment, size_t length,
                          struct buf *out)
{
    if (request->encode_path)
        uri_encode(out, segment, length, false);
    else
        buf_add(out, segment, length);
}

/* Removes the last segment, but nothing before `start`. */
static void drop_segment(struct buf *out, size_t start)
{
    while (out->len > start && out->data[out->len - 1] != '/')
        out->len--;
    if (out->len > start)
        out->len--;
}

/* RFC 3986 section 5.2.4; repeated slashes become one, as AWS services require. A dot segment at
 * the end leaves no slash, as in AWS's own signers. */
static void write_normalized(const struct sigv4_request *request, struct buf *out)
{
    size_t start = out->len;
    const char *at = request->path;
    while (*at != '\0') {
        size_t length = strcspn(at, "/");
        bool up = length == 2 && at[0] == '.' && at[1] == '.';
        if (up) {
            drop_segment(out, start);
        } else if (length > 0 && !(length == 1 && at[0] == '.')) {
            buf_addc(out, '/');
            write_segment(request, at, length, out);
        }
        at += length;
        if (*at == '/')
            at++;
    }
    size_t length = strlen(request->path);
    if (out->len == start || (length > 0 && request->path[length - 1] == '/'))
        buf_addc(out, '/');
}

void sigv4_write_path(const struct sigv4_request *request, struct buf *out)
{
    if (request->normalize_path) {
        write_normalized(request, out);
        return;
    }
    if (request->path[0] != '/')
        buf_addc(out, '/');
    if (request->encode_path)
        uri_encode(out, request->path, strlen(request->path), true);
    else
        buf_adds(out, request->path);
}

static int compare_bytes(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* By name, then by value: comparing "name=value" as one text would put "a-b" before "a". */
static int compare_params(const void *left, const void *right)
{
    const struct param *a = left;
    const struct param *b = right;
    int order = compare_bytes(a->text, a->name_length, b->text, b->name_length);
    if (order != 0)
        return order;
    return compare_bytes(a->text + a->name_length, a->length - a->name_length,
                         b->text + b->name_length, b->length - b->name_length);
}

/* Decodes and encodes again, so that "%7e", "~" and "%7E" become equal. A '+' is a plus sign. */
static void recode(const char *text, size_t length, struct buf *decoded, struct buf *out)
{
    if (memchr(text, '%', length) == NULL) {
        uri_encode(out, text, length, false);
        return;
    }
    buf_reset(decoded);
    uri_decode(decoded, text, length);
    uri_encode(out, buf_text(decoded), decoded->len, false);
}

static void add_param(struct param *param, const char *text, size_t length, struct buf *decoded,
                      struct buf *scratch)
{
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals != NULL ? (size_t)(equals - text) : length;
    param->start = scratch->len;
    recode(text, name_length, decoded, scratch);
    param->name_length = scratch->len - param->start;
    buf_addc(scratch, '=');
    if (equals != NULL)
        recode(equals + 1, length - name_length - 1, decoded, scratch);
    param->length = scratch->len - param->start;
}

static size_t count_params(const char *query)
{
    size_t count = 1;
    for (; (query = strchr(query, '&')) != NULL; query++)
        count++;
    return count;
}

static void split_params(const char *query, struct param *params, size_t count, struct buf *scratch)
{
    struct buf decoded;
    buf_init(&decoded, SIGV4_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(query, "&");
        add_param(&params[i], query, length, &decoded, scratch);
        query += length + 1;
    }
    for (size_t i = 0; i < count; i++)
        params[i].text = buf_text(scratch) + params[i].start;
    buf_clear(&decoded);
}

static void write_sorted(struct param *params, size_t count, struct buf *out)
{
    if (count > 1)
        qsort(params, count, sizeof *params, compare_params);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_addc(out, '&');
        buf_add(out, params[i].text, params[i].length);
    }
}

int sigv4_write_query(const char *query, struct buf *out, struct err *err)
{
    if (query[0] == '\0')
        return 0;
    size_t count = count_params(query);
    if (count > SIGV4_MAX_PARAMS)
        return err_set(err, ERR_LIMIT,
                       "a request with %zu query parameters cannot be signed: at "
                       "most %d",
                       count, SIGV4_MAX_PARAMS);
    struct buf scratch;
    buf_init(&scratch, SIGV4_MAX);
    struct param *params = mem_alloc(count * sizeof *params);
    split_params(query, params, count, &scratch);
    if (scratch.failed)
        out->failed = true;
    else
        write_sorted(params, count, out);
    mem_free(params);
    buf_clear(&scratch);
    return 0;
}
