/* Diagnostics for humans, on stderr only: "engine: warning: …". Serves every room. Never pass it a
 * secret: callers log names (codes, ids, host names), not headers or bodies. */
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

/* Receives the lines instead of stderr; NULL restores stderr. Used by tests and by the progress
 * line. */
typedef void (*log_sink)(enum log_level level, const char *line);
void log_set_sink(log_sink sink);

#endif
