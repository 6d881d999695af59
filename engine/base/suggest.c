#include "base/suggest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define MAX_LIST 4096

/* Converts to lower case, without separators. Returns the length, or 0 if it is too long to
 * compare. */
static size_t fold(const char *name, char out[SUGGEST_LONGEST])
{
    size_t length = 0;
    for (; *name != '\0'; name++) {
        if (*name == '_' || *name == '-')
            continue;
        if (length == SUGGEST_LONGEST - 1)
            return 0;
        out[length++] = (char)tolower((unsigned char)*name);
    }
    out[length] = '\0';
    return length;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the distance table: from the first `i` letters of `wrong` to each prefix of `name`. */
static void distance_row(size_t rows[3][SUGGEST_LONGEST], size_t i, const char *a, const char *b,
                         size_t width)
{
    size_t *row = rows[i % 3];
    const size_t *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= width; j++) {
        row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            row[j] = least(row[j], before[j - 2] + 1);
    }
}

static size_t distance(const char *a, size_t length, const char *b, size_t width)
{
    size_t rows[3][SUGGEST_LONGEST];
    for (size_t j = 0; j <= width; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= length; i++)
        distance_row(rows, i, a, b, width);
    return rows[length % 3][width];
}

void suggest_init(struct suggest *suggest, const char *wrong)
{
    suggest->length = fold(wrong, suggest->wrong);
    suggest->best = NULL;
    suggest->distance = 1 + (suggest->length + 2) / 4;
}

void suggest_offer(struct suggest *suggest, const char *name)
{
    char folded[SUGGEST_LONGEST];
    size_t width = fold(name, folded);
    if (suggest->length == 0 || width == 0)
        return;
    size_t gap = width > suggest->length ? width - suggest->length : suggest->length - width;
    if (gap >= suggest->distance)
        return;
    size_t found = distance(suggest->wrong, suggest->length, folded, width);
    if (found < suggest->distance) {
        suggest->distance = found;
        suggest->best = name;
    }
}

void suggest_text(const struct suggest *suggest, char out[SUGGEST_TEXT])
{
    out[0] = '\0';
    if (suggest->best != NULL)
        snprintf(out, SUGGEST_TEXT, ", did you mean \"%s\"?", suggest->best);
}

void suggest_among(const char *wrong, const char *const *names, size_t count,
                   char out[SUGGEST_TEXT])
{
    struct suggest suggest;
    suggest_init(&suggest, wrong);
    for (size_t i = 0; i < count; i++)
        suggest_offer(&suggest, names[i]);
    suggest_text(&suggest, out);
}

int suggest_refuse(const char *label, const char *wrong, const char *const *names, size_t count,
                   struct err *err)
{
    char hint[SUGGEST_TEXT];
    struct buf list;
    buf_init(&list, MAX_LIST);
    for (size_t i = 0; i < count; i++)
        buf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
    suggest_among(wrong, names, count, hint);
    err_set(err, ERR_USAGE, "%s: \"%.100s\" is not one of %s%s", label, wrong, buf_text(&list),
            hint);
    buf_clear(&list);
    return -1;
}
