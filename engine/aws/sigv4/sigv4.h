/* AWS Signature Version 4, in headers and as presigned URLs. Source: AWS "Signature Version 4
 * signing process" (IAM User Guide, "Create a signed AWS API request") and S3's "Authenticating
 * Requests". Three pure stages (canonical request, string to sign, signature) that tests compare
 * separately, and sigv4_sign, which runs all of them and returns the headers to add. Calls OpenSSL
 * through base/digest. */
#ifndef AWS_SIGV4_SIGV4_H
#define AWS_SIGV4_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "net/http/http.h"

#define SIGV4_MAX (1u << 20)

struct sigv4_key {
    const char *access_key;
    const char *secret_key;
    const char *session_token; /* NULL: long-term keys */
};

struct sigv4_request {
    const char *method;
    const char *host;                  /* as the Host header is sent */
    const char *path;                  /* as sent on the wire for S3 (already encoded once, not
                                        * encoded again); for others see `encode_path` */
    const char *query;                 /* as sent, without '?', "" if absent */
    const struct http_header *headers; /* all of them are signed, like host and x-amz-* */
    size_t header_count;
    const void *body;
    size_t body_length;
    const char *payload_hash; /* hex, "UNSIGNED-PAYLOAD", or NULL: hash body */

    const char *region;
    const char *service;
    int64_t time_ms;
    bool normalize_path;     /* remove dot segments and double slashes (not for S3) */
    bool encode_path;        /* encode the path again (not for S3) */
    bool sign_body;          /* send x-amz-content-sha256 (S3 requires it) */
    bool omit_session_token; /* send x-amz-security-token but do not sign it */
    int64_t expires;         /* presign only, seconds */
};

struct sigv4_result {
    struct buf canonical_request;
    struct buf string_to_sign;
    char signature[SHA256_HEX];
    /* Headers to add: x-amz-date, x-amz-security-token, x-amz-content-sha256, authorization. */
    struct http_header headers[4];
    size_t header_count;
    struct buf storage; /* holds the texts of `headers` */
    struct buf query;   /* presign: the complete query string to send */
};

void sigv4_result_init(struct sigv4_result *result);
void sigv4_result_clear(struct sigv4_result *result);
int sigv4_string_to_sign(const struct sigv4_request *request, const char *canonical_request,
                         size_t length, struct buf *out);

int sigv4_sign(const struct sigv4_request *request, const struct sigv4_key *key,
               struct sigv4_result *result, struct err *err);
int sigv4_presign(const struct sigv4_request *request, const struct sigv4_key *key,
                  struct sigv4_result *result, struct err *err);

/* "20150830/us-east-1/iam/aws4_request". */
void sigv4_write_scope(const struct sigv4_request *request, struct buf *out);

#endif
