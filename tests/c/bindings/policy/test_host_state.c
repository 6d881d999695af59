/* A state is read-only, and behaves like the tables from which it is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/tricks.h"
#include "value/json.h"

#define STATE(fetched, body)                                                                       \
    "fetch = function() return " fetched " end, checks = { check('a', function(r, s)\n" body       \
    " end), check('b', pass) }"
#define PARTS                                                                                      \
    "{ list = { 3, 1, 2 }, map = { x = 1, y = { z = 'deep' } }, f = function(t) return t end,\n"   \
    "no = false, json = json.decode('{\"b\":[],\"a\":[{\"c\":1}]}') }"

static const struct trick writes[] = {
    {"a part", STATE(PARTS, "s.map = 1 return true"), "~\"map\" cannot be set: this is read-only"},
    {"a new part", STATE(PARTS, "s.new = 1 return true"), "~\"new\" cannot be set"},
    {"in a map", STATE(PARTS, "s.map.x = 2 return true"), "~\"x\" cannot be set"},
    {"in a map of a map", STATE(PARTS, "s.map.y.z = 2 return true"), "~\"z\" cannot be set"},
    {"in a list", STATE(PARTS, "s.list[1] = 2 return true"), "~read-only"},
    {"at the end of a list", STATE(PARTS, "s.list[#s.list + 1] = 2 return true"), "~read-only"},
    {"by insert", STATE(PARTS, "table.insert(s.list, 2) return true"), "~read-only"},
    {"by remove", STATE(PARTS, "table.remove(s.list) return true"), "~read-only"},
    {"by sort", STATE(PARTS, "table.sort(s.list) return true"), "~read-only"},
    {"by move", STATE(PARTS, "table.move({ 9 }, 1, 1, 1, s.list) return true"), "~read-only"},
    {"what an iteration gave",
     STATE(PARTS, "for _, v in pairs(s) do if v == s.map then v.x = 2 end end\n"
                  "return true"),
     "~\"x\" cannot be set"},
    {"what next gave",
     STATE(PARTS, "local k, v = next(s.map.y and { s.map.y }) v.z = 2 return true"),
     "~\"z\" cannot be set"},
    {"what ipairs gave",
     STATE("{ l = { { x = 1 } } }", "for _, v in ipairs(s.l) do v.x = 2 end return true"),
     "~\"x\" cannot be set"},
    {"what rawget gave", STATE(PARTS, "rawget(s.map, 'y').z = 2 return true"),
     "~\"z\" cannot be set"},
    {"what unpack gave", STATE("{ l = { { x = 1 } } }", "table.unpack(s.l).x = 2 return true"),
     "~\"x\" cannot be set"},
    {"what a function gave",
     STATE("{ f = function() return { x = { y = 1 } } end }", "s.f().x.y = 2 return true"),
     "~\"y\" cannot be set"},
    {"what a function of a function gave",
     STATE("{ f = function() return function() return { x = 1 } end end }",
           "s.f()().x = 2 return true"),
     "~\"x\" cannot be set"},
    {"as a list", STATE(PARTS, "json.list(s.map) return true"), "~a table of your own"},
    {"in tags",
     "tags = function(_, s) s.map.x = 2 return {} end, " STATE(PARTS, "return s.map.x == 1"),
     "compliant, compliant"},
    {"in when",
     "fetch = function() return { x = { 1 } } end, checks = { check('a', pass,\n"
     "{ when = function(_, s) s.x[1] = 2 return true end }), check('b', pass) }",
     "~read-only"},
    {"in a part",
     "reads = { p = function(_, s) s.map.x = 2 return 1 end }, " STATE(PARTS, "return s.p == 1"),
     "~\"x\" cannot be set"},
    {"a part that was read",
     "reads = { p = function() return { x = { } } end }, " STATE(PARTS, "s.p.x.y = 1 return true"),
     "~\"y\" cannot be set"},
};

static void cannot_be_written(void **state)
{
    (void)state;
    TRICKS_RUN(writes, NULL);
}

static const struct trick reads[] = {
    {"length", STATE(PARTS, "return #s.list == 3 and rawlen(s.list) == 3 and #s.json.b == 0"),
     "compliant, compliant"},
    {"the order of pairs",
     "reads = { part = function() return 1 end, aa = function() return 1 end }, " STATE(
         "{ z = { y = 1, x = 2, [3] = 3 }, m = 1, b = 1, g = 1 }",
         "local t = '' for k in pairs(s) do t = t .. k .. ' ' end\n"
         "for k, v in pairs(s.z) do t = t .. k .. v end for k in next, s.z do t = t .. k end\n"
         "return t == 'aa b g m part z 33x2y13xy'"),
     "compliant, compliant"},
    {"ipairs",
     STATE(PARTS, "local n = 0 for i, v in ipairs(s.list) do n = n + i * v end return n == 11"),
     "compliant, compliant"},
    {"pairs", STATE(PARTS, "local n = 0 for k, v in pairs(s.map) do n = n + #k end return n == 2"),
     "compliant, compliant"},
    {"next",
     STATE(PARTS, "return next(s.json.b) == nil and next(s.map) ~= nil\n"
                  "and next(s.list, 3) == nil and next(s.list) == 1"),
     "compliant, compliant"},
    {"all parts", STATE(PARTS, "local n = 0 for k in pairs(s) do n = n + 1 end return n == 5"),
     "compliant, compliant"},
    {"false", STATE(PARTS, "return s.no == false and s.none == nil"), "compliant, compliant"},
    {"one and the same",
     STATE(PARTS, "return s.map == s.map and s.map.y == s.map.y\n"
                  "and rawequal(s.map.y, rawget(s.map, 'y')) and s.f == s.f"),
     "compliant, compliant"},
    {"library",
     STATE(PARTS, "return table.concat(s.list, ',') == '3,1,2'\n"
                  "and select('#', table.unpack(s.list)) == 3\n"
                  "and #table.move(s.list, 1, 3, 1, {}) == 3\n"
                  "and type(s.map) == 'table' and table.pack(table.unpack(s.list)).n == 3"),
     "compliant, compliant"},
    {"json",
     STATE(PARTS, "return json.encode(s.json) == '{\"b\":[],\"a\":[{\"c\":1}]}'\n"
                  "and json.encode({ s.map.y, s.json.a }) == '[{\"z\":\"deep\"},[{\"c\":1}]]'"),
     "compliant, compliant"},
    {"functions",
     STATE(PARTS, "local t = { 1 } return s.f(t) ~= t and s.f(t)[1] == 1 and s.f(7) == 7"),
     "compliant, compliant"},
    {"functions that call",
     STATE("{ f = function(r) return answered(r).QueueUrls end }", "return s.f(r)[1] == 'a'"),
     "compliant, compliant"},
    {"parameters", STATE("{ p = { MaxResults = 1 } }", "r.aws.sqs:ListQueues(s.p) return true"),
     "compliant, compliant"},
    {"evidence", STATE(PARTS, "return false, 'bad', { s.list, s.map.y }"),
     "non_compliant, compliant"},
    {"all as evidence", STATE("{ x = { 1 } }", "return false, 'bad', s"),
     "non_compliant, compliant"},
    {"parts that are nested deep",
     "fetch = function() local t = {} for i = 1, 5000 do t = { t } end return { t = t } end, "
     "checks = {\n"
     "check('a', function(_, s) local t = s.t for i = 1, 5000 do t = t[1] end return t[1] == nil "
     "end),\n"
     "check('b', pass) }",
     "compliant, compliant"},
};

static void looks_like_its_tables(void **state)
{
    (void)state;
    TRICKS_RUN(reads, NULL);
}

/* What a later fix sees: which parts are merged, and which are not. */
static const struct trick merged[] = {
    {"parts that are read now and then",
     "fetch = function() return { x = 1 } end,\n"
     "reads = { t = function(r) return answered(r).QueueUrls end, u = function() return 1 end }, "
     "checks = {\n"
     "check('a', function(_, s) if s.x == 1 then return false, 'bad' end return true end, { fix =\n"
     "function() return { step() }, { x = 2, u = none } end }),\n"
     "check('b', function(_, s) return false, 'bad' end, { fix = function(_, s)\n"
     "assert(s.x == 2 and s.u == nil and s.t[1] == 'a') return { step() } end }) }",
     "non_compliant steps, non_compliant steps"},
    {"what is merged cannot be written",
     "fetch = function() return { x = { 1 } } end, checks = {\n"
     "check('a', function() return false, 'bad' end, { fix = function() return { step() }, { y = { "
     "1 } } end }),\n"
     "check('b', function() return false, 'bad' end, { fix = function(_, s)\n"
     "assert(not pcall(function() s.y[1] = 2 end)) return { step() } end }) }",
     "non_compliant steps, non_compliant steps"},
};

static void is_merged_with_what_differs(void **state)
{
    const struct audit_options options = {.want_fixes = true};
    (void)state;
    TRICKS_RUN(merged, &options);
}

/* A part that cannot be read has no digest; neither has one that does not exist. */
static void reports_what_cannot_be_read(void **state)
{
    (void)state;
    json_t *parts = json_pack("[s, s, s]", "x", "bad", "gone");
    const struct audit_options options = {.parts = parts};
    json_t *outcome = world_audit(
        &world,
        tricks_load("fetch = function() return { x = 1 } end, reads = {\n"
                    "bad = function() error('no part', 0) end, gone = function() end },\n"
                    "checks = { check('a', pass), check('b', pass) }"),
        &options);
    const json_t *digests = json_object_get(outcome, "digests");
    const json_t *unread = json_object_get(outcome, "unread");
    const json_t *first = json_array_get(unread, 0);
    assert_non_null(json_object_get(digests, "x"));
    assert_int_equal(json_object_size(digests), 1);
    assert_int_equal(json_array_size(unread), 1);
    assert_string_equal(json_get_string(first, "part", ""), "bad");
    assert_string_equal(json_get_string(json_object_get(first, "error"), "message", ""), "no part");
    json_decref(outcome);
    json_decref(parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cannot_be_written, tricks_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(looks_like_its_tables, tricks_set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(is_merged_with_what_differs, tricks_set_up,
                                        world_tear_down),
        cmocka_unit_test_setup_teardown(reports_what_cannot_be_read, tricks_set_up,
                                        world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
