/* Finds the certificate authorities to trust: a static libcurl has no CA file built in, and
 * distributions keep theirs in different places. Serves http and http_easy. */
#ifndef NET_HTTP_HTTP_CA_H
#define NET_HTTP_HTTP_CA_H

#include <curl/curl.h>
#include <stdbool.h>

/* The trusted authorities. If both are NULL: those built into libcurl. */
struct http_ca {
    const char *file;
    const char *directory;
    bool only; /* configured by the user: trust no others */
    bool none; /* nothing was found anywhere */
};

/* `configured`: the path that the user set; NULL: none. */
void http_ca_find(const char *configured, struct http_ca *ca);
void http_ca_set(const struct http_ca *ca, CURL *easy);

#endif
