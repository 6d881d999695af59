#include "app/services/services_signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* After a stop, the run no longer waits for the requests at its start. */
static void stop_asking(struct services *services)
{
    if (!services->started || services->listing)
        loop_stop(services->loop);
    else if (services->known != NULL)
        message_whoami_give_up(services->message);
}

static void begin_to_stop(struct services *services, int signal)
{
    services->stopped = true;
    services->signal = signal;
    services->failed = true;
    if (services->stop != NULL)
        services->stop(services->stop_arg);
    stop_asking(services);
}

static void on_signal(void *arg, int fd, bool readable, bool writable)
{
    struct services *services = arg;
    struct signalfd_siginfo info;
    (void)readable;
    (void)writable;
    if (read(fd, &info, sizeof info) != sizeof info)
        return;
    if (services->stopped && services->abort != NULL)
        services->abort(services->abort_arg);
    if (services->stopped)
        _exit(128 + (int)info.ssi_signo);
    log_note("stopping after work in progress (interrupt again to stop now)");
    begin_to_stop(services, (int)info.ssi_signo);
}

/* A signal that is ignored, such as SIGHUP under nohup, stays ignored. */
static void add_unless_ignored(sigset_t *signals, int number)
{
    struct sigaction action = {0};
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
        sigaddset(signals, number);
}

/* While a policy runs, nothing reads the signals. */
static bool is_urgent(void *arg)
{
    const struct services *services = arg;
    struct pollfd signals = {.fd = services->signal_fd, .events = POLLIN};
    return services->stopped || context_is_late(&services->context) ||
           (signals.fd >= 0 && poll(&signals, 1, 0) > 0);
}

void services_watch_signals(struct services *services)
{
    sigset_t signals;
    if (services->signal_fd >= 0)
        return;
    loop_on_urgent(services->loop, is_urgent, services);
    sigemptyset(&signals);
    add_unless_ignored(&signals, SIGINT);
    add_unless_ignored(&signals, SIGTERM);
    add_unless_ignored(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    services->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (services->signal_fd < 0)
        return;
    services->signal_watch =
        loop_watch(services->loop, services->signal_fd, true, false, on_signal, services);
    loop_watch_background(services->signal_watch);
}

void services_on_stop(struct services *services, void (*stop)(void *arg), void *arg)
{
    services->stop = stop;
    services->stop_arg = arg;
}

void services_on_abort(struct services *services, loop_fn abort, void *arg)
{
    services->abort = abort;
    services->abort_arg = arg;
}

/* ---- the reader of stdout ---- */

static bool is_pipe(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
}

/* poll(2): POLLERR is set for the write end of a pipe when the read end has been closed. */
static bool has_no_reader(int fd)
{
    struct pollfd end = {.fd = fd};
    return is_pipe(fd) && poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

void services_end_by_pipe(void)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &pipe, NULL);
    raise(SIGPIPE);
    _exit(128 + SIGPIPE);
}

bool services_reader_left(struct services *services)
{
    if (has_no_reader(STDOUT_FILENO))
        services->signal = SIGPIPE;
    return services->signal == SIGPIPE;
}

static void on_stdout(void *arg, int fd, bool readable, bool writable)
{
    struct services *services = arg;
    (void)readable;
    (void)writable;
    loop_unwatch(services->loop, services->stdout_watch);
    services->stdout_watch = NULL;
    if (!has_no_reader(fd) || services->stopped)
        return;
    if (!services->ends_gently)
        services_end_by_pipe();
    begin_to_stop(services, SIGPIPE);
}

void services_watch_stdout(struct services *services, bool gently)
{
    if (!is_pipe(STDOUT_FILENO) || services->stdout_watch != NULL)
        return;
    services->ends_gently = gently;
    services->stdout_watch =
        loop_watch(services->loop, STDOUT_FILENO, true, false, on_stdout, services);
    loop_watch_background(services->stdout_watch);
}
