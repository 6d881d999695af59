#include "journal/journal_sums.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "value/json.h"

static bool is_state(const json_t *line, const char *state)
{
    return strcmp(json_get_string(line, "state", ""), state) == 0;
}

/* Sum of the previous line of the fix. The line that says that a fix was undone is written by
 * another run, which does not know that sum. */
static const char *sum_before(const json_t *sums, const json_t *line)
{
    if (is_state(line, "begin") || is_state(line, "undone"))
        return "";
    return json_get_string(sums, json_get_string(line, "fix", ""), "");
}

static void sum_of(const char *before, const json_t *line, char hex[SHA256_HEX])
{
    unsigned char bytes[SHA256_BYTES];
    char *text = json_text_canonical(line);
    char *both = mem_printf("%s%s", before, text);
    digest_sha256(both, strlen(both), bytes);
    digest_hex(bytes, sizeof bytes, hex);
    mem_free(both);
    mem_free(text);
}

void journal_sum_add(const json_t *sums, json_t *line)
{
    char hex[SHA256_HEX];
    sum_of(sum_before(sums, line), line, hex);
    json_object_set_new(line, "sum", json_string(hex));
}

void journal_sum_keep(json_t *sums, const json_t *line)
{
    const char *fix = json_get_string(line, "fix", "");
    if (is_state(line, "end") || is_state(line, "undone"))
        json_object_del(sums, fix);
    else
        json_object_set(sums, fix, json_object_get(line, "sum"));
}

bool journal_sum_take(json_t *sums, json_t *line)
{
    char hex[SHA256_HEX];
    json_t *sum = json_incref(json_object_get(line, "sum"));
    json_object_del(line, "sum");
    sum_of(sum_before(sums, line), line, hex);
    bool fits = json_is_string(sum) && strcmp(json_string_value(sum), hex) == 0;
    json_object_set_new(line, "sum", sum);
    if (fits)
        journal_sum_keep(sums, line);
    json_object_del(line, "sum");
    return fits;
}
