#include "aws/sigv4/sigv4.h"

#include <string.h>
#include <strings.h>

#include "aws/sigv4/sigv4_canonical.h"
#include "aws/sigv4/sigv4_headers.h"
#include "aws/sigv4/sigv4_internal.h"
#include "aws/sigv4/sigv4_keys.h"
#include "aws/sigv4/sigv4_uri.h"
#include "base/mem.h"
#include "value/uri.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define MAX_EXPIRES                                                                                \
    604800 /* seven days: S3 API Reference, "Authenticating Requests: Using Query                  \
            * Parameters" */

void sigv4_result_init(struct sigv4_result *result)
{
    memset(result, 0, sizeof *result);
    buf_init(&result->canonical_request, SIGV4_MAX);
    buf_init(&result->string_to_sign, SIGV4_MAX);
    buf_init(&result->storage, SIGV4_MAX);
    buf_init(&result->query, SIGV4_MAX);
}

void sigv4_result_clear(struct sigv4_result *result)
{
    buf_clear(&result->canonical_request);
    buf_clear(&result->string_to_sign);
    buf_clear(&result->storage);
    buf_clear(&result->query);
    result->header_count = 0;
}

static void reset(struct sigv4_result *result)
{
    buf_reset(&result->canonical_request);
    buf_reset(&result->string_to_sign);
    buf_reset(&result->storage);
    buf_reset(&result->query);
    result->signature[0] = '\0';
    result->header_count = 0;
}

void sigv4_write_scope(const struct sigv4_request *request, struct buf *out)
{
    char date[CLOCK_TEXT];
    clock_basic(request->time_ms, date);
    buf_add(out, date, 8);
    buf_addc(out, '/');
    buf_adds(out, request->region);
    buf_addc(out, '/');
    buf_adds(out, request->service);
    buf_adds(out, "/aws4_request");
}

int sigv4_string_to_sign(const struct sigv4_request *request, const char *canonical_request,
                         size_t length, struct buf *out)
{
    unsigned char hash[SHA256_BYTES];
    char text[SHA256_HEX];
    digest_sha256(canonical_request, length, hash);
    digest_hex(hash, sizeof hash, text);
    char date[CLOCK_TEXT];
    clock_basic(request->time_ms, date);
    buf_adds(out, ALGORITHM "\n");
    buf_adds(out, date);
    buf_addc(out, '\n');
    sigv4_write_scope(request, out);
    buf_addc(out, '\n');
    buf_adds(out, text);
    return out->failed ? -1 : 0;
}

static int sign_canonical(const struct sigv4_request *request, const struct sigv4_key *key,
                          struct sigv4_result *result, struct err *err)
{
    if (sigv4_string_to_sign(request, buf_text(&result->canonical_request),
                             result->canonical_request.len, &result->string_to_sign) != 0)
        return err_set(err, ERR_LIMIT, "the string to sign is too long");
    sigv4_signature(request, key, buf_text(&result->string_to_sign), result->string_to_sign.len,
                    result->signature);
    return 0;
}

static void write_authorization(const struct sigv4_request *request, const struct sigv4_key *key,
                                const char *signed_headers, struct sigv4_result *result)
{
    struct buf *out = &result->storage;
    buf_adds(out, ALGORITHM " Credential=");
    buf_adds(out, key->access_key);
    buf_addc(out, '/');
    sigv4_write_scope(request, out);
    buf_adds(out, ", SignedHeaders=");
    buf_adds(out, signed_headers);
    buf_adds(out, ", Signature=");
    buf_adds(out, result->signature);
    buf_addc(out, '\0');
}

/* Copies the values to storage first, and sets pointers to them afterwards: storage moves as it
 * grows. */
static int give_headers(const struct sigv4_request *request, const struct sigv4_key *key,
                        const struct sigv4_own *own, struct sigv4_result *result, struct err *err)
{
    size_t offsets[4];
    for (size_t i = 0; i < own->count; i++) {
        offsets[i] = result->storage.len;
        buf_add(&result->storage, own->headers[i].value, strlen(own->headers[i].value) + 1);
    }
    size_t authorization = result->storage.len;
    write_authorization(request, key, buf_text(&result->query), result);
    buf_reset(&result->query);
    if (result->storage.failed)
        return err_set(err, ERR_LIMIT, "the signed headers are too long");
    for (size_t i = 0; i < own->count; i++) {
        result->headers[i].name = own->headers[i].name;
        result->headers[i].value = result->storage.data + offsets[i];
    }
    result->headers[own->count].name = "authorization";
    result->headers[own->count].value = result->storage.data + authorization;
    result->header_count = own->count + 1;
    return 0;
}

int sigv4_sign(const struct sigv4_request *request, const struct sigv4_key *key,
               struct sigv4_result *result, struct err *err)
{
    struct sigv4_own own;
    struct sigv4_headers headers;
    reset(result);
    if (sigv4_check(request, key, err) != 0)
        return -1;
    sigv4_own_headers(request, key, &own);
    if (sigv4_headers_collect(&headers, request, &own, err) != 0)
        return -1;
    sigv4_headers_names(&headers, &result->query); /* borrowed: not used for signing by headers */
    if (sigv4_compose(request, &headers, NULL, own.payload, &result->canonical_request, err) != 0 ||
        sign_canonical(request, key, result, err) != 0)
        return -1;
    return give_headers(request, key, &own, result, err);
}

static void add_param(struct buf *query, const char *name, const char *value)
{
    if (query->len > 0)
        buf_addc(query, '&');
    buf_adds(query, name);
    buf_addc(query, '=');
    uri_encode(query, value, strlen(value), false);
}

static void add_credential(struct buf *query, const struct sigv4_request *request,
                           const struct sigv4_key *key)
{
    struct buf text;
    buf_init(&text, SIGV4_MAX);
    buf_adds(&text, key->access_key);
    buf_addc(&text, '/');
    sigv4_write_scope(request, &text);
    add_param(query, "X-Amz-Credential", buf_text(&text));
    buf_clear(&text);
}

static void add_auth_params(struct buf *query, const struct sigv4_request *request,
                            const struct sigv4_key *key, const struct sigv4_headers *headers)
{
    char date[CLOCK_TEXT];
    clock_basic(request->time_ms, date);
    add_param(query, "X-Amz-Algorithm", ALGORITHM);
    add_credential(query, request, key);
    add_param(query, "X-Amz-Date", date);
    buf_addf(query, "&X-Amz-Expires=%lld", (long long)request->expires);
    struct buf names;
    buf_init(&names, SIGV4_MAX);
    sigv4_headers_names(headers, &names);
    add_param(query, "X-Amz-SignedHeaders", buf_text(&names));
    buf_clear(&names);
    if (key->session_token != NULL && !request->omit_session_token)
        add_param(query, "X-Amz-Security-Token", key->session_token);
}

/* A second set of these parameters would make the service read the wrong one. */
static bool is_presigned(const char *query)
{
    static const char *const names[] = {
        "X-Amz-Algorithm",     "X-Amz-Credential",     "X-Amz-Date",     "X-Amz-Expires",
        "X-Amz-SignedHeaders", "X-Amz-Security-Token", "X-Amz-Signature"};
    for (; *query != '\0'; query += strspn(query, "&")) {
        size_t length = strcspn(query, "=&");
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            if (strlen(names[i]) == length && strncasecmp(names[i], query, length) == 0)
                return true;
        }
        query += strcspn(query, "&");
    }
    return false;
}

static int check_presign(const struct sigv4_request *request, const struct sigv4_key *key,
                         struct err *err)
{
    if (sigv4_check(request, key, err) != 0)
        return -1;
    if (request->expires < 1 || request->expires > MAX_EXPIRES)
        return err_set(err, ERR_PARAM, "a presigned URL lasts from 1 second to %d, not %lld",
                       MAX_EXPIRES, (long long)request->expires);
    if (is_presigned(request->query))
        return err_set(err, ERR_PARAM, "the URL already has X-Amz-… parameters of a signature");
    return 0;
}

/* Writes the query in canonical form to result->query: the signed query is the one that is sent. */
static int write_presign_query(const struct sigv4_request *request, const struct sigv4_key *key,
                               const struct sigv4_headers *headers, struct sigv4_result *result,
                               struct err *err)
{
    struct buf *query = &result->storage; /* borrowed: there are no headers to add */
    buf_adds(query, request->query);
    add_auth_params(query, request, key, headers);
    if (query->failed)
        return err_set(err, ERR_LIMIT, "the URL is too long to be signed");
    int result_code = sigv4_write_query(buf_text(query), &result->query, err);
    buf_reset(query);
    return result_code;
}

/* S3 cannot know the body of a request that someone else makes later. */
static const char *presign_payload(const struct sigv4_request *request, char hash[SHA256_HEX])
{
    if (request->payload_hash == NULL && strcmp(request->service, "s3") == 0)
        return "UNSIGNED-PAYLOAD";
    return sigv4_payload(request, hash);
}

static int finish_presign(const struct sigv4_request *request, const struct sigv4_key *key,
                          struct sigv4_result *result, struct err *err)
{
    if (sign_canonical(request, key, result, err) != 0)
        return -1;
    add_param(&result->query, "X-Amz-Signature", result->signature);
    if (key->session_token != NULL && request->omit_session_token)
        add_param(&result->query, "X-Amz-Security-Token", key->session_token);
    if (result->query.failed)
        return err_set(err, ERR_LIMIT, "the URL is too long to be signed");
    return 0;
}

int sigv4_presign(const struct sigv4_request *request, const struct sigv4_key *key,
                  struct sigv4_result *result, struct err *err)
{
    static const struct sigv4_own nothing;
    struct sigv4_headers headers;
    char hash[SHA256_HEX];
    reset(result);
    if (check_presign(request, key, err) != 0 ||
        sigv4_headers_collect(&headers, request, &nothing, err) != 0 ||
        write_presign_query(request, key, &headers, result, err) != 0 ||
        sigv4_compose(request, &headers, buf_text(&result->query), presign_payload(request, hash),
                      &result->canonical_request, err) != 0)
        return -1;
    return finish_presign(request, key, result, err);
}
