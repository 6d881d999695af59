/* A server that answers every HTTP/1.1 request after a fixed time, to measure clients against.
 *
 *   latency_server [--port N] [--delay-ms N] [--body-file F] [--content-type T] [--max-seconds N]
 *
 * Listens on 127.0.0.1; prints its port first and, at SIGTERM, SIGINT or after --max-seconds (120),
 * "requests N peak M connections C": answers sent, most requests at one time, connections accepted.
 * One thread, one epoll. The delay is the same for all, so that waiting answers form a queue. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 65536
#define MAX_HEAD 16384
#define MAX_BODY (64L << 20)

struct options {
    int port;
    long delay_ms;
    long max_seconds;
    const char *body_file;
    const char *content_type;
};

struct connection {
    char *input; /* NULL: no connection on this descriptor */
    size_t length;
    size_t skip; /* bytes of a request's body still to come */
    uint32_t generation;
    bool waiting; /* a request was read, and its answer has not been sent yet */
    bool head;    /* it was a HEAD request */
    bool last;    /* it requested that the connection be closed */
    size_t sent;  /* of the answer */
};

struct answer {
    int64_t due_us;
    int fd;
    uint32_t generation;
};

static struct connection connections[MAX_CONNECTIONS];
static struct answer queue[MAX_CONNECTIONS]; /* a ring: a connection waits for one answer at most */
static size_t queue_first, queue_count;
static char *reply;
static size_t reply_length, reply_head;
static uint64_t answered, accepted;
static size_t concurrent, peak;
static int poller;
static struct options options = {0, 50, 120, NULL, "application/json"};

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void poll_for(int fd, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(poller, operation, fd, &event) != 0)
        die("epoll_ctl");
}

static void drop(int fd)
{
    struct connection *connection = &connections[fd];
    concurrent -= connection->waiting;
    free(connection->input);
    uint32_t generation = connection->generation + 1;
    memset(connection, 0, sizeof *connection);
    connection->generation = generation;
    close(fd);
}

static void enqueue(int fd)
{
    struct connection *connection = &connections[fd];
    connection->waiting = true;
    connection->sent = 0;
    if (++concurrent > peak)
        peak = concurrent;
    if (queue_count == MAX_CONNECTIONS) {
        drop(fd);
        return;
    }
    struct answer *answer = &queue[(queue_first + queue_count++) % MAX_CONNECTIONS];
    *answer = (struct answer){now_us() + options.delay_ms * 1000, fd, connection->generation};
}

static void note_head(struct connection *connection, char *head)
{
    const char *length = strcasestr(head, "\r\ncontent-length:");
    const char *close_header = strcasestr(head, "\r\nconnection: close");
    connection->head = strncmp(head, "HEAD ", 5) == 0;
    connection->last = close_header != NULL;
    connection->skip = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
}

/* Removes `count` bytes from the start of the input. */
static void consume(struct connection *connection, size_t count)
{
    connection->length -= count;
    memmove(connection->input, connection->input + count, connection->length);
}

static void skip_body(struct connection *connection)
{
    size_t count = connection->skip < connection->length ? connection->skip : connection->length;
    connection->skip -= count;
    consume(connection, count);
}

/* Reads what has arrived of a request; false if its head is longer than the buffer. */
static bool advance(int fd)
{
    struct connection *connection = &connections[fd];
    if (connection->waiting)
        return connection->length < MAX_HEAD;
    if (connection->skip == 0) {
        connection->input[connection->length] = '\0';
        char *end = strstr(connection->input, "\r\n\r\n");
        if (end == NULL)
            return connection->length < MAX_HEAD;
        *end = '\0';
        note_head(connection, connection->input);
        consume(connection, (size_t)(end + 4 - connection->input));
    }
    skip_body(connection);
    if (connection->skip == 0)
        enqueue(fd);
    return true;
}

static void on_input(int fd)
{
    struct connection *connection = &connections[fd];
    ssize_t got =
        recv(fd, connection->input + connection->length, MAX_HEAD - connection->length, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        drop(fd);
        return;
    }
    connection->length += (size_t)got;
    if (!advance(fd))
        drop(fd);
}

static void finish(int fd)
{
    struct connection *connection = &connections[fd];
    connection->waiting = false;
    concurrent--;
    answered++;
    if (connection->last)
        drop(fd);
    else if (connection->length > 0 && !advance(fd))
        drop(fd);
}

static void send_answer(int fd)
{
    struct connection *connection = &connections[fd];
    size_t whole = connection->head ? reply_head : reply_length;
    ssize_t put = send(fd, reply + connection->sent, whole - connection->sent, MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN && errno != EINTR) {
        drop(fd);
        return;
    }
    bool partly = connection->sent > 0;
    connection->sent += put > 0 ? (size_t)put : 0;
    if (connection->sent < whole) {
        poll_for(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
        return;
    }
    if (partly)
        poll_for(fd, EPOLL_CTL_MOD, EPOLLIN);
    finish(fd);
}

/* Sends the answers that are due. Returns the milliseconds until the next one is due, -1 if none
 * waits. */
static int send_due(void)
{
    while (queue_count > 0) {
        struct answer answer = queue[queue_first];
        int64_t left = answer.due_us - now_us();
        if (left > 0)
            return (int)((left + 999) / 1000);
        queue_first = (queue_first + 1) % MAX_CONNECTIONS;
        queue_count--;
        if (connections[answer.fd].generation == answer.generation)
            send_answer(answer.fd);
    }
    return -1;
}

static void accept_all(int listener)
{
    int fd;
    int one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_CONNECTIONS) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connections[fd].input = malloc(MAX_HEAD + 1);
        if (connections[fd].input == NULL)
            die("malloc");
        accepted++;
        poll_for(fd, EPOLL_CTL_ADD, EPOLLIN);
    }
}

static int listen_on(int port)
{
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        die("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static int watch_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    alarm((unsigned)options.max_seconds);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static void on_event(const struct epoll_event *event, int listener)
{
    int fd = event->data.fd;
    if (fd == listener) {
        accept_all(listener);
        return;
    }
    if (event->events & EPOLLOUT)
        send_answer(fd);
    if (connections[fd].input != NULL && (event->events & ~(uint32_t)EPOLLOUT) != 0)
        on_input(fd);
}

static void serve(int listener, int signals)
{
    static struct epoll_event events[512];
    poll_for(listener, EPOLL_CTL_ADD, EPOLLIN);
    poll_for(signals, EPOLL_CTL_ADD, EPOLLIN);
    for (;;) {
        int count = epoll_wait(poller, events, 512, send_due());
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == signals)
                return;
            on_event(&events[i], listener);
        }
    }
}

static void read_body(char *body, size_t *length)
{
    FILE *file = options.body_file != NULL ? fopen(options.body_file, "rbe") : NULL;
    *length = 0;
    if (options.body_file != NULL && file == NULL)
        die(options.body_file);
    if (file == NULL)
        return;
    *length = fread(body, 1, MAX_BODY, file);
    fclose(file);
}

static void make_reply(void)
{
    size_t length;
    char *body = malloc(MAX_BODY);
    reply = malloc(MAX_BODY + 1024);
    if (body == NULL || reply == NULL)
        die("malloc");
    read_body(body, &length);
    reply_head = (size_t)snprintf(reply, 1024,
                                  "HTTP/1.1 200 OK\r\nContent-Type: %.500s\r\n"
                                  "Content-Length: %zu\r\n\r\n",
                                  options.content_type, length);
    memcpy(reply + reply_head, body, length);
    reply_length = reply_head + length;
    free(body);
}

static long number(const char *text, const char *name)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 0) {
        fprintf(stderr, "latency_server: %s: a number is wanted, not \"%s\"\n", name, text);
        exit(64);
    }
    return value;
}

static void read_option(const char *name, const char *value)
{
    if (strcmp(name, "--port") == 0)
        options.port = (int)number(value, name);
    else if (strcmp(name, "--delay-ms") == 0)
        options.delay_ms = number(value, name);
    else if (strcmp(name, "--max-seconds") == 0)
        options.max_seconds = number(value, name);
    else if (strcmp(name, "--body-file") == 0)
        options.body_file = value;
    else if (strcmp(name, "--content-type") == 0)
        options.content_type = value;
    else {
        fprintf(stderr, "latency_server: unknown option %s\n", name);
        exit(64);
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) {
            fprintf(stderr, "latency_server: %s wants a value\n", argv[i]);
            return 64;
        }
        read_option(argv[i], argv[i + 1]);
    }
    make_reply();
    poller = epoll_create1(EPOLL_CLOEXEC);
    int signals = watch_signals();
    int listener = listen_on(options.port);
    serve(listener, signals);
    printf("requests %llu peak %zu connections %llu\n", (unsigned long long)answered, peak,
           (unsigned long long)accepted);
    for (int fd = 0; fd < MAX_CONNECTIONS; fd++)
        free(connections[fd].input);
    free(reply);
    return 0;
}
