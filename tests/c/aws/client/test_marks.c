/* What the API models mark as secret, in recordings of requests and responses: with the real
 * models, and one of our own that has every type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/client/marks.h"
#include "aws/model/model_open.h"
#include "aws/model_compiler/compile.h"
#include "aws/protocol/protocol.h"
#include "aws/protocol/request.h"
#include "base/mem.h"
#include "net/recording/recorded_exchange.h"
#include "net/recording/redaction.h"
#include "net/recording/redaction_names.h"
#include "support/models.h"
#include "value/json.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct sample {
    const char *service, *operation;
    const char *given, *left;
};

static char *redacted(struct model_set *set, const struct sample *sample, bool answer)
{
    const struct model *model = must_open(set, sample->service);
    const struct redaction_marks marks = marks_of(model, must_find(model, sample->operation));
    struct redaction redaction;
    struct buf out;
    buf_init(&out, 1 << 16);
    redaction_begin(&redaction, &marks, answer, NULL);
    redaction_body(&redaction, &out, sample->given, strlen(sample->given));
    redaction_end(&redaction);
    char *text = mem_strdup(buf_text(&out));
    buf_clear(&out);
    return text;
}

static void check(struct model_set *set, const struct sample *sample, bool answer)
{
    char *text = redacted(set, sample, answer);
    assert_string_equal(text, sample->left);
    mem_free(text);
}

static void test_answers(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        /* No name on our list shows that these are secrets. */
        {"organizations", "DescribeAccount",
         "{\"Account\":{\"Id\":\"1\",\"Email\":\"a@b\",\"Name\":\"n\",\"JoinedTimestamp\":1}}",
         "{\"Account\":{\"Id\":\"1\",\"Email\":\"MASKED\",\"Name\":\"MASKED\","
         "\"JoinedTimestamp\":1}}"},
        /* By their position: a tag has a name and a value as well. */
        {"ecs", "DescribeTaskDefinition",
         "{\"taskDefinition\":{\"containerDefinitions\":[{\"name\":\"web\",\"dockerLabels\":{"
         "\"value\":\"l\"}}]},\"tags\":[{\"key\":\"value\",\"value\":\"t\"}]}",
         "{\"taskDefinition\":{\"containerDefinitions\":[{\"name\":\"web\",\"dockerLabels\":{"
         "\"value\":\"l\"}}]},\"tags\":[{\"key\":\"value\",\"value\":\"t\"}]}"},
        /* Bytes stay bytes, so that the replay can read them. */
        {"iam", "ListVirtualMFADevices",
         "<R><member><SerialNumber>s</SerialNumber><Base32StringSeed>c2VlZA=="
         "</Base32StringSeed></member></R>",
         "<R><member><SerialNumber>s</SerialNumber><Base32StringSeed>TUFTS0VE"
         "</Base32StringSeed></member></R>"},
        {"sqs", "ListQueues", "{ \"QueueUrls\": [\"u\"] }", "{ \"QueueUrls\": [\"u\"] }"},
        {"pipes", "ListPipes", "{\"NextToken\":\"n\"}", "{\"NextToken\":\"n\"}"},
        /* The body is the secret. */
        {"lambda", "Invoke", "{\"a\":1}", "MASKED"},
    };
    struct model_set *set = real_models();
    for (size_t i = 0; i < COUNT(samples); i++)
        check(set, &samples[i], true);
    model_set_free(set);
}

static void test_every_type(void **state)
{
    (void)state;
    static const struct sample vault = {
        "sqs", "DescribeVault",
        "{\"Label\":\"l\",\"Number\":7,\"Bytes\":\"Ynl0ZXM=\",\"Flag\":true,\"Time\":1.5,"
        "\"Variables\":{\"A\":\"x\"},\"Pairs\":[{\"Name\":\"n\",\"Value\":\"v\",\"More\":null}],"
        "\"Box\":{\"Label\":\"l\",\"Number\":1},\"Marked\":\"m\"}",
        "{\"Label\":\"l\",\"Number\":0,\"Bytes\":\"TUFTS0VE\",\"Flag\":false,\"Time\":0.0,"
        "\"Variables\":{\"A\":\"MASKED\"},\"Pairs\":[{\"Name\":\"n\",\"Value\":\"MASKED\","
        "\"More\":null}],\"Box\":{\"Label\":\"MASKED\",\"Number\":0},\"Marked\":\"MASKED\"}"};
    char *folder = scratch_folder();
    struct models_report report;
    struct err err = {0};
    if (models_compile("tests/fixtures/host/service-2.json", folder, "sqs", &report, &err) != 0)
        fail_msg("%s", err.message);
    struct model_set *set = model_set_new(folder);
    check(set, &vault, true);
    model_set_free(set);
    scratch_remove(folder);
}

/* The request as a recording contains it. */
static void asks(const char *service, const char *operation, const char *params,
                 const char *expected)
{
    struct err err = {0};
    struct model_set *set = real_models();
    const struct model *model = must_open(set, service);
    struct proto_request encoded;
    json_t *given = json_parse(params, strlen(params), &err);
    proto_request_init(&encoded);
    if (proto_encode(model, must_find(model, operation), given, &encoded, &err) != 0)
        fail_msg("%s", err.message);
    const struct redaction_marks marks = marks_of(model, must_find(model, operation));
    char *url =
        mem_printf("https://x.example%s?%s", buf_text(&encoded.path), buf_text(&encoded.query));
    struct http_header type = {"content-type", proto_request_header_value(&encoded, 0)};
    struct http_request request = {.method = "POST",
                                   .url = url,
                                   .headers = &type,
                                   .header_count = encoded.header_count > 0,
                                   .body = encoded.body.data,
                                   .body_length = encoded.body.len,
                                   .marks = &marks};
    json_t *asked = recorded_request(&request);
    char *text = json_text(asked);
    if (strstr(text, expected) == NULL)
        fail_msg("%s", text);
    mem_free(text);
    json_decref(asked);
    mem_free(url);
    proto_request_clear(&encoded);
    json_decref(given);
    model_set_free(set);
}

static void test_requests(void **state)
{
    (void)state;
    asks("sns", "CheckIfPhoneNumberIsOptedOut", "{\"phoneNumber\":\"+15550100\"}",
         "&phoneNumber=MASKED\"");
    /* In a form, any name of a path counts: it redacts too much rather than too little. */
    asks("ec2", "ModifyInstanceAttribute",
         "{\"InstanceId\":\"i-1\",\"UserData\":{\"Value\":\"echo\"},\"InstanceType\":{\"Value\":"
         "\"t3.nano\"}}",
         "InstanceType.Value=TUFTS0VE&UserData.Value=MASKED");
    asks("cognito-idp", "DescribeRiskConfiguration", "{\"UserPoolId\":\"p\",\"ClientId\":\"c\"}",
         "\"body\":{\"UserPoolId\":\"p\",\"ClientId\":\"MASKED\"}");
    asks("iot", "GetThingConnectivityData", "{\"thingName\":\"hers\"}",
         "\"path\":\"/MASKED/GetThingConnectivityData\"");
    asks("sqs", "ListQueues", "{\"QueueNamePrefix\":\"a\"}",
         "\"body\":{\"QueueNamePrefix\":\"a\"}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_requests),
    };
    mem_install();
    return cmocka_run_group_tests_name("marks", tests, NULL, NULL);
}
