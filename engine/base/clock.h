/* The only source of time. Tests replace both functions; nothing else in the engine asks the
 * operating system what time it is. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_wall_ms(void); /* milliseconds since 1970-01-01T00:00:00Z */
int64_t clock_mono_ms(void); /* monotonic, for timers and time-outs */

typedef int64_t (*clock_fn)(void);
void clock_replace(clock_fn wall, clock_fn mono); /* NULL restores the system's */

/* The time that findings carry and policies see: now, unless it stands still, as it does for what
 * is recorded and replayed. */
int64_t clock_stamp_ms(void);
void clock_stop_stamp(int64_t wall_ms); /* 0: it goes again */

#define CLOCK_TEXT 32
/* Texts of a wall time in UTC. RFC 3339 "2026-11-23T10:00:00Z"; basic "20261123T100000Z". */
void clock_rfc3339(int64_t wall_ms, char out[CLOCK_TEXT]);
void clock_basic(int64_t wall_ms, char out[CLOCK_TEXT]);
/* IMF-fixdate "Mon, 23 Nov 2026 10:00:00 GMT" (RFC 9110 section 5.6.7), as HTTP headers carry it.
 */
void clock_http_date(int64_t wall_ms, char out[CLOCK_TEXT]);

/* Readers, 0 or -1: RFC 3339 with optional fraction and any offset; IMF-fixdate. Results in
 * milliseconds since the epoch (fractions beyond a millisecond are cut). */
int clock_parse_rfc3339(const char *text, int64_t *wall_ms);
int clock_parse_http_date(const char *text, int64_t *wall_ms);

#endif
