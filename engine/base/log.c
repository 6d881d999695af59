#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clean_text.h"

static enum log_level current_level = LOG_WARN;
static log_sink current_sink;
static void (*before_line)(void);
static const struct log_subject *current_subject;

void log_set_level(enum log_level level)
{
    current_level = level;
}

int log_level_parse(const char *name, enum log_level *level)
{
    static const struct {
        const char *name;
        enum log_level level;
    } names[] = {{"error", LOG_ERROR},
                 {"warn", LOG_WARN},
                 {"warning", LOG_WARN},
                 {"info", LOG_INFO},
                 {"debug", LOG_DEBUG}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i].name) == 0) {
            *level = names[i].level;
            return 0;
        }
    }
    return -1;
}

bool log_enabled(enum log_level level)
{
    return level <= current_level;
}

void log_set_sink(log_sink sink)
{
    current_sink = sink;
}

const struct log_subject *log_current_subject(void)
{
    return current_subject;
}

void log_before_line(void (*before)(void))
{
    before_line = before;
}

#define LONGEST 4096

static void write_line(enum log_level level, const char *line)
{
    static const char *const words[] = {"error: ", "warning: ", "", "debug: "};
    if (before_line != NULL)
        before_line();
    if (current_sink != NULL)
        current_sink(level, line);
    else
        fprintf(stderr, "engine: %s%s\n", words[level], line);
}

/* Text from outside is cleaned first: it must not control the terminal. */
static void emit(enum log_level level, const char *format, va_list args)
{
    char line[LONGEST];
    struct buf clean;
    vsnprintf(line, sizeof line, format, args);
    buf_init(&clean, 3 * LONGEST); /* U+FFFD in place of each byte */
    text_clean(&clean, line, strlen(line));
    write_line(level, buf_text(&clean));
    buf_clear(&clean);
}

#define DEFINE_LOG(name, level, condition)                                                         \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        if (condition)                                                                             \
            emit(level, format, args);                                                             \
        va_end(args);                                                                              \
    }

DEFINE_LOG(log_error, LOG_ERROR, log_enabled(LOG_ERROR))
DEFINE_LOG(log_warn, LOG_WARN, log_enabled(LOG_WARN))
DEFINE_LOG(log_info, LOG_INFO, log_enabled(LOG_INFO))
DEFINE_LOG(log_debug, LOG_DEBUG, log_enabled(LOG_DEBUG))
DEFINE_LOG(log_note, LOG_INFO, true)

void log_about(enum log_level level, const struct log_subject *subject, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    current_subject = subject;
    if (log_enabled(level))
        emit(level, format, args);
    current_subject = NULL;
    va_end(args);
}
