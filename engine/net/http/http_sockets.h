/* The sockets of libcurl's connections, and the loop's watches of them. A kept-alive connection
 * keeps its watch from one request to the next, because libcurl gives up its interest in the socket
 * after every transfer and takes it again for the next one. Serves http_easy and http_multi, which
 * pass these functions to libcurl. Owns the sockets that it opens. */
#ifndef NET_HTTP_HTTP_SOCKETS_H
#define NET_HTTP_HTTP_SOCKETS_H

#include <curl/curl.h>
#include <stdbool.h>

#include "net/loop/loop.h"

struct http;

/* CURLOPT_OPENSOCKETFUNCTION; arg is the transfer. */
curl_socket_t http_socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address);
/* CURLOPT_CLOSESOCKETFUNCTION; arg is the struct http. */
int http_socket_close(void *arg, curl_socket_t fd);
/* Waits for these events of a socket; for none if both are false. */
void http_socket_watch(struct http *http, curl_socket_t fd, bool read, bool write,
                       loop_fd_fn on_ready);
/* Frees the watches; libcurl has closed its sockets. */
void http_sockets_clear(struct http *http);

#endif
