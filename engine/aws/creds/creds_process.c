#include "aws/creds/creds_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/creds/creds.h"
#include "aws/creds/creds_read.h"
#include "base/mem.h"
#include "value/json.h"

#define TIMEOUT_MS 60000
#define REAP_MS 10
#define MAX_OUTPUT (64u << 10)
#define MAX_HINT 300

extern char **environ;

struct stream {
    int fd; /* -1: closed */
    struct loop_watch *watch;
    char *bytes;
    size_t length;
    size_t most;
};

struct process {
    const struct creds_env *env;
    struct creds_provider *provider;
    char *profile;
    char *command;
    pid_t pid; /* 0: not running */
    struct stream out;
    struct stream hint;
    struct loop_timer *deadline;
    struct loop_timer *reaper;
};

static void close_stream(struct process *process, struct stream *stream)
{
    loop_unwatch(process->env->loop, stream->watch);
    stream->watch = NULL;
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

static void clear_stream(struct process *process, struct stream *stream)
{
    close_stream(process, stream);
    if (stream->bytes != NULL)
        explicit_bzero(stream->bytes, stream->most + 1);
    mem_free(stream->bytes);
    stream->bytes = NULL;
}

/* Kills the program with all processes that it started, and waits for it. */
static void stop(struct process *process)
{
    if (process->pid > 0) {
        kill(-process->pid, SIGKILL);
        while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    process->pid = 0;
    loop_cancel(process->env->loop, process->deadline);
    loop_cancel(process->env->loop, process->reaper);
    process->deadline = NULL;
    process->reaper = NULL;
    clear_stream(process, &process->out);
    clear_stream(process, &process->hint);
}

static void cancel(void *self)
{
    stop(self);
}

static void fail(struct process *process, struct err *err)
{
    err_prefix(err, "profile '%s': credential_process", process->profile);
    stop(process);
    creds_callback(process->provider, NULL, err);
}

/* One line of printable text that the program wrote to stderr. Its stdout may hold a secret and is
 * never shown. */
static const char *hint_text(struct process *process)
{
    char *text = process->hint.bytes;
    text[process->hint.length] = '\0';
    for (char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    }
    return text + strspn(text, " ");
}

static void on_exit_status(struct process *process, int status)
{
    struct err err = {0};
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        err_set(&err, ERR_CREDS, "no such program, or it could not be started: %s",
                hint_text(process));
    else if (WIFEXITED(status))
        err_set(&err, ERR_CREDS, "ended with status %d: %s", WEXITSTATUS(status),
                hint_text(process));
    else
        err_set(&err, ERR_CREDS, "was ended by signal %d", WTERMSIG(status));
    fail(process, &err);
}

static struct creds *read_output(const struct process *process, struct err *err)
{
    const struct stream *out = &process->out;
    json_t *object = json_parse(out->bytes, out->length, NULL);
    json_int_t version = json_get_integer(object, "Version", 0);
    bool is_object = json_is_object(object);
    creds_json_free(object);
    if (!is_object || version != 1) {
        err_set(err, ERR_CREDS, "%s",
                is_object ? "printed JSON without \"Version\": 1" : "printed no JSON object");
        return NULL;
    }
    return creds_from_json(out->bytes, out->length, "SessionToken", "it", err);
}

static void on_success(struct process *process)
{
    struct err err = {0};
    struct creds *creds = read_output(process, &err);
    if (creds == NULL) {
        fail(process, &err);
        return;
    }
    stop(process);
    creds_callback(process->provider, creds, NULL);
}

static void on_late(void *arg)
{
    struct process *process = arg;
    struct err err = {0};
    process->deadline = NULL;
    err_set(&err, ERR_CREDS, "did not answer within %d seconds", TIMEOUT_MS / 1000);
    fail(process, &err);
}

/* -1: too much output. 0: more may come. 1: end of file. A hint longer than `most` is cut. */
static int drain(struct stream *stream, bool is_hint)
{
    for (;;) {
        char dropped[256];
        size_t room = stream->most - stream->length;
        ssize_t got = room > 0 ? read(stream->fd, stream->bytes + stream->length, room)
                               : read(stream->fd, dropped, sizeof dropped);
        if (got == 0)
            return 1;
        if (got < 0)
            return errno == EAGAIN || errno == EINTR ? 0 : 1;
        if (room > 0)
            stream->length += (size_t)got;
        else if (!is_hint)
            return -1;
    }
}

/* The program may close stdout before it exits, or exit first: checks again until both are true. */
static void reap(void *arg)
{
    struct process *process = arg;
    int status = 0;
    process->reaper = NULL;
    pid_t ended = waitpid(process->pid, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) {
        process->reaper = loop_after(process->env->loop, REAP_MS, reap, process);
        return;
    }
    process->pid = 0;
    /* The pipe may still hold the last output. */
    if (process->hint.fd >= 0)
        drain(&process->hint, true);
    if (ended > 0 && status != 0)
        on_exit_status(process, status);
    else
        on_success(process);
}

static void on_output(void *arg, int fd, bool readable, bool writable)
{
    struct process *process = arg;
    struct err err = {0};
    (void)fd;
    (void)readable;
    (void)writable;
    int state = drain(&process->out, false);
    if (state < 0) {
        err_set(&err, ERR_CREDS, "printed more than %u bytes", MAX_OUTPUT);
        fail(process, &err);
    } else if (state > 0) {
        close_stream(process, &process->out);
        reap(process);
    }
}

static void on_hint(void *arg, int fd, bool readable, bool writable)
{
    struct process *process = arg;
    (void)fd;
    (void)readable;
    (void)writable;
    if (drain(&process->hint, true) > 0)
        close_stream(process, &process->hint);
}

static void open_stream(struct process *process, struct stream *stream, int fd, size_t most,
                        loop_fd_fn fn)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    stream->fd = fd;
    stream->most = most;
    stream->length = 0;
    stream->bytes = mem_alloc(most + 1);
    stream->watch = loop_watch(process->env->loop, fd, true, false, fn, process);
}

/* In a process group of its own, with default signal handling, so that the whole group can be
 * killed. */
static int spawn(struct process *process, int out, int hint)
{
    char *const words[] = {"sh", "-c", process->command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, hint, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    int failed = posix_spawn(&process->pid, "/bin/sh", &actions, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0)
        process->pid = 0;
    return failed;
}

static int start(struct process *process, struct err *err)
{
    int out[2];
    int hint[2];
    if (pipe2(out, O_CLOEXEC) != 0)
        return err_set(err, ERR_CREDS, "no pipe could be opened: %s", strerror(errno));
    if (pipe2(hint, O_CLOEXEC) != 0) {
        close(out[0]);
        close(out[1]);
        return err_set(err, ERR_CREDS, "no pipe could be opened: %s", strerror(errno));
    }
    int failed = spawn(process, out[1], hint[1]);
    close(out[1]);
    close(hint[1]);
    open_stream(process, &process->out, out[0], MAX_OUTPUT, on_output);
    open_stream(process, &process->hint, hint[0], MAX_HINT, on_hint);
    process->deadline = loop_after(process->env->loop, TIMEOUT_MS, on_late, process);
    return failed == 0 ? 0 : err_set(err, ERR_CREDS, "could not be started: %s", strerror(failed));
}

static void fetch(void *self, struct creds_provider *provider)
{
    struct process *process = self;
    struct err err = {0};
    process->provider = provider;
    if (start(process, &err) != 0)
        fail(process, &err);
}

static void release(void *self)
{
    struct process *process = self;
    mem_free(process->profile);
    mem_free_secret(process->command);
    mem_free(process);
}

struct creds_provider *creds_process(const struct creds_env *env, const char *profile,
                                     const char *command)
{
    static const struct creds_source source = {.fetch = fetch, .cancel = cancel, .free = release};
    struct process *process = mem_alloc(sizeof *process);
    process->env = env;
    process->profile = mem_strdup(profile);
    process->command = mem_strdup(command);
    process->out.fd = -1;
    process->hint.fd = -1;
    return creds_provider_new(&source, process);
}
