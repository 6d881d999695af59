/* Diagnostics, on stderr only: "engine: warning: …", or in another format by a sink. Serves every
 * room. Never pass it a secret: callers log names (codes, ids, host names), not headers or
 * bodies. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* default LOG_WARN */
/* "error", "warn"/"warning", "info", "debug"; -1 for anything else. */
int log_level_parse(const char *name, enum log_level *level);
bool log_enabled(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A hint or a result for the operator, whatever the level; --quiet is the caller's business. */
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What a message is about. A member is NULL if there is none. */
struct log_subject {
    const char *account, *region, *type, *id;
};
void log_about(enum log_level level, const struct log_subject *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Receives the lines instead of stderr; NULL restores stderr. */
typedef void (*log_sink)(enum log_level level, const char *line);
void log_set_sink(log_sink sink);
/* For a sink: the subject of the line; NULL: none. */
const struct log_subject *log_current_subject(void);
/* Called before each line, so that a progress line can make room for it. NULL: nothing. */
void log_before_line(void (*before)(void));

#endif
