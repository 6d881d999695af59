/* aws.<service>:one: many audits request their resources in one call, and each gets its answer as
 * if it had called alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/host_world.h"
#include "value/json.h"

#define OTHER "{\"__type\":\"QueueDoesNotExist\",\"message\":\"gone\"}"
#define REFUSED "{\"__type\":\"AccessDeniedException\",\"message\":\"no\"}"
#define BUSY "{\"__type\":\"InternalError\",\"message\":\"later\"}"
#define QUEUE(url, policy) "{\"QueueUrl\":\"" url "\",\"Policy\":\"" policy "\"}"
#define QUEUES(list) "{\"Queues\":[" list "]}"
#define ASK(id) "aws.sqs:one('DescribeQueues', 'QueueUrls', " id ")"

static const struct policy *policy;

/* A policy of one check with this audit. */
static void load(const char *audit)
{
    char text[2000], name[32];
    snprintf(name, sizeof name, "one%d", ++world.files);
    snprintf(text, sizeof text,
             "return policy { type = '%s', title = 'One', permissions = { read = {\n"
             "  ['sqs:DescribeQueues'] = { reviewed = 'made up' } } },\n"
             "fetch = function() return {} end,\n"
             "checks = { { id = '%s.check', title = 'Check', severity = 'low',\n"
             "audit = function(resource)\nlocal aws = resource.aws\n%s\nend } } }\n",
             name, name, audit);
    policy = world_load(&world, name, text);
}

/* The ids that request `index` contains, as "a b". */
static void assert_asked(size_t index, const char *expected)
{
    char text[200] = "";
    const json_t *request = json_array_get(world.requests, index);
    json_t *body = json_loads(json_get_string(request, "body", "{}"), 0, NULL);
    const json_t *ids = json_object_get(body, "QueueUrls");
    for (size_t i = 0; i < json_array_size(ids); i++) {
        strncat(text, i > 0 ? " " : "", sizeof text - strlen(text) - 1);
        strncat(text, json_string_value(json_array_get(ids, i)), sizeof text - strlen(text) - 1);
    }
    json_decref(body);
    assert_string_equal(text, expected);
}

static void gathers_the_calls_of_one_turn(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("b", "2") "," QUEUE("a", "1")));
    load("local got = resource:map({ 'a', 'b', 'a' }, function(id)\n"
         "  local queues = " ASK("id") ".Queues assert(#queues == 1)\n"
                                       "  return queues[1].Policy end)\n"
                                       "assert(table.concat(got) == '121') return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 1);
    assert_asked(0, "a b");
}

static void sends_a_full_call_at_once(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1") "," QUEUE("b", "1")));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("c", "1")));
    load("resource:map({ 'a', 'b', 'c' }, function(id)\n"
         "  local got = aws.sqs:one('DescribeQueues', 'QueueUrls', id, { most = 2 })\n"
         "  assert(got.Queues[1].QueueUrl == id) end) return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 2);
    assert_asked(0, "a b");
    assert_asked(1, "c");
}

static void separates_other_parameters(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1")));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("b", "1")));
    load("resource:map({ 'a', 'b' }, function(id)\n"
         "  local with = { QueueNamePrefix = id }\n"
         "  local got = aws.sqs:one('DescribeQueues', 'QueueUrls', id, { with = with })\n"
         "  assert(got.Queues[1].QueueUrl == id) end) return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 2);
    load("resource:map({ aws, aws:in_region('eu-west-3') }, function(place)\n"
         "  place.sqs:one('DescribeQueues', 'QueueUrls', 'b') end) return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 4);
}

/* A missing resource costs a few more calls, and only its own audit learns of it. */
static void finds_the_one_that_is_gone(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400, OTHER); /* a b c d */
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1") "," QUEUE("b", "1")));
    world_reply(&world, "DescribeQueues", 400, OTHER); /* c d */
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("c", "1")));
    world_reply(&world, "DescribeQueues", 400, OTHER); /* d */
    load("local got = resource:map({ 'a', 'b', 'c', 'd' }, function(id)\n"
         "  local found, code = aws.sqs:one('DescribeQueues', 'QueueUrls', id,\n"
         "    'QueueDoesNotExist')\n"
         "  return found and found.Queues[1].QueueUrl or code end)\n"
         "assert(table.concat(got, ' ') == 'a b c QueueDoesNotExist') return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 5);
    assert_asked(1, "a b");
    assert_asked(2, "c d");
    assert_asked(4, "d");
}

/* EC2 names what is missing: "The instance IDs 'i-1, i-2' do not exist". */
#define MISSING(ids)                                                                               \
    "{\"__type\":\"QueueDoesNotExist\",\"message\":\"The queues '" ids "' do not exist\"}"
#define ASK_FOR(ids, codes)                                                                        \
    "local got = resource:map({ " ids " }, function(id)\n"                                         \
    "  local found, code = aws.sqs:one('DescribeQueues', 'QueueUrls', id" codes ")\n"              \
    "  return found and found.Queues[1].QueueUrl or code end)\n"
#define SAME(ids) "assert(table.concat(got, ' ') == '" ids "', table.concat(got, ' ')) return true"

static void takes_the_word_of_an_error_for_what_is_gone(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400, MISSING("b, d"));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1") "," QUEUE("c", "1")));
    load(ASK_FOR("'a', 'b', 'c', 'd', 'b'", ", 'QueueDoesNotExist'")
             SAME("a QueueDoesNotExist c QueueDoesNotExist QueueDoesNotExist"));
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 2);
    assert_asked(1, "a c");
}

static void makes_one_call_if_all_are_gone(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400, MISSING("a, b, c, d"));
    load(ASK_FOR("'a', 'b', 'c', 'd'", ", 'QueueDoesNotExist'")
             SAME("QueueDoesNotExist QueueDoesNotExist QueueDoesNotExist QueueDoesNotExist"));
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 1);
}

/* Some services name only the first one that is missing. */
static void goes_on_if_more_are_gone_than_were_named(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400, MISSING("a"));
    world_reply(&world, "DescribeQueues", 400, MISSING("b"));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("c", "1")));
    load(ASK_FOR("'a', 'b', 'c'", ", 'QueueDoesNotExist'")
             SAME("QueueDoesNotExist QueueDoesNotExist c"));
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 3);
    assert_asked(1, "b c");
    assert_asked(2, "c");
}

/* Only a code of the policy says that a resource is gone; other errors may repeat the request. */
static void believes_only_codes_that_the_policy_lists(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400,
                "{\"__type\":\"InvalidAddress\",\"message\":\"Value 'a, b' is too long\"}");
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1")));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("b", "1")));
    load(ASK_FOR("'a', 'b'", ", 'QueueDoesNotExist'") SAME("a b"));
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 3);
}

static void does_not_take_a_part_of_a_name_for_an_id(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400, MISSING("ab, b-1, x/a, b.c, d:a"));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1")));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("b", "1")));
    load(ASK_FOR("'a', 'b'", ", 'QueueDoesNotExist'") SAME("a b"));
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 3);
}

/* Classic load balancers are named by their owners, who may take any word. */
static void does_not_take_a_word_of_the_sentence_for_an_id(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400,
                "{\"__type\":\"QueueDoesNotExist\",\"message\":\"The owner's 'c' is gone: the "
                "users' queue isn't there\"}");
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("queue", "1") "," QUEUE("is", "1")));
    load(ASK_FOR("'queue', 'c', 'is'", ", 'QueueDoesNotExist'") SAME("queue QueueDoesNotExist is"));
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 2);
    assert_asked(1, "queue is");
}

static void takes_brackets_for_quotation_marks(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400,
                "{\"__type\":\"QueueDoesNotExist\",\"message\":\"Queues [a, b] not found\"}");
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("not", "1")));
    load(ASK_FOR("'a', 'b', 'not'", ", 'QueueDoesNotExist'")
             SAME("QueueDoesNotExist QueueDoesNotExist not"));
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 2);
}

/* The error keeps 1,023 bytes of a message: the last name may be a part of another one. */
static void does_not_trust_the_end_of_a_message_that_is_cut(void **state)
{
    char body[1200], filler[1020];
    (void)state;
    memset(filler, 'x', sizeof filler);
    snprintf(body, sizeof body, "{\"__type\":\"QueueDoesNotExist\",\"message\":\"'%.*s aaab'\"}",
             1019, filler); /* 1,021 bytes to the space, then "aa" of "aaab" */
    world_reply(&world, "DescribeQueues", 400, body);
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("aa", "1")));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("b", "1")));
    load(ASK_FOR("'aa', 'b'", ", 'QueueDoesNotExist'") SAME("aa b"));
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 3);
}

/* 9 ids: 3 calls of 3, and 1 call for each id of those that fail. */
static void asks_for_few_at_a_time_if_nothing_is_named(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400, OTHER);
    load(ASK_FOR("'1', '2', '3', '4', '5', '6', '7', '8', '9'",
                 ", 'QueueDoesNotExist'") "for _, one in ipairs(got) do assert(one == "
                                          "'QueueDoesNotExist') end return #got == 9");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 1 + 3 + 9);
    assert_asked(1, "1 2 3");
    assert_asked(4, "1");
}

static void raises_codes_that_are_not_listed(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400, OTHER);
    load(ASK("'a'") " return true");
    world_expect(&world, policy, NULL, "gone");
    load("pcall(function() " ASK("'a'") " end) return true");
    world_expect(&world, policy, NULL, "gone");
}

static void calls_alone_if_access_is_denied(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 400, REFUSED);
    load("resource:map({ 'a', 'b', 'c' }, function(id) " ASK("id") " end) return true");
    world_expect(&world, policy, NULL, "no");
    assert_int_equal(world_count(&world, "DescribeQueues"), 4);
}

static void gives_a_temporary_failure_to_all(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 500, BUSY); /* the world's client makes one attempt */
    load("resource:map({ 'a', 'b' }, function(id) " ASK("id") " end) return true");
    world_expect(&world, policy, NULL, "later");
    assert_int_equal(world_count(&world, "DescribeQueues"), 1);
}

/* A response that names another resource belongs to no audit. */
static void calls_alone_if_the_owner_of_an_answer_is_unclear(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("A", "1") "," QUEUE("B", "1")));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("A", "1")));
    load("resource:map({ 'a', 'b' }, function(id)\n"
         "  assert(" ASK("id") ".Queues[1].QueueUrl == 'A') end) return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 3);
    assert_asked(1, "a");
    assert_asked(2, "b");
}

/* The id may be written in another way, or may not be known everywhere yet. */
static void calls_alone_for_what_the_answer_leaves_out(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1")));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("B", "1")));
    load("resource:map({ 'a', 'b' }, function(id)\n"
         "  assert(" ASK("id") ".Queues[1].QueueUrl:lower() == id) end) return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 2);
    assert_asked(1, "b");
}

/* The second audit at the end of a run. */
static void calls_alone_after_a_failure(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1")));
    load("resource:map({ 'a', 'b' }, function(id) " ASK("id") " end) return true");
    world_expect(&world, policy, &(struct audit_options){.alone = true}, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 2);
}

/* A reply about many resources may be too long, or spoilt by one of them. */
static void divides_what_cannot_be_read(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, "{\"Queues\":[");
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1")));
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("b", "1")));
    load("resource:map({ 'a', 'b' }, function(id)\n"
         "  assert(" ASK("id") ".Queues[1].QueueUrl == id) end) return true");
    world_expect(&world, policy, NULL, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 3);
}

static void calls_alone_before_a_change(void **state)
{
    (void)state;
    world_reply(&world, "DescribeQueues", 200, QUEUES(QUEUE("a", "1")));
    load("resource:map({ 'a', 'b' }, function(id) " ASK("id") " end) return true");
    world_expect(&world, policy, &(struct audit_options){.fresh = true}, "compliant");
    assert_int_equal(world_count(&world, "DescribeQueues"), 2);
}

/* world_close checks for unfinished calls. */
static void is_cancelled_with_the_last_waiter(void **state)
{
    (void)state;
    world.mute = true;
    load("resource:map({ 'a', 'b', 'c' }, function(id)\n"
         "  if id == 'c' then error('the third') end " ASK("id") " end) return true");
    world_expect(&world, policy, NULL, "the third");
    assert_int_equal(world.in_flight, 0);
}

static void refuses_wrong_arguments(void **state)
{
    static const struct {
        const char *code, *message;
    } wrong[] = {
        {"aws.sqs:one('DescribeQueues', 'QueueUrls')", "bad argument #3"},
        {"aws.sqs:one('DescribeQueues', 'Urls', 'a')", "Urls"},
        {"aws.sqs:one('ListQueues', 'QueueUrls', 'a')", "not declared"},
        {"aws.sqs:one('DescribeQueues', 'QueueUrls', 'a', { at = 1 })", "option \"at\""},
        {"aws.sqs:one('DescribeQueues', 'QueueUrls', 'a', { most = 0 })", "option \"most\""},
        {"aws.sqs:one('DescribeQueues', 'QueueUrls', 'a', 'AccessDenied')", "declare tolerates"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char audit[200];
        snprintf(audit, sizeof audit, "%s return true", wrong[i].code);
        load(audit);
        world_expect(&world, policy, NULL, wrong[i].message);
    }
    assert_int_equal(json_array_size(world.requests), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(gathers_the_calls_of_one_turn),
        TEST(sends_a_full_call_at_once),
        TEST(separates_other_parameters),
        TEST(finds_the_one_that_is_gone),
        TEST(takes_the_word_of_an_error_for_what_is_gone),
        TEST(makes_one_call_if_all_are_gone),
        TEST(goes_on_if_more_are_gone_than_were_named),
        TEST(believes_only_codes_that_the_policy_lists),
        TEST(does_not_take_a_part_of_a_name_for_an_id),
        TEST(does_not_take_a_word_of_the_sentence_for_an_id),
        TEST(takes_brackets_for_quotation_marks),
        TEST(does_not_trust_the_end_of_a_message_that_is_cut),
        TEST(asks_for_few_at_a_time_if_nothing_is_named),
        TEST(raises_codes_that_are_not_listed),
        TEST(calls_alone_if_access_is_denied),
        TEST(gives_a_temporary_failure_to_all),
        TEST(calls_alone_if_the_owner_of_an_answer_is_unclear),
        TEST(calls_alone_for_what_the_answer_leaves_out),
        TEST(calls_alone_after_a_failure),
        TEST(divides_what_cannot_be_read),
        TEST(calls_alone_before_a_change),
        TEST(is_cancelled_with_the_last_waiter),
        TEST(refuses_wrong_arguments),
    };
    return cmocka_run_group_tests_name("host one", tests, NULL, NULL);
}
