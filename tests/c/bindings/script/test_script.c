/* `engine run` and the prompt: the globals, calls that change things, errors, exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bindings/script/script.h"
#include "support/host_world.h"
#include "value/json.h"

static struct err last;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, NULL);
    world.session.permit = PERMIT_OPERATOR;
    return 0;
}

static const char *no_environment(const char *name)
{
    return strcmp(name, "AWS_ENDPOINT_URL") == 0 ? "http://127.0.0.1:9" : NULL;
}

static int run_path(const char *path, const char *argument)
{
    char lib[128], first[200], second[100];
    char *argv[] = {first, second, NULL};
    struct creds_env env = {.loop = world.loop,
                            .transport = world_transport(&world),
                            .getenv = no_environment,
                            .region = "eu-west-1"};
    snprintf(lib, sizeof lib, "%s/policies/lib", world.folder);
    snprintf(first, sizeof first, "%s", path != NULL ? path : "");
    snprintf(second, sizeof second, "%s", argument);
    const struct script_parts parts = {.loop = world.loop,
                                       .client = world.client,
                                       .creds_env = &env,
                                       .provider = world.provider,
                                       .operator_session = &world.session,
                                       .region = "eu-west-1",
                                       .member_role = "member_remediator",
                                       .external_id = "x",
                                       .lib_dir = lib};
    memset(&last, 0, sizeof last);
    return script_run(&parts, path, 2, argv, &last);
}

/* The exit status; -1: `last` has the reason. */
static int run(const char *text)
{
    char path[200];
    world_write(&world, "script.lua", text);
    snprintf(path, sizeof path, "%s/script.lua", world.folder);
    return run_path(path, "argument");
}

static void check(const char *text)
{
    if (run(text) != 0)
        fail_msg("%s", last.message);
}

static void has_its_globals(void **state)
{
    (void)state;
    world_write(&world, "policies/lib/m.lua", "return { value = 7 }");
    world_write(&world, "beside.lua", "return { value = 8 }");
    check(
        "assert(arg[0]:match('script.lua$') and arg[1] == 'argument' and ... == 'argument')\n"
        "local cjson = require 'cjson'\n"
        "assert(cjson ~= json and cjson.encode { 1 } == '[1]')\n"
        "local text = '{\"b\":[],\"a\":{},\"n\":9007199254740993}'\n"
        "assert(json.encode(json.decode(text)) == text and json.null == cjson.null)\n"
        "assert(#json.decode('[\"' .. ('a'):rep(1 << 20) .. '\"]')[1] == 1 << 20)\n"
        "assert(uri.decode '%41' == 'A' and type(sigv4.presign) == 'function')\n"
        "assert(require('lib.m').value == 7 and require('beside').value == 8)\n"
        "local _, none = pcall(require, 'lib.none')\n"
        "assert(none:find('there is no module \"lib.none\" in the script', 1, true)\n"
        "  and none:find('/policies/lib: only policies have it', 1, true), none)\n"
        "_, none = pcall(require, 'lib.mm') assert(none:find('did you mean \"lib.m\"?', 1, true))\n"
        "_, none = pcall(require, 'lib.far_away') assert(none:find('There are: lib.m$'))\n"
        "local function own(name) return name:find('%.own') and function() return 9 end end\n"
        "local list = package.searchers list[5], list[6] = own, list[5]\n"
        "assert(require('lib.own') == 9) list[5], list[6] = list[6], own\n"
        "assert(require('lib.own_too') == 9)\n"
        "_, none = pcall(require, 'elsewhere') assert(none:find('no file', 1, true))\n"
        "assert(os.time() > 0 and coroutine.wrap(function() return true end)())");
    assert_int_equal(run("\nrequire 'lib.none'"), -1);
    assert_non_null(strstr(last.message, "script.lua:2: there is no module \"lib.none\""));
    assert_int_equal(json_array_size(world.requests), 0);
}

static void calls_and_changes(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"],\"NextToken\":\"n\"}");
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"b\"]}");
    world_reply(&world, "SendMessage", 200, "{\"MessageId\":\"m\"}");
    world_reply(&world, "ReceiveMessage", 200,
                "{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"r\",\"Body\":\"b\"}]}");
    check(
        "local all = {}\n"
        "for page in aws.sqs:pages 'ListQueues' do all[#all + 1] = page.QueueUrls[1] end\n"
        "assert(table.concat(all) == 'ab')\n"
        "aws.sqs:SetQueueAttributes { QueueUrl = 'q', Attributes = { Policy = '' } }\n"
        "assert(sqs.send('q', 'body', { delay = 5 }) == 'm')\n"
        "local got = sqs.receive('q')\n"
        "assert(#got == 1 and got[1].body == 'b' and got[1].id == 'm')\n"
        "assert(sqs.delete('q', got[1]))\n"
        "local wrapped = coroutine.wrap(function() return aws.sqs:ListQueues().QueueUrls[1] end)\n"
        "assert(wrapped() == 'b')");
    assert_int_equal(world_count(&world, "SetQueueAttributes"), 1);
    assert_int_equal(world_count(&world, "DeleteMessage"), 1);
    const json_t *request = json_array_get(world.requests, 3);
    assert_string_equal(json_get_string(request, "body", ""),
                        "{\"QueueUrl\":\"q\",\"MessageBody\":\"body\",\"DelaySeconds\":5}");
}

static void knows_the_shapes_of_answers(void **state)
{
    (void)state;
    world_reply(&world, "ListQueues", 200, "{\"QueueUrls\":[\"a\"]}");
    assert_int_equal(run("for page in aws.sqs:pages 'ListQueues' do print(page.QueueUrl) end"), -1);
    assert_non_null(strstr(last.message, "script.lua:1: sqs: ListQueuesResult has no member "
                                         "\"QueueUrl\", did you mean \"QueueUrls\"?"));
    check("local answer = aws.sqs:SetQueueAttributes { QueueUrl = 'q', Attributes = {} }\n"
          "assert(next(answer) == nil and not pcall(function() return answer.Status end))");
}

/* A finalizer that makes a call while the response of another call is being converted to a table.
 * */
static void calls_from_finalizers(void **state)
{
    char body[20000] = "{\"QueueUrls\":[\"a\"";
    (void)state;
    for (int i = 0; i < 4000; i++)
        strcat(body, ",\"\"");
    world_reply(&world, "ListQueues", 200, strcat(body, "]}"));
    world_reply(&world, "GetQueueAttributes", 200, "{\"Attributes\":{\"a\":\"b\"}}");
    check("collectgarbage('setpause', 0) collectgarbage('setstepmul', 1000)\n"
          "local called = 0\n"
          "local again = { __gc = function(self)\n"
          "  aws.sqs:GetQueueAttributes { QueueUrl = 'q' } called = called + 1\n"
          "  setmetatable({}, getmetatable(self)) end }\n"
          "for _ = 1, 10 do setmetatable({}, again) end\n"
          "for _ = 1, 5 do assert(#aws.sqs:ListQueues().QueueUrls == 4001) end\n"
          "again.__gc = nil\n"
          "assert(called > 0)");
}

static void sends_to_the_region_of_the_queue(void **state)
{
    (void)state;
    check("sqs.send('https://sqs.us-west-2.amazonaws.com/1/q', 'x')\n"
          "aws:in_region('us-east-2').sqs:ListQueues()");
    static const char *const scopes[] = {"/us-west-2/sqs/", "/us-east-2/sqs/"};
    for (size_t i = 0; i < 2; i++) {
        const json_t *request = json_array_get(world.requests, i);
        assert_non_null(strstr(json_get_string(request, "authorization", ""), scopes[i]));
    }
}

static void works_in_another_account(void **state)
{
    (void)state;
    world_reply(&world, "", 200,
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIDOTHER"
                "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>"
                "</AssumeRoleResponse>");
    check("local other = aws:in_account '222222222222'\n"
          "other.sqs:ListQueues() other:in_region('us-west-2').sqs:ListQueues()\n"
          "assert(not pcall(aws.in_account, aws, 'x'))");
    assert_int_equal(world_count(&world, ""), 1);
    assert_int_equal(world_count(&world, "ListQueues"), 2);
    const json_t *request = json_array_get(world.requests, 0);
    assert_non_null(strstr(json_get_string(request, "body", ""),
                           "arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Fmember_remediator"));
    request = json_array_get(world.requests, 1);
    assert_non_null(strstr(json_get_string(request, "authorization", ""), "AKIDOTHER"));
}

static void gives_errors_and_status(void **state)
{
    (void)state;
    world_reply(&world, "GetQueueAttributes", 400, "{\"__type\":\"com#QueueDoesNotExist\"}");
    check("local reply, code = aws.sqs:try('GetQueueAttributes', { QueueUrl = 'q' },\n"
          "'QueueDoesNotExist') assert(reply == nil and code == 'QueueDoesNotExist')");
    assert_int_equal(run("return 3"), 3);
    assert_int_equal(run("return true"), 0);
    assert_int_equal(run("aws.sqs:GetQueueAttributes { QueueUrl = 'q' }"), -1);
    assert_non_null(strstr(last.message, "QueueDoesNotExist"));
    assert_non_null(strstr(last.message, "script.lua:1"));
    assert_int_equal(run("aws.sqs:NoSuch {}"), -1);
    assert_non_null(strstr(last.message, "NoSuch"));
    assert_int_equal(run("aws.nothing:At {}"), -1);
    assert_non_null(strstr(last.message, "nothing"));
    assert_int_equal(run("sqs.send('q', 'b', { dealy = 1 })"), -1);
    assert_non_null(strstr(last.message, "no such option: dealy"));
    assert_int_equal(run("local = 1"), -1);
    assert_non_null(strstr(last.message, "script.lua:1:"));
    assert_int_equal(run_path("/nowhere/script.lua", "x"), -1);
    assert_non_null(strstr(last.message, "/nowhere/script.lua"));
}

/* AWS's example: IAM User Guide, "Signature Version 4", get-vanilla. */
static void refuses_wrong_arguments(void **state)
{
    static const char *const calls[][2] = {
        {"sqs.send()", "1: sqs.send: the URL of the queue must be a string, not nil"},
        {"sqs.receive {}", "1: sqs.receive: the URL of the queue must be a string, not a table"},
        {"sqs.receive('u', 3)", "1: sqs.receive: its options must be a table, not a number"},
        {"sqs.delete(nil, 'r')", "1: sqs.delete: the URL of the queue must be a string, not nil"},
        {"sns.publish()", "1: sns.publish: the ARN of the topic must be a string, not nil"},
        {"sns.publish('arn', 'hi')", "1: sns.publish: its options must be a table, not a string"},
        {"sts.assume_role()", "1: sts.assume_role: role_arn must be a string, not nil"},
        {"sts.assume_role { role = 'r' }", "1: sts.assume_role: no such option: role"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        assert_int_equal(run(calls[i][0]), -1);
        if (strstr(last.message, calls[i][1]) == NULL)
            fail_msg("%s: %s", calls[i][0], last.message);
    }
    assert_int_equal(json_array_size(world.requests), 0);
}

static void signs(void **state)
{
    (void)state;
    check("local options = { method = 'GET', url = 'https://example.amazonaws.com/',\n"
          "headers = { { 'X-Amz-Date', '20150830T123600Z' } }, region = 'us-east-1',\n"
          "service = 'service', access_key = 'AKIDEXAMPLE', time = 1440938160,\n"
          "secret_key = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }\n"
          "options.headers = nil\n"
          "local signed = sigv4.sign(options)\n"
          "assert(signed.signature ==\n"
          "'5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31', signed.signature)\n"
          "assert(signed.canonical_request:match '^GET\\n/\\n\\nhost:example.amazonaws.com\\n')\n"
          "assert(signed.string_to_sign:match '^AWS4%-HMAC%-SHA256\\n20150830T123600Z\\n')\n"
          "assert(signed.headers.authorization:find(signed.signature, 1, true))\n"
          "assert(signed.headers[#signed.headers][1] == 'authorization')\n"
          "options.expires = 60\n"
          "local url = sigv4.presign(options).url\n"
          "assert(url:match '^https://example.amazonaws.com/%?.*X%-Amz%-Expires=60')\n"
          "options.url = 'https://example.amazonaws.com/a b/%C3%A9'\n"
          "assert(sigv4.sign(options).canonical_request:find('/a%20b/%25C3%25A9', 1, true))\n"
          "options.service = 's3' options.url = 'https://b.example.com/a%20b'\n"
          "assert(sigv4.sign(options).canonical_request:find('GET\\n/a%20b\\n', 1, true))\n"
          "for _, bad in ipairs { { colour = 1 }, { url = 'x' }, { url = 'http:///x' },\n"
          "{ headers = { 'x' } }, { region = 7 } } do\n"
          "local o = {} for k, v in pairs(options) do o[k] = v end\n"
          "for k, v in pairs(bad) do o[k] = v end\n"
          "assert(not pcall(sigv4.sign, o)) end\n"
          "assert(not pcall(sigv4.sign, {}))");
}

/* Runs the prompt with a text as input, and returns what it prints. */
static void prompt(const char *text, char *out, size_t size)
{
    int in_pipe[2], out_pipe[2];
    assert_int_equal(pipe(in_pipe) + pipe(out_pipe), 0);
    assert_int_equal(write(in_pipe[1], text, strlen(text)), (ssize_t)strlen(text));
    close(in_pipe[1]);
    fflush(stdout);
    int own_in = dup(0), own_out = dup(1);
    dup2(in_pipe[0], 0);
    dup2(out_pipe[1], 1);
    int status = run_path(NULL, "x");
    fflush(stdout);
    dup2(own_in, 0);
    dup2(own_out, 1);
    close(own_in);
    close(own_out);
    close(in_pipe[0]);
    close(out_pipe[1]);
    ssize_t length = read(out_pipe[0], out, size - 1);
    out[length > 0 ? length : 0] = '\0';
    close(out_pipe[0]);
    assert_int_equal(status, 0);
}

static void prompts(void **state)
{
    char out[1000];
    (void)state;
    prompt("x = 20\nx + 1, 'a'\nfor i = 1, 2 do\nprint(i)\nend\nerror('oh')\nx\n", out, sizeof out);
    assert_string_equal(out, "21\ta\n1\n2\n20\n");
}

/* What is pasted from a script works line by line. */
static void keeps_locals(void **state)
{
    char out[1000];
    (void)state;
    prompt("local a, b = 7\nlocal function twice(n)\nlocal twofold = 2 * n\nreturn twofold\nend\n"
           "twice(a), b, twofold\nfor i = 1, 2 do local inner = i end\ninner, i\n"
           "do local hidden = 1 end\nhidden\nlocal a = a + 1\na\nlocal q = 1 if q then return 5 "
           "end\nq\n",
           out, sizeof out);
    assert_string_equal(out, "14\tnil\tnil\nnil\tnil\nnil\n8\n5\n1\n");
}

/* A function of the statement and the statements that follow have one variable, not a copy each. */
static void shares_locals(void **state)
{
    char out[1000];
    (void)state;
    prompt("local n = 0 function more() n = n + 1 end more()\nmore()\nn\n"
           "local lost, kept = 1, 2 error('x')\nkept\n"
           "local a <const>, b = 5 local text, long = 'local c', [=[\nlocal d = 1]]\n"
           "]=] -- local e\nif a then local f = 1 elseif b then local g = 1 else local h = 1 end\n"
           "local t = { function() local i = 1 return i end } repeat local j = 1 until j\n"
           "local closed <close> = nil local\nlast\nprint(a, b, text, #long, last)\n"
           "print(c, d, e, f, g, h, i, j, t[1](), closed)\n",
           out, sizeof out);
    assert_string_equal(out, "2\n2\n5\tnil\tlocal c\t14\tnil\n"
                             "nil\tnil\tnil\tnil\tnil\tnil\tnil\tnil\t1\tnil\n");
}

/* Comments stand wherever white space does, and messages count lines as they were typed. */
static void keeps_locals_between_comments(void **state)
{
    char out[1000];
    (void)state;
    prompt("local --[[ a ]] a --[=[ b\n]] ]=] , -- c\n b <--[[d]] const --[[e]] > --[[f]] = 1, 2\n"
           "a, b\nlocal -- g\nfunction c() return 3 end\nc()\n"
           "local d, -- h\n e --[[ i\n]] = 5,\ndebug.getinfo(1, 'l').currentline\ne, d\n",
           out, sizeof out);
    assert_string_equal(out, "1\t2\n3\n4\t5\n");
}

/* What a prompt has not read, the next one reads. */
static void knows_the_words_of_other_prompts(void **state)
{
    char out[1000];
    (void)state;
    prompt("help\nexit\nprint('next')\n", out, sizeof out);
    assert_non_null(strstr(out, "Ctrl-D or exit ends"));
    assert_null(strstr(out, "next"));
    prompt("quit()\nprint('last')\n", out, sizeof out);
    assert_string_equal(out, "next\n");
    prompt("help = 1\nhelp\nexit = 2\nexit\n", out, sizeof out);
    assert_string_equal(out, "last\n1\n2\n");
}

static void names_what_a_library_has(void **state)
{
    char out[1000];
    (void)state;
    prompt(
        "sqs\n{ print }\nsetmetatable({ f = print }, { __tostring = function() return 'T' end })\n",
        out, sizeof out);
    assert_non_null(strstr(out, "{ delete, receive, send }\ntable: "));
    assert_non_null(strstr(out, "\nT\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_its_globals, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(calls_and_changes, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(knows_the_shapes_of_answers, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(calls_from_finalizers, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(sends_to_the_region_of_the_queue, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(works_in_another_account, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(gives_errors_and_status, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(refuses_wrong_arguments, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(signs, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(prompts, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(keeps_locals, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(shares_locals, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(keeps_locals_between_comments, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(knows_the_words_of_other_prompts, set_up, world_tear_down),
        cmocka_unit_test_setup_teardown(names_what_a_library_has, set_up, world_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
