#include "support/typing.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST ((size_t)32 << 10)

static int master = -1, old_in, old_out;

void typing_begin(const char *keys, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    struct termios raw;
    int slave;
    fflush(stdout);
    assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
    assert_int_equal(tcgetattr(slave, &raw), 0);
    cfmakeraw(&raw); /* else the terminal would act on the keys itself */
    assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
    old_in = dup(STDIN_FILENO);
    old_out = dup(STDOUT_FILENO);
    assert_int_equal(dup2(slave, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(dup2(slave, STDOUT_FILENO), STDOUT_FILENO);
    close(slave);
    assert_int_equal(write(master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

char *typing_end(void)
{
    char *text = calloc(1, MOST + 1);
    size_t length = 0;
    ssize_t got;
    fflush(stdout);
    dup2(old_in, STDIN_FILENO);
    dup2(old_out, STDOUT_FILENO);
    close(old_in);
    close(old_out);
    /* After the last writer's end, read(2) of the master fails with EIO. */
    while (length < MOST && (got = read(master, text + length, MOST - length)) > 0)
        length += (size_t)got;
    close(master);
    return text;
}
