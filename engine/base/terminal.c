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

size_t terminal_columns(FILE *out, size_t usual)
{
    struct winsize size = {0};
    int fd = fileno(out);
    const char *columns = getenv("COLUMNS");
    size_t width = usual;
    if (isatty(fd) == 1 && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        width = size.ws_col;
    else if (columns != NULL && atoi(columns) > 0)
        width = (size_t)atoi(columns);
    return width > LEAST_WIDTH ? width : LEAST_WIDTH;
}

void terminal_look(FILE *out, bool *colour, size_t *width)
{
    *colour = isatty(fileno(out)) == 1 && wants_colour();
    *width = terminal_columns(out, PLAIN_WIDTH);
}
