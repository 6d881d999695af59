/* The only source of time. Tests replace the wall and the monotonic clock; no other code in the
 * engine asks the operating system for the time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_wall_ms(void); /* milliseconds since 1970-01-01T00:00:00Z */
int64_t clock_mono_ms(void); /* monotonic, for timers and timeouts */
int64_t clock_mono_us(void); /* the same clock, for short times */
int64_t clock_cpu_us(void);  /* CPU time of this thread: a system call */

typedef int64_t (*clock_fn)(void);
void clock_replace(clock_fn wall, clock_fn mono); /* NULL restores the system clock */

/* The timestamp of findings, also visible to policies: the current time, or the time set with
 * clock_stop_stamp. Recording and replay set it. */
int64_t clock_stamp_ms(void);
void clock_stop_stamp(int64_t wall_ms); /* 0: the current time again */

#define CLOCK_TEXT 32
/* Writes a wall time in UTC, as RFC 3339 "2026-11-23T10:00:00Z" or basic "20261123T100000Z". */
void clock_rfc3339(int64_t wall_ms, char out[CLOCK_TEXT]);
void clock_basic(int64_t wall_ms, char out[CLOCK_TEXT]);
/* Writes an IMF-fixdate "Mon, 23 Nov 2026 10:00:00 GMT" (RFC 9110 section 5.6.7), as in HTTP
 * headers. */
void clock_http_date(int64_t wall_ms, char out[CLOCK_TEXT]);

/* Parse a text; return 0 or -1: RFC 3339 with optional fraction and any offset; IMF-fixdate.
 * Results are milliseconds since the epoch (smaller fractions are cut). */
int clock_parse_rfc3339(const char *text, int64_t *wall_ms);
int clock_parse_http_date(const char *text, int64_t *wall_ms);

#endif
