#include "support/tricks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "value/json.h"

int tricks_set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    world_reply(&world, "GetQueueAttributes", 403,
                "{\"__type\":\"AccessDenied\",\"message\":\"no\"}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    return 0;
}

/* `refused` makes a call that is refused, `passed` one that is answered. Check a passes, b uses a
 * part. */
#define HEAD                                                                                       \
    "local none, T = require 'lib.none', '%s.'\n"                                                  \
    "local function refused(r) return r.aws.sqs:GetQueueAttributes { QueueUrl = 'q' } end\n"       \
    "local function answered(r) return r.aws.sqs:ListQueues {} end\n"                              \
    "local function step() return { call = 'sqs:SetQueueAttributes',\n"                            \
    "  with = { QueueUrl = 'q', Attributes = {} }, irreversible = 'test' } end\n"                  \
    "local function pass() return true end\n"                                                      \
    "local function check(id, audit, more)\n"                                                      \
    "  local one = { id = T .. id, title = 'T', severity = 'low', audit = audit }\n"               \
    "  for key, value in pairs(more or {}) do one[key] = value end return one end\n"               \
    "return policy { type = '%s', title = 'T', permissions = {\n"                                  \
    "read = { 'sqs:ListQueues', 'sqs:GetQueueAttributes' },\n"                                     \
    "write = { 'sqs:SetQueueAttributes' } },\n%s\n}"

const struct policy *tricks_load(const char *fields)
{
    static int count;
    char type[16];
    snprintf(type, sizeof type, "t%d", ++count);
    char *text = mem_printf(HEAD, type, type, fields);
    const struct policy *policy = world_load(&world, type, text);
    mem_free(text);
    return policy;
}

static const char *text_of(const json_t *entry)
{
    return json_get_string(json_object_get(entry, "error"), "message", "");
}

/* "status fix: error, …" of every check, or "gone", "later", "failed: reason". */
char *tricks_short(json_t *outcome)
{
    size_t i;
    json_t *entry;
    struct buf out;
    buf_init(&out, 4000);
    const char *state = json_get_string(outcome, "state", "");
    if (json_object_get(outcome, "failed") != NULL)
        buf_addf(&out, "failed: %s", json_get_string(outcome, "failed", ""));
    else if (strcmp(state, "ok") != 0)
        buf_addf(&out, "%s", state);
    json_array_foreach (json_object_get(outcome, "checks"), i, entry) {
        buf_addf(&out, "%s%s", i > 0 ? ", " : "", json_get_string(entry, "status", ""));
        if (json_get_string(entry, "fix", NULL) != NULL)
            buf_addf(&out, " %s", json_get_string(entry, "fix", ""));
        if (text_of(entry)[0] != '\0')
            buf_addf(&out, ": %s", text_of(entry));
    }
    json_decref(outcome);
    return buf_take(&out);
}

/* "~": begins with "unknown" and contains the rest, and the other check passes. */
static bool fits(const char *found, const char *expected)
{
    if (expected[0] != '~')
        return strcmp(found, expected) == 0;
    return strncmp(found, "unknown: ", 9) == 0 && strstr(found, expected + 1) != NULL &&
           strstr(found, ", compliant") != NULL;
}

void tricks_run(const struct trick *tricks, size_t count, const struct audit_options *options)
{
    for (size_t i = 0; i < count; i++) {
        char *found = tricks_short(world_audit(&world, tricks_load(tricks[i].fields), options));
        if (!fits(found, tricks[i].expected))
            fail_msg("%s: \"%s\" instead of \"%s\"", tricks[i].name, found, tricks[i].expected);
        mem_free(found);
    }
}
