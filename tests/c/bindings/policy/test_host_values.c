/* Values between JSON and Lua, and event rules that use them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/host_world.h"
#include "value/json.h"

/* Texts that come back unchanged. */
static const char *const kept[] = {
    "{}",
    "[]",
    "[[],{},[[]]]",
    "{\"Statement\":[],\"Id\":{}}",
    "9223372036854775807",
    "-9223372036854775808",
    "9007199254740993",
    "0.1",
    "1.0",
    "1e+300",
    "null",
    "[null,1,null]",
    "{\"a\":null,\"b\":[null]}",
    "true",
    "[false]",
    "\"\"",
    "{\"\":\"\"}",
    "\"a\\u0000b\"",
    "\"\\\"\\\\\"",
    "{\"z\":1,\"a\":2,\"m\":{\"y\":1,\"b\":2}}",
    "{\"Version\":\"2012-10-17\",\"Id\":\"x\",\"Statement\":[{\"Sid\":\"s\",\"Effect\":\"Deny\"}]}",
    "{\"2\":1,\"1\":2}",
    "[1,\"1\",1.5,true,null,{},[]]",
};

static void keeps_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        char body[400];
        snprintf(body, sizeof body,
                 "return false, json.encode(assert(json.decode [==[%s]==])) .. ''", kept[i]);
        const char *found = world_try(&world, body);
        if (strcmp(found, kept[i]) != 0)
            fail_msg("%s became %s", kept[i], found);
    }
}

struct expression {
    const char *body;
    const char *expected; /* the summary, or part of the error */
};

static const struct expression expressions[] = {
    /* order of keys: remembered ones first, then sorted */
    {"local t = json.decode '{\"z\":1,\"a\":2}' t.c = 3 t.b = 4 t.z = 9\n"
     "return false, json.encode(t)",
     "{\"z\":9,\"a\":2,\"b\":4,\"c\":3}"},
    {"local t = json.decode '{\"z\":1,\"a\":2,\"m\":3}' t.a = nil return false, json.encode(t)",
     "{\"z\":1,\"m\":3}"},
    {"return false, json.encode { b = 1, a = 2, c = { 1, 2 } }", "{\"a\":2,\"b\":1,\"c\":[1,2]}"},
    /* lists that become empty, or get members, stay lists */
    {"local t = json.decode '[1]' table.remove(t) return false, json.encode(t)", "[]"},
    {"local t = json.decode '[]' t[1] = 'x' return false, json.encode(t)", "[\"x\"]"},
    {"return false, json.encode { json.list {}, {} }", "[[],{}]"},
    {"return false, tostring(#json.decode '[1,2,3]') .. json.decode '[1,2,3]'[3]", "33"},
    {"local n = 0 for _, v in ipairs(json.decode '[5,6]') do n = n + v end\n"
     "return false, tostring(n)",
     "11"},
    /* numbers */
    {"return false, math.type(json.decode '1') .. math.type(json.decode '1.0')", "integerfloat"},
    {"return false, json.encode { 1, 1.0, -0.5, 2^53 }", "[1,1.0,-0.5,9007199254740992.0]"},
    {"return json.decode '9223372036854775808' == nil", "compliant"},
    {"json.encode { 0/0 }", "[1] is a number that JSON cannot represent"},
    {"json.encode { a = { math.huge } }", ".a[1] is a number that JSON cannot represent"},
    /* null */
    {"return json.decode('null') == json.null and json.decode('[null]')[1] == json.null",
     "compliant"},
    {"local t = json.decode '{\"a\":null}' return false, type(t.a) .. json.encode(t)",
     "userdata{\"a\":null}"},
    /* what is refused */
    {"json.encode(pairs)", "json.encode: the value is a function"},
    {"json.encode { a = { b = pairs } }", "json.encode: the value.a.b is a function"},
    {"json.encode { 1, 2, x = 3 }", "is neither a list"},
    {"json.encode { 1, nil, 3 }", "is neither a list"},
    {"json.encode { [1.5] = 1 }", "is neither a list"},
    {"json.encode { [true] = 1 }", "is neither a list"},
    {"json.encode { [0] = 1 }", "is neither a list"},
    {"json.encode { a = resource }", ".a is not plain data"},
    {"json.encode(nil)", "is nil"},
    {"json.encode()", "value expected"},
    {"json.decode(7 == 8)", "string expected"},
    {"local v, e = json.decode '{\"a\":1,\"a\":2}' return false, tostring(v) .. ' ' .. e", "nil "},
    {"local v, e = json.decode '{' return false, tostring(v) .. ' ' .. e:match('line %d')",
     "nil line 1"},
    {"return json.decode(('['):rep(512) .. (']'):rep(512)) ~= nil", "compliant"},
    {"return json.decode(('['):rep(513) .. (']'):rep(513)) == nil", "compliant"},
    {"json.list('x')", "table expected"},
    {"json.list(json)", "a table of your own"},
    /* frozen values look like what they contain */
    {"return false, json.encode(resource.settings)",
     "{\"db_check_time\":60,\"known_accounts\":[\"1\",\"2\"]}"},
    {"local n = {} for k in pairs(resource.settings) do n[#n + 1] = k end\n"
     "table.sort(n) return false, table.concat(n, ' ')",
     "db_check_time known_accounts"},
    {"return false, table.concat(resource.settings.known_accounts, ' ')", "1 2"},
    /* the order of loops: numbers, strings by their bytes, booleans; never Lua's own */
    {"local t, list, text = { [true] = 1, [2] = 1, [-1.5] = 1, [false] = 1, B = 1, a = 1, ab = 1,\n"
     "[''] = 1, ['a\\0'] = 1, [1 << 53] = 1 }, {}, ''\n"
     "for i = 1, 60 do t[('k%02d'):format(i * 37 % 61)] = i end\n"
     "for k in pairs(t) do list[#list + 1] = tostring(k):gsub('%z', '0') end\n"
     "for k in next, t do text = text .. tostring(k):gsub('%z', '0') .. ' ' end\n"
     "if text ~= table.concat(list, ' ') .. ' ' then return false, text end\n"
     "return false, table.concat(list, ' ', 1, 9) .. ' … ' .. table.concat(list, ' ', #list - 2)",
     "-1.5 2 9007199254740992  B a a0 ab k01 … k60 false true"},
    {"local t, text = { a = 1, b = 2, c = 3, d = 4 }, ''\n"
     "for k, v in pairs(t) do t.b, t[k], t.c = nil, nil, 7 text = text .. k .. v end\n"
     "return false, text .. tostring(next(t)) .. tostring(next({})) .. tostring(next(t, 'c'))",
     "a1c7d4cnilnil"},
    {"local a, b, n = {}, function() end, 0\n"
     "for _, v in pairs { [a] = 1, [b] = 2, [a == b] = 4 } do n = n + v end\n"
     "for k, v in next, { [a] = 1, [b] = 2, [a == b] = 4 } do n = n + v end\n"
     "return false, tostring(n)",
     "14"},
    /* integers that are the same number as floats */
    {"local t = { [math.maxinteger] = 1, [2.0 ^ 63] = 1, [-1 / 0] = 1, [3.5] = 1 }\n"
     "local list, text = {}, ''\n"
     "for i = -2, 2 do t[(1 << 53) + i], t[math.mininteger + 2 + i] = 1, 1 end\n"
     "for k in pairs(t) do list[#list + 1] = k end\n"
     "for i = 2, #list do assert(list[i - 1] < list[i]) end\n"
     "for k in next, t do text = text .. k .. ' ' end\n"
     "return false, tostring(#list == 14 and text == table.concat(list, ' ') .. ' ') .. ' ' .."
     "tostring(next(t, 2.0 ^ 53)) .. ' ' .. tostring(next({ a = 1, [1] = 1 }, 0 / 0))",
     "true 9007199254740993 a"},
    {"pairs(nil)", "table expected"},
    {"next(1)", "table expected"},
    /* repeated text */
    {"return false, ('ab'):rep(5, '-') .. ' ' .. ('ab'):rep(3) .. ' ' .. ('ab'):rep(1, '-') ..\n"
     "(''):rep(4, '.')",
     "ab-ab-ab-ab-ab ababab ab..."},
    {"for times = 1, 40 do\n"
     "  local list = {} for i = 1, times do list[i] = 'abc' end\n"
     "  if ('abc'):rep(times, ', ') ~= table.concat(list, ', ') then return false, times end\n"
     "end return true",
     "compliant"},
    /* uri */
    {"return false, uri.decode '%7B%22a%22%3A+1%7D%' .. uri.encode('a b/c') ..\n"
     "uri.encode('a/b', true)",
     "{\"a\":+1}%a%20b%2Fca/b"},
};

static void converts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        const char *found = world_try(&world, expressions[i].body);
        if (strstr(found, expressions[i].expected) == NULL)
            fail_msg("%s: \"%s\" instead of \"%s\"", expressions[i].body, found,
                     expressions[i].expected);
    }
}

static void reads_replies(void **state)
{
    (void)state;
    world_reply(&world, "GetQueueAttributes", 200,
                "{\"Attributes\":{\"z\":\"1\"},\"Count\":9007199254740993,\"Names\":[]}");
    assert_string_equal(
        world_try(&world, "local r = resource.aws.sqs:GetQueueAttributes{ QueueUrl = 'x' }\n"
                          "return false, json.encode(r) .. math.type(r.Count)"),
        "{\"Attributes\":{\"z\":\"1\"},\"Count\":9007199254740993,\"Names\":[]}integer");
}

/* ---- event rules ---- */

#define RULES                                                                                      \
    "return policy { type = 'e', title = 'T', permissions = { read = { 'sqs:ListQueues' } },\n"    \
    "fetch = function(r) r.aws.sqs:ListQueues() end, checks = { { id = 'e.a', title = 'A',\n"      \
    "severity = 'low', audit = function() end } }, events = {\n"                                   \
    "['s:Path'] = 'a.b',\n"                                                                        \
    "['s:Each'] = { id = 'a.list[*].id', delay = 900 },\n"                                         \
    "['s:First'] = { id = { 'a.b', 'c' } },\n"                                                     \
    "['s:Function'] = function(d) return d.ids end,\n"                                             \
    "['s:Placed'] = { id = function(d) return { id = d.c, region = d.at or 'eu-west-2' } end,\n"   \
    "  delay = 5 },\n"                                                                             \
    "['s:Endless'] = function() while true do pcall(error) end end,\n"                             \
    "['s:Raises'] = function() error('odd', 0) end,\n"                                             \
    "['s:Number'] = function() return { 7 } end,\n"                                                \
    "['s:Keeps'] = function(d) if d.keep then return { id = 'x', colour = 'y' } end end } }"

struct rule {
    const char *event, *detail;
    const char *expected; /* ids, or the error */
};

static const struct rule rules[] = {
    {"s:Path", "{\"a\":{\"b\":\"x\"}}", "[{\"delay\":0,\"id\":\"x\"}]"},
    {"s:Path", "{\"a\":{}}", "s:Path: the event has no id at detail.a.b"},
    {"s:Path", "{\"a\":null}", "s:Path: the event has no id at detail.a.b"},
    {"s:Path", "{\"a\":\"text\"}", "s:Path: the event has no id at detail.a.b"},
    {"s:Path", "{\"a\":{\"b\":7}}", "s:Path: detail.a.b contains 7 where an id should be"},
    {"s:Path", "{\"a\":{\"b\":\"\"}}", "s:Path: detail.a.b contains \"\" where an id should be"},
    {"s:Path", "{\"a\":{\"b\":[\"x\"]}}",
     "s:Path: detail.a.b contains a list or an object where an id should be"},
    {"s:Each", "{\"a\":{\"list\":[{\"id\":\"x\"},{},{\"id\":\"y\"},{\"id\":\"x\"}]}}",
     "[{\"delay\":900,\"id\":\"x\"},{\"delay\":900,\"id\":\"y\"}]"},
    {"s:Each", "{\"a\":{\"list\":[]}}", "s:Each: the event has no id at detail.a.list[*].id"},
    {"s:Each", "{\"a\":{\"list\":\"x\"}}", "s:Each: the event has no id at detail.a.list[*].id"},
    {"s:First", "{\"a\":{\"b\":\"x\"},\"c\":\"y\"}", "[{\"delay\":0,\"id\":\"x\"}]"},
    {"s:First", "{\"c\":\"y\"}", "[{\"delay\":0,\"id\":\"y\"}]"},
    {"s:First", "{}", "s:First: the event has no id at detail.a.b or detail.c"},
    {"s:Function", "{\"ids\":[\"x\",\"y\"]}",
     "[{\"delay\":0,\"id\":\"x\"},{\"delay\":0,\"id\":\"y\"}]"},
    {"s:Function", "{\"ids\":\"x\"}", "[{\"delay\":0,\"id\":\"x\"}]"},
    {"s:Function", "{}", "[]"},
    {"s:Function", "{\"ids\":[]}", "[]"},
    {"s:Placed", "{\"c\":\"x\"}", "[{\"delay\":5,\"id\":\"x\",\"region\":\"eu-west-2\"}]"},
    {"s:Placed", "{\"c\":\"x\",\"at\":\"nowhere\"}",
     "s:Placed: a region is a name such as \"us-east-1\""},
    {"s:Endless", "{}", "ran too long"},
    {"s:Raises", "{}", "s:Raises: odd"},
    {"s:Number", "{}", "s:Number: an id must be a string"},
    {"s:Keeps", "{\"keep\":true}", "s:Keeps: an id has no \"colour\""},
    {"s:Unwatched", "{}", "[]"},
};

/* One rule never ends: a small budget stops it. */
static int set_up_small(void **state)
{
    (void)state;
    const struct host_options limits = {.instructions_max = 1000000};
    world_open(&world, &limits);
    return 0;
}

static void finds_ids_of_events(void **state)
{
    (void)state;
    const struct policy *policy = world_load(&world, "e", RULES);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct err err = {0};
        json_t *detail = json_parse(rules[i].detail, strlen(rules[i].detail), &err);
        json_t *ids = world.evaluator->event_ids(world.evaluator->self, policy, rules[i].event,
                                                 detail, NULL, &err);
        char *text = ids != NULL ? json_text(ids) : mem_strdup(err.message);
        if (strstr(text, rules[i].expected) == NULL)
            fail_msg("%s: \"%s\" instead of \"%s\"", rules[i].event, text, rules[i].expected);
        mem_free(text);
        json_decref(ids);
        json_decref(detail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_documents, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(converts, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(reads_replies, world_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(finds_ids_of_events, set_up_small, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
