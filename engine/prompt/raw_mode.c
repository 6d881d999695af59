#include "prompt/raw_mode.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Bracketed paste: the terminal marks what is pasted (XTerm Control Sequences). */
static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";

static const int ending[] = {SIGHUP, SIGTERM, SIGINT, SIGQUIT};

/* For the signal handler. */
static struct termios before;
static struct sigaction actions[COUNT(ending)];
static sigset_t mask;

static void send(const char *text, size_t length)
{
    ssize_t sent = write(STDOUT_FILENO, text, length);
    (void)sent;
}

/* Calls only functions that are safe in a signal handler (signal-safety(7)). */
static void on_ending(int number)
{
    send(paste_off, sizeof paste_off - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    signal(number, SIG_DFL);
    raise(number);
}

/* A signal that is ignored stays ignored, as under nohup. The process may have blocked signals,
 * because its loop reads them from a file; nothing does while a line is read. */
static void catch_signals(void)
{
    struct sigaction restore = {.sa_handler = on_ending};
    sigset_t open;
    sigemptyset(&open);
    for (size_t i = 0; i < COUNT(ending); i++) {
        sigaddset(&open, ending[i]);
        sigaction(ending[i], NULL, &actions[i]);
        if (actions[i].sa_handler == SIG_DFL)
            sigaction(ending[i], &restore, NULL);
    }
    sigprocmask(SIG_UNBLOCK, &open, &mask);
}

static void release_signals(void)
{
    sigprocmask(SIG_SETMASK, &mask, NULL);
    for (size_t i = 0; i < COUNT(ending); i++)
        sigaction(ending[i], &actions[i], NULL);
}

int raw_mode_on(void)
{
    struct termios raw;
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return -1;
    raw = before;
    raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
    raw.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    catch_signals();
    /* Output that is still under way appears first; keys that were pressed meanwhile are kept. */
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0) {
        release_signals();
        return -1;
    }
    send(paste_on, sizeof paste_on - 1);
    return 0;
}

void raw_mode_off(void)
{
    send(paste_off, sizeof paste_off - 1);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    release_signals();
}
