/* The way to the server: proxies by the variables that every tool reads, TLS, and trusted
 * certificates. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/http_case.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, http_case_open, http_case_close)

static const struct http_options plain = {.user_agent = "tester/1"};

static void proxy_by(const char *name)
{
    char proxy[64];
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", peer_port(http_case.peer));
    setenv(name, proxy, 1);
    http_case_reopen(&plain);
}

static void get_from(const char *url, bool no_proxy)
{
    http_case.seen[0] = '\0';
    http_case_run(&(struct http_request){.method = "GET", .url = url, .no_proxy = no_proxy});
}

static void test_plain_proxy(void **state)
{
    static const char *const names[] = {"http_proxy", "HTTP_PROXY"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        proxy_by(names[i]);
        get_from("http://far.invalid/a?b=c", false);
        assert_int_equal(http_case.reported.status, 200);
        assert_int_equal(strncmp(http_case.seen, "GET http://far.invalid/a?b=c HTTP/1.1\r\n", 39),
                         0);
        unsetenv(names[i]);
    }
}

static void test_without_proxy(void **state)
{
    (void)state;
    proxy_by("http_proxy");
    get_from(http_case.url, true);
    assert_int_equal(strncmp(http_case.seen, "GET / HTTP/1.1\r\n", 16), 0);
    get_from(http_case.url, false);
    assert_int_equal(strncmp(http_case.seen, "GET http://127.0.0.1:", 21), 0);
    setenv("NO_PROXY", "127.0.0.1", 1);
    get_from(http_case.url, false);
    assert_int_equal(strncmp(http_case.seen, "GET / HTTP/1.1\r\n", 16), 0);
}

/* In a CGI program a client's header "Proxy:" comes as HTTP_PROXY. */
static void test_cgi(void **state)
{
    (void)state;
    setenv("REQUEST_METHOD", "GET", 1);
    proxy_by("HTTP_PROXY");
    get_from(http_case.url, false);
    assert_int_equal(strncmp(http_case.seen, "GET / HTTP/1.1\r\n", 16), 0);
}

/* The proxy's response to CONNECT is not the server's response, and nothing was sent to the server.
 * */
static void test_tunnel_refused(void **state)
{
    (void)state;
    http_case.answer = "HTTP/1.1 403 No\r\nX-Proxy: 1\r\nContent-Length: 0\r\n\r\n";
    proxy_by("HTTPS_PROXY");
    get_from("https://far.invalid/x?k=hidden", false);
    assert_int_equal(strncmp(http_case.seen, "CONNECT far.invalid:443 HTTP/1.1\r\n", 34), 0);
    assert_int_equal(http_case.reported.err.kind, ERR_NET);
    assert_int_equal(http_case.reported.err.status, 0);
    assert_null(strstr(http_case.reported.err.message, "hidden"));
    get_from("http://127.0.0.1:1/", false); /* plain ones do not go there */
    assert_string_equal(http_case.seen, "");
}

static void test_broken_proxies(void **state)
{
    (void)state;
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    http_case_reopen(&plain);
    get_from("https://far.invalid/", false);
    assert_string_equal(http_case.reported.err.message,
                        "could not connect to 127.0.0.1:1, the proxy for far.invalid: Connection "
                        "refused");
    setenv("https_proxy", "http://a..b:80", 1);
    get_from("https://far.invalid/", false);
    assert_string_equal(http_case.reported.err.message,
                        "could not resolve the proxy for far.invalid: check HTTPS_PROXY");
    assert_int_equal(http_case.reported.err.status, 0);
}

static struct {
    char directory[32];
    char certificate[64];
    char key[64];
    pid_t server;
    int port;
} tls;

static void run(const char *command)
{
    int status = system(command); /* a fixed command of this test */
    assert_int_equal(status, 0);
}

static void make_certificate(void)
{
    char command[512];
    snprintf(tls.directory, sizeof tls.directory, "/tmp/test_http.XXXXXX");
    assert_non_null(mkdtemp(tls.directory));
    snprintf(tls.certificate, sizeof tls.certificate, "%s/cert.pem", tls.directory);
    snprintf(tls.key, sizeof tls.key, "%s/key.pem", tls.directory);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
             "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout %s -out %s "
             "2>/dev/null",
             tls.key, tls.certificate);
    run(command);
}

/* "ACCEPT 127.0.0.1:34567" is the server's first line. */
static void start_server(void)
{
    int ends[2];
    char line[200];
    assert_int_equal(pipe(ends), 0);
    tls.server = fork();
    if (tls.server == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        alarm(60);
        execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-key", tls.key, "-cert",
               tls.certificate, "-www", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    tls.port = 0;
    while (tls.port == 0 && fgets(line, sizeof line, out) != NULL)
        sscanf(line, "ACCEPT %*[^:]:%d", &tls.port);
    fclose(out);
    assert_int_not_equal(tls.port, 0);
}

static int open_tls(void **state)
{
    make_certificate();
    start_server();
    return http_case_open(state);
}

static int close_tls(void **state)
{
    kill(tls.server, SIGTERM);
    waitpid(tls.server, NULL, 0);
    unlink(tls.certificate);
    unlink(tls.key);
    rmdir(tls.directory);
    return http_case_close(state);
}

static void get_by_tls(const char *host, const char *authorities)
{
    char url[100];
    http_case_reopen(&(struct http_options){.ca_bundle = authorities});
    snprintf(url, sizeof url, "https://%s:%d/", host, tls.port);
    get_from(url, false);
}

static void test_tls(void **state)
{
    (void)state;
    get_by_tls("127.0.0.1", tls.certificate);
    assert_int_equal(http_case.reported.status, 200);
    assert_non_null(strstr(http_case.reported.body, "TLSv1.3"));
    get_by_tls("127.0.0.1", NULL);
    assert_non_null(strstr(http_case.reported.err.message, "the certificate of 127.0.0.1:"));
    assert_non_null(strstr(http_case.reported.err.message, "is not trusted"));
    assert_int_equal(http_case.reported.err.status, 0);
    get_by_tls("localhost", tls.certificate); /* the certificate is another host's */
    assert_non_null(strstr(http_case.reported.err.message, "the certificate of localhost:"));
    assert_int_equal(http_case.reported.err.status, 0);
    get_by_tls("127.0.0.1", "/nonexistent.pem");
    assert_non_null(strstr(http_case.reported.err.message, "check AWS_CA_BUNDLE"));
    assert_int_equal(http_case.reported.err.status, 0);
}

/* If the peer does not speak TLS, nothing of the request can have been sent. */
static void test_no_tls_there(void **state)
{
    char url[100];
    (void)state;
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", peer_port(http_case.peer));
    http_case_run(&(struct http_request){
        .method = "POST", .url = url, .body = "x", .body_length = 1, .idle_timeout_ms = 300});
    assert_int_equal(http_case.reported.status, 0);
    assert_int_equal(http_case.reported.err.status, 0);
    assert_int_equal(peer_requests(http_case.peer), 0);
}

static void test_connections_per_host(void **state)
{
    (void)state;
    http_case_reopen(&(struct http_options){.max_host_connections = 2});
    for (int i = 0; i < 20; i++)
        http_case_start(&(struct http_request){.method = "GET"});
    loop_run(http_case.loop);
    assert_int_equal(http_case.reported.calls, 20);
    assert_int_equal(http_case.reported.status, 200);
    assert_int_equal(peer_connections(http_case.peer), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plain_proxy),
        TEST(test_without_proxy),
        TEST(test_cgi),
        TEST(test_tunnel_refused),
        TEST(test_broken_proxies),
        TEST(test_no_tls_there),
        TEST(test_connections_per_host),
        cmocka_unit_test_setup_teardown(test_tls, open_tls, close_tls),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
