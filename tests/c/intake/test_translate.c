/* Events to resource lines, one event in memory: what is reported for each, and only once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "accounts/own_changes.h"
#include "base/buf.h"
#include "base/mem.h"
#include "intake/translate_text.h"
#include "settings/settings.h"
#include "support/host_world.h"
#include "value/json.h"

#define ACCOUNT "111122223333"

static struct settings settings;
static struct context context;
static struct buf reported; /* "type id region account delay;", "?lacks;", "!failed;" */

#define POLICY(type, events)                                                                       \
    "return policy { type = '" type                                                                \
    "', title = 'T', permissions = { read = { 'sqs:ListQueues' } },\n"                             \
    "fetch = function(r) r.aws.sqs:ListQueues() end, checks = { { id = '" type                     \
    ".a', title = 'A', severity = 'low', audit = function() end } }, events = {\n" events "} }"

#define ONE                                                                                        \
    "['s:Path'] = 'p.id',\n"                                                                       \
    "['s:Each'] = { id = 'p.list[*].id', delay = 900 },\n"                                         \
    "['s:Long'] = { id = 'p.id', delay = 5000 },\n"                                                \
    "['s:Twice'] = function(d) return { d.p.id, d.p.id, { id = d.p.id, region = 'eu-west-1' },\n"  \
    "  { id = 'z', delay = -4 } } end,\n"                                                          \
    "['s:Far'] = function(d) return { id = d.p.id, region = 'no such' } end,\n"                    \
    "['s:Raises'] = function() error('odd', 0) end,\n"                                             \
    "['s:None'] = function() end,\n"                                                               \
    "['s:Both'] = function(d) if d.apiVersion == '1' then return d.p.id end end,\n"
#define TWO                                                                                        \
    "['s:Both'] = function(d) if d.apiVersion ~= '1' then return d.p.arn end end,\n"               \
    "['s:Raises'] = 'p.id',\n"

static const char *get_nothing(const char *name)
{
    (void)name;
    return NULL;
}

static int set_up(void **state)
{
    (void)state;
    struct err err = {0};
    world_open(&world, NULL);
    world_load(&world, "one", POLICY("one", ONE));
    world_load(&world, "two", POLICY("two", TWO));
    assert_int_equal(settings_init(&settings, get_nothing, "/nowhere", &err), 0);
    context = (struct context){.evaluator = world.evaluator, .settings = &settings};
    buf_init(&reported, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_clear(&reported);
    settings_clear(&settings);
    world_close(&world);
    return 0;
}

static void on_resource(void *arg, const struct resource *resource)
{
    (void)arg;
    buf_addf(&reported, "%s %s %s %s %d;", resource->type, resource->id, resource->region,
             resource->account, resource->delay);
}

static void on_problem(void *arg, enum translate_problem problem, const struct err *err)
{
    (void)arg;
    buf_addf(&reported, "%s%s;", problem == TRANSLATE_LACKS_ID ? "?" : "!", err->message);
}

static bool lists; /* the place of an event without an id is listed */

static bool on_listing(void *arg, const json_t *message)
{
    (void)arg;
    char *text = lists ? json_text(message) : NULL;
    if (lists)
        buf_adds(&reported, text);
    mem_free(text);
    return lists;
}

static const struct translate_target target = {
    .resource = on_resource, .problem = on_problem, .listing = on_listing};

static const char *translate(const char *text, size_t length)
{
    buf_reset(&reported);
    translate_text(&context, text, length, &target);
    return buf_text(&reported);
}

static void expect(const char *text, const char *want)
{
    const char *got = translate(text, strlen(text));
    if (strcmp(got, want) != 0)
        fail_msg("%s\n  gave \"%s\"\n  instead of \"%s\"", text, got, want);
}

#define EVENT(name, more) EVENT_OF("s.amazonaws.com", name, more)
#define EVENT_OF(source, name, more)                                                               \
    "{\"version\":\"0\",\"detail-type\":\"AWS API Call via CloudTrail\",\"source\":\"aws.s\","     \
    "\"account\":\"999999999999\",\"region\":\"us-east-2\",\"detail\":{\"eventSource\":\"" source  \
    "\",\"eventName\":\"" name "\",\"awsRegion\":\"us-east-1\",\"recipientAccountId\":\"" ACCOUNT  \
    "\"," more "}}"
#define ID "\"p\":{\"id\":\"x\",\"arn\":\"y\"}"
#define CUT "\"requestParameters\":{\"omitted\":true,\"originalSize\":112640}"
#define X "one x us-east-1 " ACCOUNT " 0;"

static void test_ids(void **state)
{
    (void)state;
    expect(EVENT("Path", ID), X);
    expect(EVENT("Each", "\"p\":{\"list\":[{\"id\":\"x\"},{\"id\":\"y\"},{\"id\":\"x\"}]}"),
           "one x us-east-1 " ACCOUNT " 900;one y us-east-1 " ACCOUNT " 900;");
    expect(EVENT("Long", ID), "one x us-east-1 " ACCOUNT " 900;");
    expect(EVENT("Twice", ID), X "one x eu-west-1 " ACCOUNT " 0;one z us-east-1 " ACCOUNT " 0;");
    expect(EVENT("None", ID), "");
    expect(EVENT("Path", ID), X); /* once more: nothing is remembered */
}

/* CloudTrail leaves out what is too large. */
static void test_places(void **state)
{
    static const char omitted[] = EVENT("Path", CUT);
    (void)state;
    lists = true;
    expect(omitted, "?s:Path: the event has no id at detail.p.id;"); /* type without a list */
    world_load(&world, "three",
               "return policy { type = 'three', title = 'T', permissions = { read = {} },\n"
               "fetch = function() end, discover = function() end, checks = { { id = 'three.a',\n"
               "title = 'A', severity = 'low', audit = function() end } },\n"
               "events = { ['s:Lost'] = 'p.id' } }");
    world_load(&world, "four",
               "return policy { type = 'four', title = 'T', permissions = { read = {} },\n"
               "fetch = function() end, discover = function() end, checks = { { id = 'four.a',\n"
               "title = 'A', severity = 'low', audit = function() end } }, scope = 'global',\n"
               "events = { ['s:Gone'] = 'p.id', ['s:Told'] = function(_, s)\n"
               "  return s.master_region end } }");
    expect(EVENT("Lost", CUT), "{\"type\":\"poll\",\"account\":\"" ACCOUNT
                               "\",\"region\":\"us-east-1\",\"resource_type\":\"three\"}");
    expect(EVENT("Lost", ID), "three x us-east-1 " ACCOUNT " 0;");
    char *master = settings.master_region;
    char elsewhere[] = "eu-west-1";
    settings.master_region = elsewhere;
    expect(EVENT("Gone", "\"responseElements\":{\"omitted\":true}"),
           "{\"type\":\"poll\",\"account\":\"" ACCOUNT
           "\",\"region\":\"eu-west-1\",\"resource_type\":\"four\"}");
    settings.master_region = master;
    json_object_set_new(settings.for_policies, "master_region", json_string("eu-west-1"));
    expect(EVENT("Told", ID), "four eu-west-1 us-east-1 " ACCOUNT " 0;");
    expect(EVENT("Lost", "\"p\":{}"), "?s:Lost: the event has no id at detail.p.id;");
    lists = false;
    expect(EVENT("Lost", CUT), "?s:Lost: the event has no id at detail.p.id;");
}

static void test_types_that_share_an_event(void **state)
{
    (void)state;
    expect(EVENT("Both", ID ",\"apiVersion\":\"1\""), X);
    expect(EVENT("Both", ID ",\"apiVersion\":\"2\""), "two y us-east-1 " ACCOUNT " 0;");
    expect(EVENT("Raises", ID), "!s:Raises: odd;two x us-east-1 " ACCOUNT " 0;");
}

static void test_only_wanted_types(void **state)
{
    (void)state;
    struct err err = {0};
    text_list_add(&settings.types, "two");
    assert_int_equal(translate_check_types(&context, &err), 0);
    expect(EVENT("Path", ID), "");
    expect(EVENT("Raises", ID), "two x us-east-1 " ACCOUNT " 0;");
    text_list_add(&settings.types, "three");
    assert_int_equal(translate_check_types(&context, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_non_null(strstr(err.message, "\"three\""));
}

/* No policy watches these: no line and no message. */
static void test_silent(void **state)
{
    (void)state;
    static const char *const events[] = {
        EVENT("Unwatched", ID),
        EVENT_OF("t.amazonaws.com", "Path", ID),
        EVENT_OF("s.example.com", "Path", ID),
        EVENT_OF("s", "Path", ID),
        EVENT("path", ID),
        EVENT("Path", ID ",\"errorCode\":\"AccessDenied\""),
        EVENT("Path", ID ",\"errorCode\":7"),
        EVENT("Path", ID ",\"eventType\":\"AwsCloudTrailInsight\""),
        EVENT("Path", "\"errorCode\":\"AccessDenied\""), /* and no id: the call failed */
        "{\"detail-type\":\"EC2 Instance State-change Notification\",\"source\":\"aws.ec2\","
        "\"detail\":{\"state\":\"stopped\"}}",
        "{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}",
        /* Anyone may send such a detail, with a source of their own. */
        "{\"detail-type\":\"AWS API Call via "
        "CloudTrail\",\"source\":\"my.app\",\"account\":\"" ACCOUNT
        "\",\"detail\":{\"eventSource\":\"s.amazonaws.com\",\"eventName\":\"Path\",\"awsRegion\":"
        "\"us-east-1\"," ID "}}",
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        expect(events[i], "");
    expect(EVENT("Path", ID ",\"errorCode\":null"), X);
    expect(EVENT("Path", ID ",\"errorCode\":\"\""), X);
    expect(EVENT_OF("s.amazonaws.com.cn", "Path", ID), X);
}

#define PLACED(envelope, detail)                                                                   \
    "{" envelope                                                                                   \
    "\"detail\":{\"eventSource\":\"s.amazonaws.com\",\"eventName\":\"Path\"," ID detail "}}"
#define REGION ",\"awsRegion\":\"us-east-1\""
#define ENVELOPE "\"account\":\"777777777777\",\"region\":\"us-east-2\","

static void test_accounts(void **state)
{
    (void)state;
    const char *caller = ",\"userIdentity\":{\"accountId\":\"444455556666\"}";
    char *both =
        mem_printf(PLACED(ENVELOPE, REGION ",\"recipientAccountId\":\"" ACCOUNT "\"%s"), caller);
    char *one = mem_printf(PLACED(ENVELOPE, REGION ",\"recipientAccountId\":null%s"), caller);
    expect(both, X);
    expect(one, "one x us-east-1 444455556666 0;");
    mem_free(both);
    mem_free(one);
    expect(PLACED(ENVELOPE, REGION), "one x us-east-1 777777777777 0;");
    expect(PLACED(ENVELOPE, REGION ",\"userIdentity\":{\"accountId\":\"ANONYMOUS_PRINCIPAL\"}"),
           "one x us-east-1 777777777777 0;");
}

#define IN_A_PLACE REGION ",\"recipientAccountId\":\"" ACCOUNT "\""

struct problem {
    const char *event, *want;
};

static const struct problem problems[] = {
    {"", NULL},
    {"{", NULL},
    {"[]", "!an event must be a JSON object;"},
    {"\"x\"", "!an event must be a JSON object;"},
    {"{\"source\":\"aws.s\",\"detail-type\":\"AWS API Call via CloudTrail\"}",
     "!detail is missing;"},
    {"{}",
     "!this is neither an event of EventBridge (\"detail\"), nor a record (\"eventName\") or a "
     "log file (\"Records\") of CloudTrail;"},
    {"{\"eventName\":\"Path\"}", "!eventSource is missing;"},
    {"{\"eventVersion\":\"1.08\",\"eventSource\":\"s.amazonaws.com\",\"eventName\":\"Path\"}",
     "!s:Path: recipientAccountId is missing;"},
    {"{\"detail\":null}", "!detail must be a JSON object;"},
    {"{\"detail\":[]}", "!detail must be a JSON object;"},
    {"{\"detail\":{}}", "!detail.eventSource is missing;"},
    {"{\"detail\":{\"eventSource\":7,\"eventName\":\"Path\"}}",
     "!detail.eventSource must be a string;"},
    {"{\"detail\":{\"eventSource\":\"s.amazonaws.com\"}}", "!detail.eventName is missing;"},
    {"{\"detail\":{\"eventSource\":\"s.amazonaws.com\",\"eventName\":[]}}",
     "!detail.eventName must be a string;"},
    {"{\"detail\":{\"eventSource\":\"s.amazonaws.com\",\"eventName\":\"Path\\u0000\"}}",
     "!detail.eventName must be a string;"},
    {"{\"detail-type\":7,\"detail\":{}}", "!detail-type must be a string;"},
    {"{\"source\":{},\"detail\":{}}", "!source must be a string;"},
    {"{\"detail\":{},\"detail\":{}}", NULL},
    {PLACED("", REGION), "!s:Path: account is missing;"},
    {PLACED("", REGION ",\"recipientAccountId\":7"),
     "!s:Path: detail.recipientAccountId must be a string;"},
    {PLACED(ENVELOPE, REGION ",\"recipientAccountId\":\"12\""),
     "!s:Path: detail.recipientAccountId must be a string of 12 digits;"},
    {PLACED(ENVELOPE, REGION ",\"userIdentity\":{\"accountId\":7}"),
     "!s:Path: detail.userIdentity.accountId must be a string;"},
    {PLACED("\"account\":\"x\",", REGION), "!s:Path: account must be a string of 12 digits;"},
    {PLACED(ENVELOPE, ""), "!s:Path: detail.awsRegion is missing;"},
    {PLACED(ENVELOPE, ",\"awsRegion\":[]"), "!s:Path: detail.awsRegion must be a string;"},
    {PLACED(ENVELOPE, ",\"awsRegion\":\"Us East\""),
     "!s:Path: \"region\" must be lower-case letters, digits and '-';"},
    {EVENT("Path", "\"p\":{}"), "?s:Path: the event has no id at detail.p.id;"},
    {EVENT("Path", "\"p\":{\"id\":null}"), "?s:Path: the event has no id at detail.p.id;"},
    {EVENT("Path", "\"p\":null,\"eventID\":\"9b5808a9-7a05\""),
     "?s:Path: the event has no id at detail.p.id (event 9b5808a9-7a05);"},
    {EVENT("Path", "\"p\":null,\"eventID\":\"(\\n\""),
     "?s:Path: the event has no id at detail.p.id;"},
    {EVENT("Path", "\"p\":{\"id\":7}"), "!s:Path: detail.p.id contains 7 where an id should be;"},
    {EVENT("Path", "\"p\":{\"id\":\"\"}"),
     "!s:Path: detail.p.id contains \"\" where an id should be;"},
    {EVENT("Path", "\"p\":{\"id\":\"a\\nb\"}"),
     "!s:Path: \"id\" must not contain control characters;"},
    {EVENT("Path", "\"p\":{\"id\":\"a\\u007f\"}"),
     "!s:Path: \"id\" must not contain control characters;"},
    {EVENT("Path", "\"p\":{\"id\":\"a\\u0000b\"}"),
     "!s:Path: \"id\" must not contain control characters;"},
    {EVENT("Far", ID), "!s:Far: a region is a name such as \"us-east-1\";"},
};

static void test_problems(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        if (problems[i].want != NULL) {
            expect(problems[i].event, problems[i].want);
            continue;
        }
        const char *got = translate(problems[i].event, strlen(problems[i].event));
        assert_int_equal(got[0], '!');
        assert_ptr_equal(strchr(got, ';'), got + strlen(got) - 1);
    }
}

static void expect_of_id(const char *id, const char *want)
{
    char *event = mem_printf(EVENT("Path", "\"p\":{\"id\":\"%s\"}"), id);
    char *line =
        want != NULL ? mem_strdup(want) : mem_printf("one %s us-east-1 " ACCOUNT " 0;", id);
    expect(event, line);
    mem_free(event);
    mem_free(line);
}

static char *repeat(const char *text, size_t count)
{
    struct buf buf;
    buf_init(&buf, 4u << 20);
    for (size_t i = 0; i < count; i++)
        buf_adds(&buf, text);
    return buf_take(&buf);
}

static void test_hostile(void **state)
{
    (void)state;
    char *long_id = repeat("i", 200), *endless_id = repeat("i", 100000);
    char *deep = repeat("[", 10000);
    expect_of_id(long_id, NULL);
    expect_of_id("\xc3\xbc \xf0\x9f\x94\x92 'quoted' --; $(x)", NULL);
    expect_of_id(endless_id, "!s:Path: \"id\" must be a string of 1 to 4096 characters;");
    char *nested = mem_printf("{\"detail\":%s", deep);
    assert_non_null(strstr(translate(nested, strlen(nested)), "nested deeper than 512 levels"));
    char *unknown = mem_printf(EVENT("%s", ID), endless_id);
    expect(unknown, "");
    mem_free(unknown);
    mem_free(nested);
    mem_free(deep);
    mem_free(endless_id);
    mem_free(long_id);
}

static void expect_of_session(const char *name, const char *want)
{
    char *event = mem_printf(
        EVENT("Path",
              ID ",\"userIdentity\":{\"type\":\"AssumedRole\",\"accountId\":\"" ACCOUNT
                 "\",\"arn\":\"arn:aws:sts::" ACCOUNT
                 ":assumed-role/member_remediator/%s\",\"sessionContext\":{\"sessionIssuer\":{"
                 "\"arn\":\"arn:aws:iam::" ACCOUNT ":role/member_remediator\"}}}"),
        name);
    expect(event, want);
    mem_free(event);
}

static void test_own_changes(void **state)
{
    (void)state;
    const char *own = OWN_CHANGES_PREFIX "00112233445566778899aabbccddeeff";
    expect_of_session(own, "");
    expect_of_session("alice", X);
    settings.no_assume_role = true;
    expect_of_session(own, X);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ids),
        TEST(test_types_that_share_an_event),
        TEST(test_places),
        TEST(test_silent),
        TEST(test_only_wanted_types),
        TEST(test_accounts),
        TEST(test_problems),
        TEST(test_hostile),
        TEST(test_own_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
