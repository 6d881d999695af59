#include "journal/journal_parked.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/spool.h"
#include "value/json.h"

struct parked {
    int fd; /* -1: none yet */
    uint64_t end;
};

struct parked *parked_new(void)
{
    struct parked *parked = mem_alloc(sizeof *parked);
    parked->fd = -1;
    return parked;
}

void parked_free(struct parked *parked)
{
    if (parked == NULL)
        return;
    if (parked->fd >= 0)
        close(parked->fd);
    mem_free(parked);
}

static int write_text(struct parked *parked, const char *text, size_t length)
{
    struct err err = {0};
    if (parked->fd < 0)
        parked->fd = spool_open(&err);
    if (parked->fd < 0 || spool_write(parked->fd, parked->end, text, length, &err) != 0)
        return -1;
    parked->end += length;
    return 0;
}

static bool is_parked(const json_t *fix)
{
    return json_object_get(fix, "parked") != NULL;
}

void parked_put(struct parked *parked, json_t *fix)
{
    if (is_parked(fix))
        return;
    char *text = json_text(fix);
    size_t length = strlen(text);
    uint64_t at = parked->end;
    if (write_text(parked, text, length) == 0) {
        json_t *name = json_incref(json_object_get(fix, "fix"));
        json_t *undoes = json_incref(json_object_get(fix, "undoes"));
        json_object_clear(fix);
        json_object_set_new(fix, "fix", name);
        if (undoes != NULL)
            json_object_set_new(fix, "undoes", undoes);
        json_object_set_new(fix, "parked", json_integer((json_int_t)at));
        json_object_set_new(fix, "bytes", json_integer((json_int_t)length));
    }
    mem_free(text);
}

static json_t *read_fix(const struct parked *parked, const json_t *fix, struct err *err)
{
    size_t length = (size_t)json_get_integer(fix, "bytes", 0);
    char *text = mem_alloc(length + 1);
    json_t *whole = NULL;
    if (spool_read(parked->fd, (uint64_t)json_get_integer(fix, "parked", 0), text, length, err) ==
        0)
        whole = json_parse(text, length, err);
    mem_free(text);
    return whole;
}

json_t *parked_get(const struct parked *parked, json_t *fix)
{
    struct err err = {0};
    if (!is_parked(fix))
        return json_incref(fix);
    json_t *whole = read_fix(parked, fix, &err);
    if (whole != NULL)
        return whole;
    return json_pack("{s:O, s:[], s:s}", "fix", json_object_get(fix, "fix"), "steps", "damage",
                     err.message);
}

void parked_restore(const struct parked *parked, json_t *fix)
{
    if (parked == NULL || !is_parked(fix))
        return;
    json_t *whole = parked_get(parked, fix);
    json_object_clear(fix);
    json_object_update(fix, whole);
    json_decref(whole);
}
