#include "base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PLAIN_WIDTH 120 /* for a table that is not on a terminal */
#define LEAST_WIDTH 40

/* no-color.org: any value except the empty one. */
static bool wants_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (no_color == NULL || no_color[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

void terminal_look(FILE *out, bool *colour, size_t *width)
{
    struct winsize size = {0};
    int fd = fileno(out);
    bool terminal = isatty(fd) == 1;
    const char *columns = getenv("COLUMNS");
    *colour = terminal && wants_colour();
    *width = PLAIN_WIDTH;
    if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        *width = size.ws_col;
    else if (columns != NULL && atoi(columns) > 0)
        *width = (size_t)atoi(columns);
    if (*width < LEAST_WIDTH)
        *width = LEAST_WIDTH;
}
