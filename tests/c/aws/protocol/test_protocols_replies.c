/* Replies beyond the cases of the tables: errors in every form, hidden errors, representations of
 * nothing, and S3's special cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/protocol/protocol.h"
#include "base/mem.h"
#include "support/protocol_case.h"
#include "value/json.h"

static const char service[] =
    "{'metadata':{'apiVersion':'2012-06-01','endpointPrefix':'x','protocol':'%s',"
    "'jsonVersion':'1.0','targetPrefix':'X','serviceId':'X','signatureVersion':'s3'},"
    "'operations':{"
    "'GetBucketLocation':{'name':'GetBucketLocation','http':{'method':'GET','requestUri':'/'},"
    "'output':{'shape':'LocationOutput'}},"
    "'Head':{'name':'Head','http':{'method':'HEAD','requestUri':'/'},"
    "'errors':[{'shape':'NoSuchBucket'}]},"
    "'Get':{'name':'Get','http':{'method':'GET','requestUri':'/'},'output':{'shape':'GetOutput'},"
    "'errors':[{'shape':'NoSuchBucket'}]},"
    "'Describe':{'name':'Describe','http':{'method':'POST','requestUri':'/'},"
    "'output':{'shape':'DescribeOutput','resultWrapper':'DescribeResult'}}},"
    "'shapes':{"
    "'LocationOutput':{'type':'structure','members':{'LocationConstraint':{'shape':'String'}}},"
    "'NoSuchBucket':{'type':'structure','members':{},'exception':true,"
    "'error':{'code':'NoSuchBucket','httpStatusCode':404}},"
    "'GetOutput':{'type':'structure','members':{'Body':{'shape':'Blob','streaming':true},"
    "'Expires':{'shape':'Time','location':'header','locationName':'Expires'},"
    "'Modified':{'shape':'Time','location':'header','locationName':'Last-Modified'},"
    "'Metadata':{'shape':'Map','location':'headers','locationName':'x-amz-meta-'}},"
    "'payload':'Body'},"
    "'DescribeOutput':{'type':'structure','members':{'Groups':{'shape':'Strings'},"
    "'Tags':{'shape':'Strings'},'Text':{'shape':'String'},'Count':{'shape':'Long'},"
    "'On':{'shape':'Boolean'},'When':{'shape':'Time'},"
    "'Kind':{'shape':'String','xmlAttribute':true,'locationName':'xsi:kind'}}},"
    "'Strings':{'type':'list','member':{'shape':'String','locationName':'item'}},"
    "'Map':{'type':'map','key':{'shape':'String'},'value':{'shape':'String'}},"
    "'String':{'type':'string'},'Long':{'type':'long'},'Blob':{'type':'blob'},"
    "'Boolean':{'type':'boolean'},'Time':{'type':'timestamp'}}}";

struct reply {
    struct protocol_case opened;
    struct http_header headers[4];
    size_t header_count;
    struct err err;
    json_t *result;
};

static void open_as(struct reply *reply, const char *name, const char *protocol)
{
    char *text = mem_printf(service, protocol);
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    memset(reply, 0, sizeof *reply);
    protocol_service_open(&reply->opened, name, text);
    mem_free(text);
}

static void close_as(struct reply *reply)
{
    json_decref(reply->result);
    protocol_case_close(&reply->opened);
}

static void with(struct reply *reply, const char *name, const char *value)
{
    reply->headers[reply->header_count++] = (struct http_header){name, value};
}

static int decode(struct reply *reply, const char *operation, int status, const char *body)
{
    struct http_response response = {.status = status,
                                     .headers = reply->headers,
                                     .header_count = reply->header_count,
                                     .body = body,
                                     .body_length = strlen(body)};
    json_decref(reply->result);
    reply->result = NULL;
    err_clear(&reply->err);
    protocol_case_operation(&reply->opened, operation);
    int result = proto_decode(reply->opened.model, reply->opened.operation, &response,
                              &reply->result, &reply->err);
    reply->header_count = 0;
    return result;
}

static void expect(struct reply *reply, int result, const char *text)
{
    if (result != 0)
        fail_msg("%s", reply->err.message);
    char *got = json_text(reply->result);
    assert_string_equal(got, text);
    mem_free(got);
}

static void expect_error(const struct reply *reply, int result, const char *code, const char *alias,
                         const char *message)
{
    assert_int_equal(result, -1);
    assert_null(reply->result);
    assert_int_equal(reply->err.kind, ERR_API);
    assert_string_equal(reply->err.code, code);
    assert_string_equal(reply->err.alias, alias);
    assert_string_equal(reply->err.message, message);
}

static void test_location(void **state)
{
    struct reply reply;
    (void)state;
    open_as(&reply, "s3", "rest-xml");
    expect(&reply,
           decode(&reply, "GetBucketLocation", 200,
                  "<?xml version=\"1.0\"?>\n<LocationConstraint xmlns=\"http://s3/\">eu-west-1"
                  "</LocationConstraint>"),
           "{\"LocationConstraint\":\"eu-west-1\"}");
    expect(&reply, decode(&reply, "GetBucketLocation", 200, "<LocationConstraint/>"), "{}");
    expect(&reply,
           decode(&reply, "GetBucketLocation", 200,
                  "<Result><LocationConstraint>EU</LocationConstraint></Result>"),
           "{\"LocationConstraint\":\"EU\"}");
    close_as(&reply);
}

/* HEAD has no body: the code is the status, and the alias is what S3 would have returned. A page of
 * a proxy does not say that there is no bucket: S3 gives each of its responses an id (S3 API
 * reference, "Common response headers"), and errors of GET a body. */
static void test_status(void **state)
{
    struct reply reply;
    (void)state;
    open_as(&reply, "s3", "rest-xml");
    expect_error(&reply, decode(&reply, "Head", 404, ""), "404", "NotFound", "Not Found");
    with(&reply, "x-amz-request-id", "R1");
    expect_error(&reply, decode(&reply, "Head", 404, ""), "404", "NoSuchBucket", "Not Found");
    assert_string_equal(reply.err.request_id, "R1");
    assert_int_equal(reply.err.status, 404);
    expect_error(&reply, decode(&reply, "Get", 404, "<p>404</p>"), "404", "NotFound", "Not Found");
    expect_error(&reply, decode(&reply, "Get", 404, "{}"), "404", "NotFound", "Not Found");
    expect_error(&reply, decode(&reply, "Head", 403, ""), "403", "AccessDenied", "Forbidden");
    expect_error(&reply, decode(&reply, "Head", 301, ""), "301", "PermanentRedirect",
                 "Moved Permanently");
    expect_error(&reply, decode(&reply, "Head", 502, "<html>Bad</html>"), "502", "", "Bad Gateway");
    expect_error(&reply, decode(&reply, "Head", 599, "\x01\x02"), "599", "", "unknown status");
    close_as(&reply);
}

static void test_xml_errors(void **state)
{
    struct reply reply;
    (void)state;
    open_as(&reply, "s3", "rest-xml");
    expect_error(&reply,
                 decode(&reply, "Get", 301,
                        "<?xml version='1.0'?><Error><Code>PermanentRedirect</Code><Message>go"
                        "</Message><Endpoint>b.s3</Endpoint><RequestId>R2</RequestId></Error>"),
                 "PermanentRedirect", "", "go");
    assert_string_equal(reply.err.request_id, "R2");
    close_as(&reply);
    open_as(&reply, "x", "ec2");
    expect_error(
        &reply,
        decode(&reply, "Describe", 400,
               "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>"
               "<Message>no</Message></Error></Errors><RequestID>R3</RequestID></Response>"),
        "InvalidInstanceID.NotFound", "", "no");
    assert_string_equal(reply.err.request_id, "R3");
    close_as(&reply);
    open_as(&reply, "x", "query");
    expect_error(&reply,
                 decode(&reply, "Describe", 400,
                        "<ErrorResponse xmlns='x'><Error><Code>Throttling</Code><Message>slow"
                        "</Message></Error><ResponseMetadata><RequestId>R4</RequestId>"
                        "</ResponseMetadata></ErrorResponse>"),
                 "Throttling", "", "slow");
    assert_string_equal(reply.err.request_id, "R4");
    close_as(&reply);
}

static void test_json_errors(void **state)
{
    struct reply reply;
    (void)state;
    open_as(&reply, "x", "json");
    with(&reply, "x-amzn-requestid", "R5");
    with(&reply, "x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender");
    expect_error(
        &reply,
        decode(&reply, "Describe", 400,
               "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"gone\"}"),
        "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "gone");
    assert_string_equal(reply.err.request_id, "R5");
    with(&reply, "x-amzn-errortype", "ns#Refused:http://x#y/");
    expect_error(&reply,
                 decode(&reply, "Describe", 400, "{\"__type\":\"Other\",\"Message\":\"m\"}"),
                 "Refused", "", "m");
    /* Emulators and proxies answer JSON services in XML. */
    expect_error(&reply,
                 decode(&reply, "Describe", 403,
                        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>no"
                        "</Message></Error><RequestId>R6</RequestId></ErrorResponse>"),
                 "SignatureDoesNotMatch", "", "no");
    assert_string_equal(reply.err.request_id, "R6");
    expect_error(
        &reply,
        decode(&reply, "Describe", 403,
               "{\"__type\":\"InvalidSignatureException\",\"message\":\"It does not match.\\n"
               "\\nThe Canonical String should have been\\nx-amz-security-token:secret\"}"),
        "InvalidSignatureException", "", "It does not match.");
    expect_error(&reply, decode(&reply, "Describe", 400, "{\"__type\":17,\"message\":[]}"), "400",
                 "BadRequest", "Bad Request");
    expect_error(&reply, decode(&reply, "Describe", 400, "{\"__type\":"), "400", "BadRequest",
                 "Bad Request");
    close_as(&reply);
    open_as(&reply, "x", "rest-json");
    expect_error(&reply, decode(&reply, "Describe", 400, "{\"code\":\"A\",\"__type\":\"B\"}"), "A",
                 "", "Bad Request");
    close_as(&reply);
}

/* Long errors are cut, and never overflow. */
static void test_long_errors(void **state)
{
    struct reply reply;
    struct buf body;
    (void)state;
    buf_init(&body, 1u << 20);
    buf_adds(&body, "{\"__type\":\"");
    for (int i = 0; i < 5000; i++)
        buf_addc(&body, 'A');
    buf_adds(&body, "\",\"message\":\"");
    for (int i = 0; i < 50000; i++)
        buf_addc(&body, 'm');
    buf_adds(&body, "\"}");
    open_as(&reply, "x", "json");
    assert_int_equal(decode(&reply, "Describe", 400, buf_text(&body)), -1);
    assert_int_equal(strlen(reply.err.code), sizeof reply.err.code - 1);
    assert_int_equal(strlen(reply.err.message), sizeof reply.err.message - 1);
    close_as(&reply);
    buf_clear(&body);
}

/* S3 sends "200 OK" before it knows the result; a body that is a raw object is never searched for
 * errors. */
static void test_errors_with_status_200(void **state)
{
    static const char body[] = "<?xml version='1.0'?>\n\n<Error><Code>InternalError</Code>"
                               "<Message>again</Message></Error>";
    struct reply reply;
    (void)state;
    open_as(&reply, "s3", "rest-xml");
    expect_error(&reply, decode(&reply, "Describe", 200, body), "InternalError", "", "again");
    assert_int_equal(reply.err.status, 500);
    assert_int_equal(decode(&reply, "Get", 200, body), 0);
    assert_string_equal(json_get_string(reply.result, "Body", ""), body);
    close_as(&reply);
}

static void expect_unreadable(struct reply *reply, const char *body)
{
    assert_int_equal(decode(reply, "Describe", 200, body), -1);
    assert_null(reply->result);
    assert_int_equal(reply->err.kind, ERR_PARSE);
    assert_int_equal(reply->err.status, 200);
    assert_true(reply->err.message[0] != '\0');
}

/* An unreadable reply is never an empty success. */
static void test_unreadable(void **state)
{
    static const char *const xml[] = {"query", "ec2", "rest-xml"};
    struct reply reply;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        open_as(&reply, "x", xml[i]);
        expect_unreadable(&reply, "<DescribeResponse><DescribeResult>");
        expect_unreadable(&reply, "<html><body>Sign in to the network</body></html>");
        expect_unreadable(&reply, "<R><DescribeResult><Count>many</Count></DescribeResult>"
                                  "<Count>many</Count></R>");
        close_as(&reply);
    }
    open_as(&reply, "x", "query");
    expect_unreadable(&reply, "");
    expect_unreadable(&reply, "<DescribeResponse><Other/></DescribeResponse>");
    close_as(&reply);
    open_as(&reply, "x", "json");
    expect_unreadable(&reply, "<html/>");
    expect_unreadable(&reply, "[]");
    expect_unreadable(&reply, "null");
    expect_unreadable(&reply, "{\"Groups\":{}}");
    expect_unreadable(&reply, "{\"Groups\":\"a\"}");
    expect_unreadable(&reply, "{\"Count\":\"many\"}");
    expect_unreadable(&reply, "{\"Count\":1.5}");
    expect_unreadable(&reply, "{\"Count\":1}{");
    close_as(&reply);
}

/* Absent stays absent, null counts as absent, and empty stays empty. */
static void test_nothing(void **state)
{
    struct reply reply;
    (void)state;
    open_as(&reply, "x", "query");
    expect(&reply,
           decode(&reply, "Describe", 200,
                  "<R><DescribeResult><Groups/><Text/><Count> 7 </Count></DescribeResult></R>"),
           "{\"Groups\":[],\"Text\":\"\",\"Count\":7}");
    close_as(&reply);
    open_as(&reply, "x", "json");
    expect(&reply, decode(&reply, "Describe", 200, "{\"Groups\":[],\"Tags\":null,\"Text\":\"\"}"),
           "{\"Groups\":[],\"Text\":\"\"}");
    expect(&reply, decode(&reply, "Describe", 200, ""), "{}");
    expect(&reply, decode(&reply, "Describe", 200, "{\"Count\":9007199254740993}"),
           "{\"Count\":9007199254740993}");
    close_as(&reply);
}

/* Values of another kind that other clients accept as well. */
static void test_lenient(void **state)
{
    struct reply reply;
    (void)state;
    open_as(&reply, "x", "rest-json");
    expect(&reply, decode(&reply, "Describe", 200, "{\"Count\":\"12\",\"Text\":5}"),
           "{\"Count\":12,\"Text\":5}");
    expect(&reply, decode(&reply, "Describe", 200, "{\"Count\":3.0,\"On\":\"True\"}"),
           "{\"Count\":3,\"On\":true}");
    expect(&reply, decode(&reply, "Describe", 200, "{\"When\":1398796238.0}"),
           "{\"When\":1398796238}");
    expect(&reply, decode(&reply, "Describe", 200, "{\"When\":1398796238.5}"),
           "{\"When\":1398796238.5}");
    expect(&reply, decode(&reply, "Describe", 200, "{\"When\":\"2014-04-29T18:30:38Z\"}"),
           "{\"When\":1398796238}");
    close_as(&reply);
    open_as(&reply, "x", "query");
    expect(&reply,
           decode(&reply, "Describe", 200,
                  "<R xmlns:q='urn:x'><DescribeResult q:kind='a'><Text>a</Text><Text>b</Text>"
                  "</DescribeResult></R>"),
           "{\"Text\":\"a\",\"Kind\":\"a\"}");
    /* A space is neither true nor false. */
    expect(&reply, decode(&reply, "Describe", 200, "<R><DescribeResult><On/></DescribeResult></R>"),
           "{}");
    expect(&reply,
           decode(&reply, "Describe", 200, "<R><DescribeResult><On> </On></DescribeResult></R>"),
           "{}");
    expect(
        &reply,
        decode(&reply, "Describe", 200, "<R><DescribeResult><On>false</On></DescribeResult></R>"),
        "{\"On\":false}");
    close_as(&reply);
}

static void test_object(void **state)
{
    struct reply reply;
    (void)state;
    open_as(&reply, "s3", "rest-xml");
    with(&reply, "expires", "never, ever");
    with(&reply, "last-modified", "Tue, 29 Apr 2014 18:30:38 GMT");
    with(&reply, "x-amz-meta-a", "1");
    expect(&reply, decode(&reply, "Get", 200, ""),
           "{\"Body\":\"\",\"Modified\":1398796238,\"Metadata\":{\"a\":\"1\"}}");
    with(&reply, "last-modified", "never");
    assert_int_equal(decode(&reply, "Get", 200, ""), -1);
    assert_int_equal(reply.err.kind, ERR_PARSE);
    close_as(&reply);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_location),    cmocka_unit_test(test_status),
        cmocka_unit_test(test_xml_errors),  cmocka_unit_test(test_json_errors),
        cmocka_unit_test(test_long_errors), cmocka_unit_test(test_errors_with_status_200),
        cmocka_unit_test(test_unreadable),  cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_object),      cmocka_unit_test(test_lenient),
    };
    mem_install();
    return cmocka_run_group_tests_name("replies", tests, NULL, NULL);
}
