#include "support/declared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "value/json.h"

const char declared_queue[] =
    "{'permissions':{'read':["
    "{'action':'sqs:ListQueues','operations':['sqs:ListQueues']},"
    "{'action':'sqs:GetQueueAttributes','operations':['sqs:GetQueueAttributes'],"
    "'on':['arn:${partition}:sqs:${region}:${account}:*']}],'write':["
    "{'action':'sqs:SetQueueAttributes','operations':['sqs:SetQueueAttributes'],"
    "'on':['arn:${partition}:sqs:${region}:${account}:*']}]}}";

static char *with_quotes(const char *text)
{
    char *quoted = mem_strdup(text);
    for (char *c = quoted; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    return quoted;
}

static json_t *parse(const char *text)
{
    struct err err = {0};
    json_t *value = json_parse(text, strlen(text), &err);
    if (value == NULL)
        fail_msg("%s in %s", err.message, text);
    return value;
}

void declared_add(struct declared *declared, const char *text)
{
    size_t at = declared->input.count++;
    char *quoted = with_quotes(text);
    declared->items[at] = (struct policy){.type = "t", .title = "T", .meta = parse(quoted)};
    declared->list[at] = &declared->items[at];
    declared->input.policies = declared->list;
    mem_free(quoted);
}

void declared_forget(struct declared *declared)
{
    for (size_t i = 0; i < declared->input.count; i++)
        json_decref((json_t *)(uintptr_t)declared->items[i].meta);
}

void declared_expect(json_t *value, const char *expected)
{
    char *quoted = with_quotes(expected);
    char *text = json_text(value);
    assert_string_equal(text, quoted);
    mem_free(text);
    mem_free(quoted);
    json_decref(value);
}
