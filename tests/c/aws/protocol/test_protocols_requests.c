/* Requests beyond the cases of the tables: values as Lua passes them, limits, what a header or a
 * host name cannot contain, and special cases of single services. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "aws/protocol/protocol.h"
#include "aws/protocol/request.h"
#include "base/mem.h"
#include "support/protocol_case.h"
#include "support/protocol_compare.h"
#include "value/json.h"

static const char service[] =
    "{'metadata':{'apiVersion':'2012-06-01','endpointPrefix':'x','protocol':'%s',"
    "'jsonVersion':'1.0','targetPrefix':'X','serviceId':'X','signatureVersion':'v4'},"
    "'operations':{"
    "'Body':{'name':'Body','http':{'method':'POST','requestUri':'/'},"
    "'input':{'shape':'BodyInput','locationName':'BodyInput'}},"
    "'Parts':{'name':'Parts','http':{'method':'PUT','requestUri':'/{Bucket}/{Key+}?parts'},"
    "'input':{'shape':'PartsInput'},'httpChecksum':{'requestChecksumRequired':true},"
    "'endpoint':{'hostPrefix':'{Host}.'}},"
    "'Id':{'name':'Id','http':{'method':'GET','requestUri':'/zone/{Id}'},"
    "'input':{'shape':'IdInput'}},"
    "'Copy':{'name':'Copy','http':{'method':'PUT','requestUri':'/'},"
    "'input':{'shape':'CopyInput'}},"
    "'Stream':{'name':'Stream','http':{'method':'POST','requestUri':'/'},"
    "'output':{'shape':'StreamOutput'}}},"
    "'shapes':{"
    "'BodyInput':{'type':'structure','members':{'List':{'shape':'Strings'},'Map':{'shape':'Map'},"
    "'Inner':{'shape':'Inner'},'Time':{'shape':'Time'},'Number':{'shape':'Long'},"
    "'Text':{'shape':'String'},'Token':{'shape':'String','idempotencyToken':true}}},"
    "'PartsInput':{'type':'structure','required':['Bucket','Key','Host'],'members':{"
    "'Bucket':{'shape':'String','location':'uri','locationName':'Bucket'},"
    "'Key':{'shape':'String','location':'uri','locationName':'Key'},"
    "'Host':{'shape':'String','hostLabel':true,'location':'header','locationName':'x-host'},"
    "'Header':{'shape':'String','location':'header','locationName':'x-header'},"
    "'Sum':{'shape':'String','location':'header','locationName':'x-amz-checksum-sha256'},"
    "'Meta':{'shape':'Map','location':'headers','locationName':'x-meta-'},"
    "'Data':{'shape':'Blob'}},'payload':'Data'},"
    "'IdInput':{'type':'structure','required':['Id'],'members':{"
    "'Id':{'shape':'ResourceId','location':'uri','locationName':'Id'}}},"
    "'CopyInput':{'type':'structure','members':{"
    "'CopySource':{'shape':'String','location':'header','locationName':'x-amz-copy-source'}}},"
    "'StreamOutput':{'type':'structure','members':{'Events':{'shape':'Events'}},"
    "'payload':'Events'},"
    "'Events':{'type':'structure','eventstream':true,'members':{'A':{'shape':'Inner'}}},"
    "'Inner':{'type':'structure','event':true,'members':{'A':{'shape':'String'}}},"
    "'Strings':{'type':'list','member':{'shape':'String'}},"
    "'Map':{'type':'map','key':{'shape':'String'},'value':{'shape':'String'}},"
    "'ResourceId':{'type':'string'},'String':{'type':'string'},'Long':{'type':'long'},"
    "'Blob':{'type':'blob'},'Time':{'type':'timestamp'}}}";

struct asked {
    struct protocol_case opened;
    struct proto_request request;
    struct err err;
    int result;
};

static char *quoted(const char *text)
{
    char *copy = mem_strdup(text);
    for (char *at = copy; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    return copy;
}

static void open_as(struct asked *asked, const char *name, const char *protocol)
{
    char *text = mem_printf(service, protocol), *json = quoted(text);
    memset(asked, 0, sizeof *asked);
    protocol_service_open(&asked->opened, name, json);
    proto_request_init(&asked->request);
    mem_free(json);
    mem_free(text);
}

static void close_as(struct asked *asked)
{
    proto_request_clear(&asked->request);
    protocol_case_close(&asked->opened);
}

static void ask_json(struct asked *asked, const char *operation, const json_t *params)
{
    err_clear(&asked->err);
    protocol_case_operation(&asked->opened, operation);
    asked->result = proto_encode(asked->opened.model, asked->opened.operation, params,
                                 &asked->request, &asked->err);
}

/* Parameters with ' for ". */
static void ask(struct asked *asked, const char *operation, const char *params)
{
    char *text = quoted(params);
    json_t *given = json_parse(text, strlen(text), &asked->err);
    if (given == NULL)
        fail_msg("%s: %s", params, asked->err.message);
    ask_json(asked, operation, given);
    json_decref(given);
    mem_free(text);
}

static const char *header_of(const struct asked *asked, const char *name)
{
    for (size_t i = 0; i < asked->request.header_count; i++) {
        if (strcasecmp(proto_request_header_name(&asked->request, i), name) == 0)
            return proto_request_header_value(&asked->request, i);
    }
    return NULL;
}

static void expect_body(struct asked *asked, const char *body)
{
    char *text = quoted(body);
    assert_int_equal(asked->result, 0);
    assert_string_equal(buf_text(&asked->request.body), text);
    mem_free(text);
}

/* An empty Lua table may be any of the three. */
static void test_empty_containers(void **state)
{
    struct asked asked;
    (void)state;
    open_as(&asked, "x", "json");
    ask(&asked, "Body", "{'Token':'t','List':{},'Map':[],'Inner':[]}");
    expect_body(&asked, "{'List':[],'Map':{},'Inner':{},'Token':'t'}");
    close_as(&asked);
    open_as(&asked, "x", "query");
    ask(&asked, "Body", "{'Token':'t','List':{},'Map':[],'Inner':[]}");
    expect_body(&asked, "Action=Body&Version=2012-06-01&List=&Token=t");
    close_as(&asked);
    open_as(&asked, "x", "ec2");
    ask(&asked, "Body", "{'Token':'t','List':{},'Inner':[]}");
    expect_body(&asked, "Action=Body&Version=2012-06-01&Token=t");
    close_as(&asked);
    open_as(&asked, "x", "rest-xml");
    ask(&asked, "Body", "{'Token':'t','List':{},'Map':[],'Inner':[]}");
    expect_body(&asked, "<BodyInput><List></List><Map></Map><Inner></Inner>"
                        "<Token>t</Token></BodyInput>");
    close_as(&asked);
}

/* Equal parameters give equal bytes, whatever the order in a script's table. */
static void test_order(void **state)
{
    struct asked asked;
    (void)state;
    open_as(&asked, "x", "json");
    ask(&asked, "Body", "{'Token':'t','Text':'x','List':['a']}");
    expect_body(&asked, "{'List':['a'],'Text':'x','Token':'t'}");
    ask(&asked, "Body", "{'List':['a'],'Token':'t','Text':'x'}");
    expect_body(&asked, "{'List':['a'],'Text':'x','Token':'t'}");
    close_as(&asked);
}

static void test_values(void **state)
{
    struct asked asked;
    (void)state;
    open_as(&asked, "x", "json");
    ask(&asked, "Body", "{'Token':'t','Time':'2014-04-29T18:30:38Z','Number':9007199254740993}");
    expect_body(&asked, "{'Time':1398796238,'Number':9007199254740993,'Token':'t'}");
    ask(&asked, "Body", "{'Token':'t','Time':'2014-04-29T20:30:38.500+02:00','Number':5.0}");
    expect_body(&asked, "{'Time':1398796238.5,'Number':5,'Token':'t'}");
    ask(&asked, "Body", "{'Token':'t','Time':'yesterday'}");
    assert_int_equal(asked.result, -1);
    assert_int_equal(asked.err.kind, ERR_PARAM);
    ask(&asked, "Body", "{'Token':'t','Time':1e300}");
    assert_int_equal(asked.result, -1);
    close_as(&asked);
    open_as(&asked, "x", "query");
    ask(&asked, "Body", "{'Token':'t','Time':1398796238.25,'Text':'a b+c&d=é'}");
    expect_body(&asked, "Action=Body&Version=2012-06-01&Time=2014-04-29T18%3A30%3A38.250000Z"
                        "&Text=a+b%2Bc%26d%3D%C3%A9&Token=t");
    close_as(&asked);
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        const char *written; /* NULL: refused */
    } times[] = {
        {"2014-04-29T18:30:38Z", "1398796238"},
        {"2014-04-29T18:30:38", "1398796238"},
        {"2014-04-29t18:30:38.1239z", "1398796238.123"},
        {"2014-04-29 18:30:38,5 +00:00", "1398796238.5"},
        {"2014-04-29T18:30Z", "1398796200"},
        {"2014-04-29T20:30:38+0200", "1398796238"},
        {"2014-04-29T16:30:38-02", "1398796238"},
        {"2014-04-29", "1398729600"},
        {"20140429T183038Z", "1398796238"},
        {"Tue, 29 Apr 2014 18:30:38 GMT", "1398796238"},
        {"Tue, 29 Apr 2014 18:30:38.25 GMT", "1398796238.25"},
        {"1 Jan 1970 00:00:00 UTC", "0"},
        {"Tuesday, 29-Apr-2014 18:30:38 GMT", "1398796238"},
        {" 1398796238", "1398796238"},
        {"1398796238.5", "1398796238.5"},
        {"-0.25", "-0.25"},
        {"1969-12-31T23:59:58.5Z", "-1.5"},
        {"0.9999999", "1"},
        {"0001-01-01T00:00:00Z", "-62135596800"},
        {"9999-12-31T23:59:59Z", "253402300799"},
        {"9999-12-31T23:59:59-01:00", NULL},
        {"2000-02-29T00:00:00Z", "951782400"},
        {"2014-13-01T00:00:00Z", NULL},
        {"2014-04-32T00:00:00Z", NULL},
        {"2014-04-29T25:00:00Z", NULL},
        {"2014-04-29T18:30:38+25:00", NULL},
        {"2014-04-29T18:30:38X", NULL},
        {"2014-04-29T18", NULL},
        {"29 Foo 2014 18:30:38 GMT", NULL},
        {"29 Apr", NULL},
        {"Tue,", NULL},
        {"1e", NULL},
        {"", NULL},
    };
    struct asked asked;
    (void)state;
    open_as(&asked, "x", "json");
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char *wanted = mem_printf("{\"Time\":%s,\"Token\":\"t\"}",
                                  times[i].written != NULL ? times[i].written : "-");
        json_t *params = json_pack("{s:s,s:s}", "Token", "t", "Time", times[i].text);
        ask_json(&asked, "Body", params);
        if (times[i].written != NULL)
            assert_string_equal(buf_text(&asked.request.body), wanted);
        else
            assert_int_equal(asked.err.kind, ERR_PARAM);
        json_decref(params);
        mem_free(wanted);
    }
    close_as(&asked);
}

/* Generated again for each call, and kept if it is given. */
static void test_tokens(void **state)
{
    struct asked asked;
    (void)state;
    open_as(&asked, "x", "json");
    ask_json(&asked, "Body", NULL);
    char *first = mem_strdup(buf_text(&asked.request.body));
    ask_json(&asked, "Body", NULL);
    assert_string_not_equal(first, buf_text(&asked.request.body));
    mem_free(first);
    fix_tokens(asked.request.body.data);
    expect_body(&asked, "{'Token':'00000000-0000-4000-8000-000000000000'}");
    close_as(&asked);
}

static void test_url(void **state)
{
    struct asked asked;
    (void)state;
    open_as(&asked, "s3", "rest-xml");
    ask(&asked, "Parts", "{'Bucket':'b','Key':'../a//b c+d%é/','Host':'h-1'}");
    assert_int_equal(asked.result, 0);
    assert_string_equal(buf_text(&asked.request.path), "/b/../a//b%20c%2Bd%25%C3%A9/");
    assert_string_equal(buf_text(&asked.request.query), "parts");
    assert_string_equal(asked.request.host_prefix, "h-1.");
    assert_string_equal(asked.request.bucket, "b");
    ask(&asked, "Parts", "{'Bucket':'b','Key':'','Host':'h'}");
    assert_int_equal(asked.err.kind, ERR_PARAM);
    assert_non_null(strstr(asked.err.message, "Key"));
    ask(&asked, "Parts", "{'Bucket':'b','Key':'k','Host':'evil.example/'}");
    assert_int_equal(asked.err.kind, ERR_PARAM);
    assert_non_null(strstr(asked.err.message, "Host"));
    close_as(&asked);
}

static void expect_refused(struct asked *asked, const char *params, enum err_kind kind)
{
    ask(asked, "Parts", params);
    assert_int_equal(asked->result, -1);
    assert_int_equal(asked->err.kind, kind);
}

static void test_headers(void **state)
{
    struct asked asked;
    (void)state;
    open_as(&asked, "s3", "rest-xml");
    ask(&asked, "Parts",
        "{'Bucket':'b','Key':'k','Host':'h','Meta':{'a':'1','b':'é'},'Data':'\\u0000x'}");
    assert_int_equal(asked.result, 0);
    assert_string_equal(header_of(&asked, "x-meta-b"), "é");
    assert_string_equal(header_of(&asked, "Content-Type"), "application/octet-stream");
    assert_string_equal(header_of(&asked, "Content-MD5"), "QJq+kPYTbin89q9BaVDNag==");
    assert_int_equal(asked.request.body.len, 2);
    ask(&asked, "Parts", "{'Bucket':'b','Key':'k','Host':'h','Sum':'mine'}");
    assert_null(header_of(&asked, "Content-MD5"));
    expect_refused(&asked, "{'Bucket':'b','Key':'k','Host':'h','Header':'a\\r\\nEvil: b'}",
                   ERR_PARAM);
    expect_refused(&asked, "{'Bucket':'b','Key':'k','Host':'h','Header':'a\\u0000b'}", ERR_PARAM);
    expect_refused(&asked, "{'Bucket':'b','Key':'k','Host':'h','Meta':{'a b':'c'}}", ERR_PARAM);
    expect_refused(&asked, "{'Bucket':'b','Key':'k','Host':'h','Meta':{'a:b\\n':'c'}}", ERR_PARAM);
    close_as(&asked);
}

static void test_limits(void **state)
{
    struct asked asked;
    char name[16];
    (void)state;
    open_as(&asked, "s3", "rest-xml");
    json_t *params = json_pack("{s:s,s:s,s:s}", "Bucket", "b", "Key", "k", "Host", "h");
    json_t *meta = json_object();
    for (int i = 0; i < PROTO_MAX_HEADERS; i++) {
        snprintf(name, sizeof name, "m%d", i);
        json_object_set_new(meta, name, json_string("v"));
    }
    json_object_set_new(params, "Meta", meta);
    ask_json(&asked, "Parts", params);
    assert_int_equal(asked.err.kind, ERR_LIMIT);
    json_object_del(params, "Meta");
    char *big = mem_alloc(PROTO_MAX_REQUEST + 1);
    memset(big, 'x', PROTO_MAX_REQUEST);
    json_object_set_new(params, "Data", json_stringn_nocheck(big, PROTO_MAX_REQUEST - 1));
    ask_json(&asked, "Parts", params);
    assert_int_equal(asked.result, 0);
    json_object_set_new(params, "Data", json_stringn_nocheck(big, PROTO_MAX_REQUEST + 1));
    ask_json(&asked, "Parts", params);
    assert_int_equal(asked.err.kind, ERR_LIMIT);
    json_decref(params);
    mem_free(big);
    close_as(&asked);
}

static void test_special_cases(void **state)
{
    struct asked asked;
    (void)state;
    open_as(&asked, "route53", "rest-xml");
    ask(&asked, "Id", "{'Id':'/hostedzone/Z1'}");
    assert_string_equal(buf_text(&asked.request.path), "/zone/Z1");
    close_as(&asked);
    open_as(&asked, "x", "rest-xml");
    ask(&asked, "Id", "{'Id':'/hostedzone/Z1'}");
    assert_string_equal(buf_text(&asked.request.path), "/zone/%2Fhostedzone%2FZ1");
    ask(&asked, "Stream", "{}");
    assert_int_equal(asked.err.kind, ERR_PARAM);
    close_as(&asked);
    open_as(&asked, "s3", "rest-xml");
    ask(&asked, "Copy", "{'CopySource':'b/a b?versionId=v+1'}");
    assert_string_equal(header_of(&asked, "x-amz-copy-source"), "b/a%20b?versionId=v+1");
    close_as(&asked);
    open_as(&asked, "apigateway", "rest-json");
    ask(&asked, "Id", "{'Id':'a'}");
    assert_string_equal(header_of(&asked, "Accept"), "application/json");
    close_as(&asked);
    open_as(&asked, "glacier", "rest-json");
    ask(&asked, "Id", "{'Id':'a'}");
    assert_string_equal(header_of(&asked, "x-amz-glacier-version"), "2012-06-01");
    close_as(&asked);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_containers), cmocka_unit_test(test_order),
        cmocka_unit_test(test_values),           cmocka_unit_test(test_times),
        cmocka_unit_test(test_tokens),           cmocka_unit_test(test_url),
        cmocka_unit_test(test_headers),          cmocka_unit_test(test_limits),
        cmocka_unit_test(test_special_cases),
    };
    mem_install();
    return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
