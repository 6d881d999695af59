#include "aws/sigv4/sigv4_canonical.h"

#include <string.h>

#include "aws/sigv4/sigv4.h"
#include "aws/sigv4/sigv4_headers.h"
#include "aws/sigv4/sigv4_internal.h"
#include "aws/sigv4/sigv4_uri.h"

/* SHA-256 of the empty text: most requests have no body. */
static const char empty_hash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const char *sigv4_payload(const struct sigv4_request *request, char hash[SHA256_HEX])
{
    if (request->payload_hash != NULL)
        return request->payload_hash;
    if (request->body_length == 0)
        return empty_hash;
    unsigned char bytes[SHA256_BYTES];
    digest_sha256(request->body, request->body_length, bytes);
    digest_hex(bytes, sizeof bytes, hash);
    return hash;
}

/* If the caller sends a hash, the service compares with that one. */
static const char *given_payload(const struct sigv4_request *request)
{
    if (request->sign_body || request->payload_hash != NULL)
        return NULL;
    for (size_t i = 0; i < request->header_count; i++) {
        if (sigv4_name_is(request->headers[i].name, "x-amz-content-sha256"))
            return request->headers[i].value;
    }
    return NULL;
}

static void add(struct sigv4_own *own, const char *name, const char *value)
{
    own->headers[own->count].name = name;
    own->headers[own->count++].value = value;
}

void sigv4_own_headers(const struct sigv4_request *request, const struct sigv4_key *key,
                       struct sigv4_own *own)
{
    own->count = 0;
    clock_basic(request->time_ms, own->date);
    add(own, "x-amz-date", own->date);
    own->payload = given_payload(request);
    if (own->payload == NULL)
        own->payload = sigv4_payload(request, own->hash);
    if (request->sign_body)
        add(own, "x-amz-content-sha256", own->payload);
    own->unsigned_from = own->count;
    if (key->session_token != NULL) {
        add(own, "x-amz-security-token", key->session_token);
        if (!request->omit_session_token)
            own->unsigned_from = own->count;
    }
}

int sigv4_compose(const struct sigv4_request *request, const struct sigv4_headers *headers,
                  const char *canonical_query, const char *payload, struct buf *out,
                  struct err *err)
{
    buf_adds(out, request->method);
    buf_addc(out, '\n');
    sigv4_write_path(request, out);
    buf_addc(out, '\n');
    if (canonical_query != NULL)
        buf_adds(out, canonical_query);
    else if (sigv4_write_query(request->query, out, err) != 0)
        return -1;
    buf_addc(out, '\n');
    if (sigv4_headers_write(headers, out, err) != 0)
        return -1;
    buf_addc(out, '\n');
    sigv4_headers_names(headers, out);
    buf_addc(out, '\n');
    buf_adds(out, payload);
    if (out->failed)
        return err_set(err, ERR_LIMIT,
                       "a request of more than %u bytes without its body cannot "
                       "be signed",
                       SIGV4_MAX);
    return 0;
}

static bool is_clean(const char *text, const char *refused)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c <= ' ' || c == 0x7f || strchr(refused, c) != NULL)
            return false;
    }
    return text[0] != '\0';
}

static int refuse(struct err *err, enum err_kind kind, const char *what)
{
    return err_set(
        err, kind,
        "the request cannot be signed: %s is empty or contains a character that is not allowed",
        what);
}

int sigv4_check(const struct sigv4_request *request, const struct sigv4_key *key, struct err *err)
{
    if (!is_clean(request->method, "/:,;"))
        return refuse(err, ERR_PARAM, "the method");
    if (!is_clean(request->host, "/,"))
        return refuse(err, ERR_PARAM, "the host");
    if (!request->encode_path && request->path[0] != '\0' && !is_clean(request->path, "?#"))
        return refuse(err, ERR_PARAM, "the path");
    if (!is_clean(request->region, "/,;"))
        return refuse(err, ERR_PARAM, "the region");
    if (!is_clean(request->service, "/,;"))
        return refuse(err, ERR_PARAM, "the service's name");
    if (request->payload_hash != NULL && !is_clean(request->payload_hash, ",;"))
        return refuse(err, ERR_PARAM, "the body's hash");
    if (!is_clean(key->access_key, "/,;"))
        return refuse(err, ERR_CREDS, "the access key id");
    if (key->secret_key[0] == '\0')
        return refuse(err, ERR_CREDS, "the secret key");
    if (key->session_token != NULL && !is_clean(key->session_token, ""))
        return refuse(err, ERR_CREDS, "the session token");
    return 0;
}

int sigv4_canonical_request(const struct sigv4_request *request, const struct sigv4_key *key,
                            struct buf *out, struct buf *signed_headers, struct err *err)
{
    struct sigv4_own own;
    struct sigv4_headers headers;
    if (sigv4_check(request, key, err) != 0)
        return -1;
    sigv4_own_headers(request, key, &own);
    if (sigv4_headers_collect(&headers, request, &own, err) != 0)
        return -1;
    sigv4_headers_names(&headers, signed_headers);
    return sigv4_compose(request, &headers, NULL, own.payload, out, err);
}
