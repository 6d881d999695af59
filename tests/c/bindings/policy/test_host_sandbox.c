/* Tricks with which a policy may try to write, to leave the sandbox, or to reach another resource.
 * Each runs in a policy of its own; afterwards a well-behaved policy still works, and nothing was
 * written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/host_world.h"
#include "support/slowed.h"

struct trick {
    const char *name;
    const char *body;     /* the body of audit(resource, state) */
    const char *expected; /* part of the error's message; or the status */
};

static int open_limited(size_t instructions, int64_t run_ms_max)
{
    const struct host_options limits = {.memory_max = 24 << 20,
                                        .instructions_max = instructions,
                                        .pattern_steps = 5000000,
                                        .run_ms_max = run_ms_max,
                                        .calls_max = 200};
    world_open(&world, &limits);
    return 0;
}

/* What ends by itself, or by another limit, has the time, with valgrind on a busy machine too. */
static int set_up(void **state)
{
    (void)state;
    return open_limited(8000000, 600000);
}

/* For what ends by the number of its instructions. */
static int set_up_endless(void **state)
{
    (void)state;
    return open_limited(slowed_rounds(8000000), 600000);
}

/* If only time ends them, the limit should be short. */
static int set_up_hasty(void **state)
{
    (void)state;
    return open_limited(8000000, 200);
}

static void check_no_writes(const struct trick *trick)
{
    static const char *const writes[] = {"SetQueueAttributes", "DeleteQueue", "SendMessage",
                                         "ReceiveMessage", "DeleteMessage"};
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        if (world_count(&world, writes[i]) != 0)
            fail_msg("%s: %s was sent", trick->name, writes[i]);
    }
}

static void run_tricks(const struct trick *tricks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *found = world_try(&world, tricks[i].body);
        if (strstr(found, tricks[i].expected) == NULL)
            fail_msg("%s: \"%s\" instead of \"%s\"", tricks[i].name, found, tricks[i].expected);
        check_no_writes(&tricks[i]);
    }
    assert_string_equal(world_try(&world, "resource.aws.sqs:ListQueues{} return true"),
                        "compliant");
}

#define RUN(tricks) run_tricks(tricks, sizeof(tricks) / sizeof *(tricks))

static const struct trick names[] = {
    {"getmetatable", "return getmetatable('')", "no global \"getmetatable\""},
    {"setmetatable", "setmetatable({}, { __gc = error })", "no global \"setmetatable\""},
    {"rawset", "rawset(string, 'x', 1)", "no global \"rawset\""},
    {"load", "return load('return 1')()", "no global \"load\""},
    {"loadstring", "return loadstring('return 1')()", "no global \"loadstring\""},
    {"loadfile", "return loadfile('/etc/passwd')", "no global \"loadfile\""},
    {"dofile", "return dofile('/etc/passwd')", "no global \"dofile\""},
    {"io", "return io.open('/etc/passwd')", "no global \"io\""},
    {"os", "os.execute('true')", "no global \"os\""},
    {"debug", "return debug.getregistry()", "no global \"debug\""},
    {"package", "return package.loaded", "no global \"package\""},
    {"coroutine", "coroutine.yield()", "no global \"coroutine\""},
    {"collectgarbage", "collectgarbage('stop')", "no global \"collectgarbage\""},
    {"print", "print('x')", "no global \"print\""},
    {"_G", "return _G.io", "no global \"_G\""},
    {"string.dump", "return string.dump(pairs)", "nil value (field 'dump')"},
    {"string.pack", "return string.pack('i', 1)", "nil value (field 'pack')"},
    {"math.randomseed", "math.randomseed(1)", "nil value (field 'randomseed')"},
    {"the string's index", "return ('').__index.rep", "index a nil value"},
    {"the string's dump", "return ('x'):dump()", "nil value (method 'dump')"},
    {"require io", "require 'io'", "may only require lib.<name>"},
    {"require a path", "require 'lib...x'", "may only require lib.<name>"},
    {"require by slash", "require 'lib/../x'", "may only require lib.<name>"},
    {"require up", "require 'lib.../../etc/passwd'", "may only require lib.<name>"},
    {"require late", "require 'lib.x'", "only allowed while a file is loaded"},
    {"policy late", "policy { type = 'x' }", "is only allowed at the end of a policy file"},
    {"bytecode", "local f = ('').load or load", "no global \"load\""},
    {"goto", "goto out do local x = 1 end ::out:: return true", "compliant"},
    {"close", "local x <close> = state", "a non-closable value"},
};

static void has_no_way_out_by_name(void **state)
{
    (void)state;
    RUN(names);
}

static const struct trick frozen[] = {
    {"a global", "leak = 1", "global \"leak\" cannot be set"},
    {"a function", "pcall = error", "global \"pcall\" cannot be set"},
    {"_ENV", "_ENV.pcall = error", "global \"pcall\" cannot be set"},
    {"own _ENV", "local _ENV = { r = resource } return r.id == nil", "must return true"},
    {"string", "string.find = error", "\"find\" cannot be set"},
    {"table", "table.insert(table, 1)", "read-only"},
    {"table.sort", "table.sort(math) math.pi = 3", "cannot be set"},
    {"table.remove", "table.remove(string, 'x')", "expected, got string"},
    {"table.move", "table.move({ 1 }, 1, 1, 1, json)", "read-only"},
    {"json", "json.encode = nil", "\"encode\" cannot be set"},
    {"rawget", "return rawget(string, 'find') == string.find and rawlen(string) == 0", "compliant"},
    {"settings", "resource.settings.db_check_time = 1", "\"db_check_time\" cannot be set"},
    {"settings' list", "resource.settings.known_accounts[1] = '3'", "read-only"},
    {"settings by insert", "table.insert(resource.settings.known_accounts, '3')", "read-only"},
    {"settings by sort",
     "table.sort(resource.settings.known_accounts,\n"
     "function(a, b) return a > b end)",
     "read-only"},
    {"resource", "resource.account = '222222222222'", "\"account\" cannot be set"},
    {"resource's id", "resource.id = 'other'", "\"id\" cannot be set"},
    {"resource's method", "resource.trusted = function() return true end", "cannot be set"},
    {"aws", "resource.aws.sqs = {}", "aws is read-only"},
    {"service", "resource.aws.sqs.ListQueues = pairs", "aws is read-only"},
    {"resource's metatable", "return resource.__index", "has no \"__index\""},
    {"resource's gc", "return resource.__gc", "has no \"__gc\""},
    {"service's metatable", "return resource.aws.sqs.__gc", "not declared"},
    {"next of a resource", "return next(resource)", "table expected"},
    {"error's metatable",
     "local ok, e = pcall(resource.aws.sqs.ListQueues) e = e .. ''\n"
     "return true",
     "a call failed or was cancelled, and the policy continued"},
    {"length of resource", "return #resource", "get length of"},
};

static void cannot_change_anything(void **state)
{
    (void)state;
    RUN(frozen);
}

static const struct trick writes[] = {
    {"by call", "resource.aws.sqs:SetQueueAttributes{ QueueUrl = 'x', Attributes = {} }",
     "changes things: return it as a step"},
    {"by try", "resource.aws.sqs:try('SetQueueAttributes', { QueueUrl = 'x', Attributes = {} })",
     "changes things: return it as a step"},
    {"by pages", "resource.aws.sqs:pages('SetQueueAttributes', {})", "changes things"},
    {"undeclared write", "resource.aws.sqs:DeleteQueue{ QueueUrl = 'x' }", "not declared"},
    {"undeclared read", "resource.aws.sqs:ListQueueTags{ QueueUrl = 'x' }", "not declared"},
    {"undeclared by try", "resource.aws.sqs:try('DeleteQueue', { QueueUrl = 'x' })",
     "not declared"},
    {"identity", "resource.aws.sts:GetCallerIdentity{}", "not declared"},
    {"forbidden", "resource.aws.sqs:ReceiveMessage{ QueueUrl = 'x' }", "not declared"},
    {"other service", "resource.aws.iam:CreateUser{ UserName = 'x' }", "not declared"},
    {"service by path", "return resource.aws['../sqs']", "no such service"},
    {"operation with a zero", "return resource.aws.sqs['ListQueues\\0x']", "no such operation"},
    {"other account", "return resource.aws:in_account('222222222222')",
     "may only call the account of its resource"},
    {"region with a slash", "return resource.aws:in_region('x/../y')", "region name"},
    {"region with a host", "return resource.aws:in_region('evil.example#')", "region name"},
    {"forged service", "return resource.aws.sqs.ListQueues({ name = 'iam' }, {})",
     "service (call with ':'"},
    {"forged method", "return resource.aws.sqs.try(resource, 'ListQueues')",
     "service (call with ':'"},
    {"found in an audit", "resource.found(resource, 'x')", "found() is for scopes"},
    {"a sort that calls",
     "table.sort({ 1, 2, 3 }, function(a, b)\n"
     "resource.aws.sqs:ListQueues() return a < b end)",
     "not possible in a comparator"},
    {"a gsub that calls", "('x'):gsub('x', function() resource.aws.sqs:ListQueues() end)",
     "not possible in a comparator"},
};

static void cannot_write(void **state)
{
    (void)state;
    RUN(writes);
}

static const struct trick endless[] = {
    {"a loop", "while true do end", ".lua:6: the policy ran too long in this function: its budget"},
    {"a loop in a function", "local function f()\nwhile true do\nend end f()",
     ".lua:7: the policy ran too long in this function: its budget"},
    {"goto", "::again:: goto again", "ran too long"},
    {"a loop in pcall", "while true do pcall(function() while true do end end) end",
     "ran too long"},
    {"xpcall's handler", "xpcall(error, function() while true do end end) while true do end",
     "ran too long"},
    {"xpcall's handler, later",
     "xpcall(function() while true do end end, function()\n"
     "while true do end end)",
     "ran too long"},
    {"xpcall",
     "local ok, a, b = xpcall(function(...) return ... end, error, 1, 2)\n"
     "local bad, c = xpcall(error, function(e) return e .. '!' end, 'no')\n"
     "return ok and not bad and a == 1 and b == 2 and c == 'no!'",
     "compliant"},
    {"a comparator", "table.sort({ 1, 2, 3 }, function() while true do end end)", "ran too long"},
    {"a comparator with pcall",
     "while true do pcall(table.sort, { 1, 2, 3 }, function()\n"
     "while true do pcall(function() while true do end end) end\n"
     "end) end",
     "ran too long"},
    {"a replacement",
     "while true do pcall(string.gsub, 'x', 'x', function()\n"
     "while true do pcall(error) end end) end",
     "ran too long"},
    {"an iterator", "for _ in function() return 1 end do end", "ran too long"},
    {"map", "resource:map({ 1, 2 }, function() while true do pcall(error) end end)",
     "ran too long"},
    {"map that breeds", "local function f() resource:map({ 1, 2, 3 }, f) end f()", ""},
    {"endless calls", "while true do resource.aws.sqs:ListQueues() end", "made too many calls"},
    {"endless calls in pcall",
     "while true do pcall(function()\n"
     "resource.aws.sqs:ListQueues() end) end",
     "ran too long"},
    {"a sort in C",
     "local t = {} for i = 1, 300000 do t[i] = -i end\n"
     "while true do table.sort(t) end",
     "ran too long"},
    {"table.move far", "table.move({}, 1, math.maxinteger - 1, 2)", "too many elements"},
    {"table.move often", "while true do table.move({}, 1, 999999, 2) end", "ran too long"},
    {"table.concat far", "return table.concat({}, '', 1, 1e9)", "invalid value"},
    {"table.unpack far", "return table.unpack({}, 1, 1e8)", "too many results"},
    {"recursion with pcall",
     "local function f() local ok, e = pcall(f) return ok, e end\n"
     "return false, 'ended ' .. type(f())",
     "ended boolean"},
    {"tostring of errors", "error({ message = ('x'):rep(1e5) })", "xxxx"},
    {"an error that is nothing", "error()", "raised nil"},
    {"an error that is a function", "error(pairs)", "raised a function"},
    {"an error like the API's", "error({ code = 'X', message = 'Y', kind = 'api' })", "Y"},
};

static void cannot_run_for_ever(void **state)
{
    (void)state;
    RUN(endless);
}

/* Its steps must run out before its time, even with valgrind. */
static const struct trick patterns[] = {
    {"a slow pattern", "return (('a'):rep(400)):find('.-.-.-.-.-.-b')", "too many steps"},
};

static void cannot_match_for_ever(void **state)
{
    (void)state;
    RUN(patterns);
}

/* Code in which each instruction takes long. */
static const struct trick slow[] = {
    {"pcall in pcall", "local function f() pcall(f) pcall(f) end f() while true do f() end",
     "ran too long"},
    {"doubling in pcall",
     "local s = 'x' while true do\n"
     "pcall(function() s = s .. s end) end",
     "ran too long"},
    {"slow patterns in pcall",
     "while true do pcall(string.find, ('a'):rep(400),\n"
     "'.-.-.-.-.-.-b') end",
     "ran too long"},
};

static void cannot_run_slowly_for_ever(void **state)
{
    (void)state;
    RUN(slow);
}

static const struct trick hungry[] = {
    {"recursion", "local function f() return 1 + f() end return f()", "not enough memory"},
    {"string.rep", "return #('x'):rep(1e9)", "resulting string too large"},
    {"doubling", "local s = 'x'\nwhile true do\ns = s .. s end",
     ".lua:9: not enough memory: the policy needs more than it may use"},
    {"a table", "local t = {} for i = 1, 1e9 do t[i] = i end", ".lua:7: not enough memory"},
    {"table.concat",
     "local t, s = {}, ('x'):rep(2^20 // 1 | 0) for i = 1, 100 do t[i] = s end\n"
     "return #table.concat(t)",
     "not enough memory"},
    {"string.format", "return #('%99.99f'):rep(1000):format(table.unpack({}, 1, 1000))",
     "number expected"},
    {"many arguments", "return select('#', table.unpack({}, 1, 900000)) > 0", ""},
    {"json of brackets", "return json.decode(('['):rep(600) .. (']'):rep(600)) == nil",
     "compliant"},
    {"json of many brackets", "return json.decode(('[],'):rep(349000)) == nil", "compliant"},
    {"json too long", "return json.decode((' '):rep(2^20 | 0) .. ' ') == nil", "compliant"},
    {"a table in itself", "local t = {} t.t = t return json.encode(t)", "contains itself"},
    {"a laugh", "local t = {} for i = 1, 40 do t = { t, t } end return json.encode(t)",
     "more memory than the policy may use"},
    {"a long laugh",
     "local s = ('x'):rep(2^20 | 0) local t = { s, s, s, s, s, s, s, s }\n"
     "t = { t, t, t, t, t, t, t, t } return json.encode(t)",
     "more memory than the policy may use"},
    {"parameters that laugh",
     "local t = {} for i = 1, 40 do t = { t, t } end\n"
     "resource.aws.sqs:ListQueues(t)",
     "more memory than the policy may use"},
    {"evidence that laughs",
     "local t = {} for i = 1, 40 do t = { t, t } end\n"
     "return false, 'x', t",
     "x"},
    {"many methods",
     "local sqs = resource.aws.sqs for i = 1, 1e5 do pcall(function()\n"
     "return sqs['x' .. i] end) end return true",
     ""},
    {"many regions",
     "for i = 1, 2e4 do local x = resource.aws:in_region('r' .. i).sqs end\n"
     "return true",
     ""},
};

static void cannot_use_all_memory(void **state)
{
    (void)state;
    RUN(hungry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_no_way_out_by_name, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(cannot_change_anything, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(cannot_write, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(cannot_run_for_ever, set_up_endless, world_tear_down),
        cmocka_unit_test_setup_teardown(cannot_match_for_ever, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(cannot_run_slowly_for_ever, set_up_hasty, world_tear_down),
        cmocka_unit_test_setup_teardown(cannot_use_all_memory, set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
