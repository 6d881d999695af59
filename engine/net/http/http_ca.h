/* Whom to trust: a static libcurl has no file of authorities built in, and the distributions keep
 * theirs in different places. Serves http and http_easy. */
#ifndef NET_HTTP_HTTP_CA_H
#define NET_HTTP_HTTP_CA_H

#include <curl/curl.h>
#include <stdbool.h>

/* Authorities whose certificates are believed; libcurl's built-in ones where both are NULL. */
struct http_ca {
    const char *file;
    const char *directory;
    bool only; /* the user named them: no others */
    bool none; /* nothing was found anywhere */
};

/* `configured`: what the user named; NULL: nothing. */
void http_ca_find(const char *configured, struct http_ca *ca);
void http_ca_set(const struct http_ca *ca, CURL *easy);

#endif
