#include "aws/protocol/proto_time.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

#define FIRST_SECOND (-62135596800LL) /* 0001-01-01T00:00:00Z */
#define LAST_SECOND 253402300799LL    /* 9999-12-31T23:59:59Z */

static int in_range(const struct proto_time *time)
{
    return time->seconds >= FIRST_SECOND && time->seconds <= LAST_SECOND ? 0 : -1;
}

static int from_real(double value, struct proto_time *time)
{
    if (!(value >= (double)FIRST_SECOND && value <= (double)LAST_SECOND))
        return -1;
    double whole = floor(value);
    time->seconds = (int64_t)whole;
    time->micros = (int)lround((value - whole) * 1e6);
    if (time->micros == 1000000) {
        time->seconds++;
        time->micros = 0;
    }
    return in_range(time);
}

/* Reads `count` digits. */
static int digits(const char **at, int count, int *number)
{
    *number = 0;
    for (int i = 0; i < count; i++) {
        if (!isdigit((unsigned char)**at))
            return -1;
        *number = *number * 10 + (*(*at)++ - '0');
    }
    return 0;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms", days_from_civil). */
static int64_t days_since_epoch(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil {
    int year, month, day, hour, minute, second;
};

static int civil_to_time(const struct civil *civil, struct proto_time *time)
{
    static const int last[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (civil->month < 1 || civil->month > 12 || civil->day < 1 ||
        civil->day > last[civil->month - 1] || civil->hour > 24 || civil->minute > 59 ||
        civil->second > 60)
        return -1;
    time->seconds = days_since_epoch(civil->year, civil->month, civil->day) * 86400 +
                    civil->hour * 3600 + civil->minute * 60 + civil->second;
    return in_range(time);
}

/* ".123" or ",123"; digits beyond the sixth are cut. */
static void fraction(const char **at, struct proto_time *time)
{
    time->micros = 0;
    if ((**at != '.' && **at != ',') || !isdigit((unsigned char)(*at)[1]))
        return;
    int scale = 100000;
    for ((*at)++; isdigit((unsigned char)**at); (*at)++) {
        time->micros += (**at - '0') * scale;
        scale /= 10;
    }
}

/* "Z", "GMT", "UTC", "+01:00", "+0100", "+01" or nothing, then the end. */
static int zone(const char *at, struct proto_time *time)
{
    while (*at == ' ')
        at++;
    if (*at == '\0' || strcasecmp(at, "Z") == 0 || strcasecmp(at, "GMT") == 0 ||
        strcasecmp(at, "UTC") == 0)
        return 0;
    int sign = *at == '+' ? 1 : *at == '-' ? -1 : 0;
    int hours, minutes = 0;
    at++;
    if (sign == 0 || digits(&at, 2, &hours) != 0)
        return -1;
    if (*at == ':')
        at++;
    if (*at != '\0' && digits(&at, 2, &minutes) != 0)
        return -1;
    if (*at != '\0' || hours > 23 || minutes > 59)
        return -1;
    time->seconds -= sign * (hours * 3600 + minutes * 60);
    return in_range(time);
}

/* "18:30:38" with an optional fraction; the seconds are optional. */
static int time_of_day(const char **at, struct civil *civil, struct proto_time *time)
{
    if (digits(at, 2, &civil->hour) != 0 || *(*at)++ != ':' || digits(at, 2, &civil->minute) != 0)
        return -1;
    if (**at != ':')
        return 0;
    (*at)++;
    if (digits(at, 2, &civil->second) != 0)
        return -1;
    fraction(at, time);
    return 0;
}

static int parse_extended(const char *at, struct proto_time *time)
{
    struct civil civil = {0};
    if (digits(&at, 4, &civil.year) != 0 || *at++ != '-' || digits(&at, 2, &civil.month) != 0 ||
        *at++ != '-' || digits(&at, 2, &civil.day) != 0)
        return -1;
    if (*at == 'T' || *at == 't' || *at == ' ') {
        at++;
        if (time_of_day(&at, &civil, time) != 0)
            return -1;
    }
    return civil_to_time(&civil, time) == 0 ? zone(at, time) : -1;
}

/* "20140429T183038Z" */
static int parse_basic(const char *at, struct proto_time *time)
{
    struct civil civil = {0};
    if (digits(&at, 4, &civil.year) != 0 || digits(&at, 2, &civil.month) != 0 ||
        digits(&at, 2, &civil.day) != 0 || *at++ != 'T' || digits(&at, 2, &civil.hour) != 0 ||
        digits(&at, 2, &civil.minute) != 0 || digits(&at, 2, &civil.second) != 0)
        return -1;
    fraction(&at, time);
    return civil_to_time(&civil, time) == 0 ? zone(at, time) : -1;
}

static int month_of(const char *at)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++) {
        if (strncasecmp(at, names + (size_t)i * 3, 3) == 0)
            return i + 1;
    }
    return 0;
}

/* "Tue, 29 Apr 2014 18:30:38 GMT", with an optional fraction (RFC 9110 section 5.6.7). */
static int parse_http_date(const char *text, struct proto_time *time)
{
    struct civil civil = {0};
    const char *at = strchr(text, ',');
    at = at != NULL ? at + 1 : text;
    while (*at == ' ')
        at++;
    int wide = isdigit((unsigned char)*at) && isdigit((unsigned char)at[1]) ? 2 : 1;
    if (digits(&at, wide, &civil.day) != 0 || (*at != ' ' && *at != '-'))
        return -1;
    civil.month = month_of(++at);
    if (civil.month == 0 || (at[3] != ' ' && at[3] != '-'))
        return -1;
    at += 4;
    if (digits(&at, 4, &civil.year) != 0 || *at++ != ' ' || time_of_day(&at, &civil, time) != 0)
        return -1;
    return civil_to_time(&civil, time) == 0 ? zone(at, time) : -1;
}

static int parse_number(const char *text, struct proto_time *time)
{
    char *end;
    if (strspn(text, "0123456789+-.eE") != strlen(text) || *text == '\0')
        return -1;
    double value = strtod(text, &end);
    return *end == '\0' && end != text ? from_real(value, time) : -1;
}

int proto_time_parse(const char *text, struct proto_time *time)
{
    time->micros = 0;
    while (isspace((unsigned char)*text))
        text++;
    if (parse_number(text, time) == 0)
        return 0;
    time->micros = 0;
    if (parse_extended(text, time) == 0)
        return 0;
    time->micros = 0;
    if (parse_basic(text, time) == 0)
        return 0;
    time->micros = 0;
    return parse_http_date(text, time);
}

int proto_time_of(const json_t *value, struct proto_time *time)
{
    if (json_is_integer(value)) {
        *time = (struct proto_time){json_integer_value(value), 0};
        return in_range(time);
    }
    if (json_is_real(value))
        return from_real(json_real_value(value), time);
    if (json_is_string(value))
        return proto_time_parse(json_string_value(value), time);
    return -1;
}

json_t *proto_time_json(const struct proto_time *time)
{
    if (time->micros == 0)
        return json_integer(time->seconds);
    return json_real((double)time->seconds + (double)time->micros / 1e6);
}

/* Smithy keeps the milliseconds of epoch-seconds. */
static int write_unix(struct buf *out, const struct proto_time *time)
{
    int millis = time->micros / 1000;
    if (millis == 0)
        return buf_addf(out, "%lld", (long long)time->seconds);
    if (time->seconds >= 0)
        buf_addf(out, "%lld.%03d", (long long)time->seconds, millis);
    else
        buf_addf(out, "%.3f", (double)time->seconds + millis / 1000.0);
    while (!out->failed && out->data[out->len - 1] == '0')
        out->data[--out->len] = '\0';
    return out->failed ? -1 : 0;
}

static int write_iso8601(struct buf *out, const struct proto_time *time)
{
    char text[CLOCK_TEXT];
    clock_rfc3339(time->seconds * 1000, text);
    if (time->micros == 0)
        return buf_adds(out, text);
    return buf_addf(out, "%.*s.%06dZ", (int)strcspn(text, "Z"), text, time->micros);
}

int proto_time_write(struct buf *out, const struct proto_time *time, enum model_time format)
{
    char text[CLOCK_TEXT];
    if (format == MODEL_TIME_UNIX)
        return write_unix(out, time);
    if (in_range(time) != 0)
        return -1;
    if (format != MODEL_TIME_RFC822)
        return write_iso8601(out, time);
    clock_http_date(time->seconds * 1000, text);
    return buf_adds(out, text);
}
