#include "net/http/http_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/http/http_internal.h"
#include "value/uri.h"

#define WHERE 300

static void write_where(const struct http_transfer *transfer, char where[WHERE])
{
    struct uri uri;
    struct err ignored;
    snprintf(where, WHERE, "the server");
    if (uri_parse(transfer->url.data, &uri, &ignored) != 0)
        return;
    if (uri.port >= 0)
        snprintf(where, WHERE, "%s:%d", uri.host, uri.port);
    else
        snprintf(where, WHERE, "%s", uri.host);
    uri_clear(&uri);
}

/* If the resolver cannot open its own sockets and files, it does not say why. */
static bool out_of_descriptors(const struct http_transfer *transfer)
{
    if (transfer->socket_error == EMFILE || transfer->socket_error == ENFILE)
        return true;
    int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    bool none = fd < 0 && errno == EMFILE;
    if (fd >= 0)
        close(fd);
    return none;
}

static bool descriptor_fault(const struct http_transfer *transfer, const char *where,
                             struct err *err)
{
    if (!out_of_descriptors(transfer))
        return false;
    err_set(err, ERR_NET,
            "no connection to %s: this process has reached its limit of open files: raise it "
            "(ulimit -n), or lower --concurrency",
            where);
    return true;
}

/* The host that could not be reached may be a proxy: libcurl's own text names it. */
static void connect_fault(const struct http_transfer *transfer, const char *where, struct err *err)
{
    char host[256];
    int port;
    long number = 0;
    if (descriptor_fault(transfer, where, err))
        return;
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    const char *why = number != 0 ? strerror((int)number) : "no route, or nothing listens there";
    if (sscanf(transfer->error, "Failed to connect to %255s port %d", host, &port) == 2 &&
        strncmp(where, host, strlen(host)) != 0)
        err_set(err, ERR_NET, "could not connect to %s:%d, the proxy for %s: %s", host, port, where,
                why);
    else
        err_set(err, ERR_NET, "could not connect to %s: %s", where, why);
}

static void timeout_fault(const struct http_transfer *transfer, const char *where, struct err *err)
{
    bool whole =
        transfer->total_ms > 0 && (transfer->sent || transfer->total_ms <= transfer->connect_ms);
    if (!whole && !transfer->sent)
        err_set(err, ERR_TIMEOUT, "no connection to %s within %lld ms: check the network and proxy",
                where, (long long)transfer->connect_ms);
    else
        err_set(err, ERR_TIMEOUT, "no complete response from %s within %lld ms", where,
                (long long)transfer->total_ms);
}

static void broken_fault(const struct http_transfer *transfer, const char *where, const char *what,
                         struct err *err)
{
    long number = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    if (number != 0)
        err_set(err, ERR_NET, "%s %s: %s", where, what, strerror((int)number));
    else
        err_set(err, ERR_NET, "%s %s", where, what);
}

static void size_fault(const struct http_transfer *transfer, const char *where, struct err *err)
{
    if (transfer->too_large)
        err_set(err, ERR_LIMIT, "%s returned more than %zu bytes", where,
                transfer->head.failed ? transfer->head.max : transfer->reply.max);
    else
        err_set(err, ERR_NET, "the response from %s could not be read", where);
}

/* OpenSSL's text, because libcurl words it differently in each version. If only the name is wrong,
 * libcurl leaves the result unspecified, and reports the reason itself. */
static const char *trust_reason(const struct http_transfer *transfer, long result)
{
    return result > X509_V_ERR_UNSPECIFIED ? X509_verify_cert_error_string(result)
                                           : transfer->error;
}

static const char *trust_advice(long result)
{
    if (result == X509_V_ERR_CERT_HAS_EXPIRED || result == X509_V_ERR_CERT_NOT_YET_VALID)
        return " (is the clock of this machine right?)";
    return result > X509_V_ERR_UNSPECIFIED ? " (AWS_CA_BUNDLE may name other authorities)" : "";
}

static void trust_fault(const struct http_transfer *transfer, const char *where, struct err *err)
{
    long result = X509_V_OK;
    curl_easy_getinfo(transfer->easy, CURLINFO_SSL_VERIFYRESULT, &result);
    if (transfer->http->ca.none)
        err_set(err, ERR_NET,
                "the certificate of %s cannot be checked: no certificate authorities in the usual "
                "places; name a file in AWS_CA_BUNDLE",
                where);
    else
        err_set(err, ERR_NET, "the certificate of %s is not trusted: %s%s", where,
                trust_reason(transfer, result), trust_advice(result));
}

static void scheme_fault(const struct http_transfer *transfer, const char *where, struct err *err)
{
    if (transfer->sent)
        err_set(err, ERR_NET, "%s returned something that is not HTTP/1.1", where);
    else
        err_set(err, ERR_NET, "only http and https URLs can be called");
}

static void other_fault(const struct http_transfer *transfer, CURLcode code, const char *where,
                        struct err *err)
{
    switch (code) {
    case CURLE_OUT_OF_MEMORY: /* libcurl also returns this for a response line over 100 KiB */
        err_set(err, ERR_LIMIT, "%s returned a header that is too long", where);
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        if (descriptor_fault(transfer, where, err))
            break;
        err_set(err, ERR_NET, "could not resolve %s: check the name, the region and the network",
                where);
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
        err_set(err, ERR_NET, "could not resolve the proxy for %s: check HTTPS_PROXY", where);
        break;
    case CURLE_PEER_FAILED_VERIFICATION: trust_fault(transfer, where, err); break;
    case CURLE_SSL_CACERT_BADFILE:
        err_set(err, ERR_NET,
                "could not read the certificate authorities for %s: check AWS_CA_BUNDLE", where);
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: scheme_fault(transfer, where, err); break;
    default: err_set(err, ERR_NET, "%s: %s", where, curl_easy_strerror(code)); break;
    }
}

void http_fault(const struct http_transfer *transfer, CURLcode code, struct err *err)
{
    char where[WHERE];
    write_where(transfer, where);
    switch (code) {
    case CURLE_COULDNT_CONNECT: connect_fault(transfer, where, err); break;
    case CURLE_OPERATION_TIMEDOUT: timeout_fault(transfer, where, err); break;
    case CURLE_WRITE_ERROR: size_fault(transfer, where, err); break;
    case CURLE_GOT_NOTHING:
        broken_fault(transfer, where, "closed the connection without a response", err);
        break;
    case CURLE_PARTIAL_FILE:
        broken_fault(transfer, where, "closed the connection in the middle of its response", err);
        break;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: broken_fault(transfer, where, "broke the connection", err); break;
    default: other_fault(transfer, code, where, err); break;
    }
    err->status = transfer->sent ? 1 : 0;
}

void http_fault_idle(const struct http_transfer *transfer, struct err *err)
{
    char where[WHERE];
    write_where(transfer, where);
    err_set(err, ERR_TIMEOUT, "%s %s for %lld ms", where,
            transfer->sent ? "sent nothing" : "could not be connected to",
            (long long)transfer->idle_ms);
    err->status = transfer->sent ? 1 : 0;
}

void http_fault_slow(const struct http_transfer *transfer, struct err *err)
{
    char where[WHERE];
    write_where(transfer, where);
    err_set(err, ERR_TIMEOUT,
            "%s sent no complete response within %lld ms, and less than 1 KiB a second after that",
            where, (long long)transfer->idle_ms);
    err->status = transfer->sent ? 1 : 0;
}
