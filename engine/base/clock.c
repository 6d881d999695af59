#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static clock_fn wall_fn;
static clock_fn mono_fn;
static int64_t stamp_ms; /* 0: the wall clock */

static int64_t read_clock_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t read_clock(clockid_t id)
{
    return read_clock_us(id) / 1000;
}

int64_t clock_wall_ms(void)
{
    return wall_fn != NULL ? wall_fn() : read_clock(CLOCK_REALTIME);
}

int64_t clock_mono_ms(void)
{
    return mono_fn != NULL ? mono_fn() : read_clock(CLOCK_MONOTONIC);
}

int64_t clock_mono_us(void)
{
    return mono_fn != NULL ? mono_fn() * 1000 : read_clock_us(CLOCK_MONOTONIC);
}

int64_t clock_cpu_us(void)
{
    return read_clock_us(CLOCK_THREAD_CPUTIME_ID);
}

void clock_replace(clock_fn wall, clock_fn mono)
{
    wall_fn = wall;
    mono_fn = mono;
}

int64_t clock_stamp_ms(void)
{
    return stamp_ms != 0 ? stamp_ms : clock_wall_ms();
}

void clock_stop_stamp(int64_t wall_ms)
{
    stamp_ms = wall_ms;
}

static void format_utc(int64_t wall_ms, const char *format, char out[CLOCK_TEXT])
{
    int64_t seconds = wall_ms >= 0 ? wall_ms / 1000 : -((999 - wall_ms) / 1000);
    time_t when = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&when, &parts) == NULL || strftime(out, CLOCK_TEXT, format, &parts) == 0)
        out[0] = '\0';
}

struct recent {
    int64_t second;
    char text[CLOCK_TEXT];
};

/* Every signature and every finding needs such a text, many of them in the same second. */
static void format_recent(struct recent *recent, int64_t wall_ms, const char *format,
                          char out[CLOCK_TEXT])
{
    if (wall_ms < 0 || wall_ms / 1000 != recent->second) {
        format_utc(wall_ms, format, recent->text);
        recent->second = wall_ms < 0 ? INT64_MIN : wall_ms / 1000;
    }
    memcpy(out, recent->text, CLOCK_TEXT);
}

void clock_rfc3339(int64_t wall_ms, char out[CLOCK_TEXT])
{
    static struct recent recent = {.second = INT64_MIN};
    format_recent(&recent, wall_ms, "%Y-%m-%dT%H:%M:%SZ", out);
}

void clock_basic(int64_t wall_ms, char out[CLOCK_TEXT])
{
    static struct recent recent = {.second = INT64_MIN};
    format_recent(&recent, wall_ms, "%Y%m%dT%H%M%SZ", out);
}

void clock_http_date(int64_t wall_ms, char out[CLOCK_TEXT])
{
    format_utc(wall_ms, "%a, %d %b %Y %H:%M:%S GMT", out);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads ".123456" as milliseconds. Returns the number of characters read. */
static int parse_fraction(const char *text, int64_t *ms)
{
    int length = 0;
    int64_t scale = 100;
    *ms = 0;
    if (text[0] != '.')
        return 0;
    for (length = 1; is_digit(text[length]); length++) {
        *ms += (text[length] - '0') * scale;
        scale /= 10;
    }
    return length;
}

/* Reads "Z" or "+01:00" as seconds east of UTC. Returns -1 if it is neither. */
static int parse_offset(const char *text, int64_t *seconds)
{
    int hours;
    int minutes;
    char end;
    *seconds = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return 0;
    if ((text[0] != '+' && text[0] != '-') || !is_digit(text[1]))
        return -1;
    if (sscanf(text + 1, "%2d:%2d%c", &hours, &minutes, &end) != 2 || hours > 23 || minutes < 0 ||
        minutes > 59)
        return -1;
    *seconds = (hours * 60 + minutes) * 60 * (text[0] == '-' ? -1 : 1);
    return 0;
}

static bool in_range(const struct tm *tm)
{
    return tm->tm_mon >= 0 && tm->tm_mon < 12 && tm->tm_mday >= 1 && tm->tm_mday <= 31 &&
           tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 && tm->tm_min < 60 &&
           tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

/* timegm turns 30 February into 2 March. */
static bool is_day(const struct tm *tm)
{
    struct tm day = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday};
    timegm(&day);
    return day.tm_mday == tm->tm_mday;
}

int clock_parse_rfc3339(const char *text, int64_t *wall_ms)
{
    struct tm tm = {0};
    int used = 0;
    int64_t ms;
    int64_t offset;
    if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6 ||
        used == 0)
        return -1;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    used += parse_fraction(text + used, &ms);
    if (!in_range(&tm) || !is_day(&tm) || parse_offset(text + used, &offset) != 0)
        return -1;
    *wall_ms = ((int64_t)timegm(&tm) - offset) * 1000 + ms;
    return 0;
}

static int month_of(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++) {
        if (strncmp(names + (size_t)i * 3, name, 3) == 0)
            return i;
    }
    return -1;
}

int clock_parse_http_date(const char *text, int64_t *wall_ms)
{
    struct tm tm = {0};
    char month[4];
    if (sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d", &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec) != 6)
        return -1;
    tm.tm_mon = month_of(month);
    tm.tm_year -= 1900;
    if (!in_range(&tm))
        return -1;
    *wall_ms = (int64_t)timegm(&tm) * 1000;
    return 0;
}
