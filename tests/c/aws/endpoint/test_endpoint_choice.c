/* What chooses endpoints, as a recording keeps it and a replay uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/endpoint/endpoint_choice.h"
#include "base/mem.h"
#include "value/json.h"

static json_t *parsed(const char *text)
{
    json_t *value = json_parse(text, strlen(text), NULL);
    assert_non_null(value);
    return value;
}

static void expect(json_t *value, const char *text)
{
    char *found = json_text_canonical(value);
    assert_string_equal(found, text);
    mem_free(found);
    json_decref(value);
}

static char *given[] = {(char[]){"PATH=/bin"},
                        (char[]){"AWS_ENDPOINT_URL=http://10.0.0.1:5000/b@se?token=x"},
                        (char[]){"AWS_ENDPOINT_URL_S3=https://s3.here#me"},
                        (char[]){"AWS_ENDPOINT_URL_EC2=http://me:pass@word@10.0.0.1:5000/base"},
                        (char[]){"AWS_ENDPOINT_URL_IAM=http://me:pass?w@10.0.0.1"},
                        (char[]){"AWS_ENDPOINT_URL_KMS=http://me:pass/w@10.0.0.1"},
                        (char[]){"AWS_ENDPOINT_URL_STS=me:pass@10.0.0.1"},
                        (char[]){"AWS_ENDPOINT_URL_SQS="},
                        (char[]){"AWS_ENDPOINT_URLS=http://other"},
                        (char[]){"AWS_USE_FIPS_ENDPOINT=true"},
                        (char[]){"AWS_SECRET_ACCESS_KEY=hidden"},
                        NULL};

static void test_what_is_kept(void **state)
{
    json_t *profile = parsed("{\"region\":\"us-east-1\",\"endpoint_url\":\"http://u:p@all\","
                             "\"aws_access_key_id\":\"hidden\",\"services\":{\"sqs\":{"
                             "\"endpoint_url\":\"http://own/x\",\"more\":\"1\"},\"s3\":{}}}");
    (void)state;
    expect(endpoint_choice(given, profile),
           "{\"profile\":{\"endpoint_url\":\"http://@\","
           "\"services\":{\"sqs\":{\"endpoint_url\":\"http://own/x\"}}},"
           "\"variables\":{\"AWS_ENDPOINT_URL\":\"http://10.0.0.1:5000/b@se\","
           "\"AWS_ENDPOINT_URL_EC2\":\"http://@\",\"AWS_ENDPOINT_URL_IAM\":\"http://@\","
           "\"AWS_ENDPOINT_URL_KMS\":\"http://@\",\"AWS_ENDPOINT_URL_S3\":\"https://s3.here\","
           "\"AWS_ENDPOINT_URL_STS\":\"http://@\",\"AWS_USE_FIPS_ENDPOINT\":\"true\"}}");
    expect(endpoint_choice(NULL, NULL), "{\"profile\":{},\"variables\":{}}");
    json_decref(profile);
}

static void test_it_replaces_what_there_is(void **state)
{
    json_t *profile = parsed("{\"region\":\"us-east-1\",\"endpoint_url\":\"http://mine\","
                             "\"use_fips_endpoint\":\"true\",\"services\":{}}");
    json_t *none = NULL, *empty = parsed("{\"variables\":{},\"profile\":{}}");
    json_t *choice = parsed("{\"variables\":{\"AWS_ENDPOINT_URL_SQS\":\"http://there\","
                            "\"LD_AUDIT\":\"x\",\"AWS_USE_FIPS_ENDPOINT\":7},"
                            "\"profile\":{\"endpoint_url\":\"http://all\",\"region\":\"x\"}}");
    (void)state;
    setenv("AWS_ENDPOINT_URL", "http://mine", 1);
    endpoint_choice_use(choice, environ, &profile);
    assert_null(getenv("AWS_ENDPOINT_URL"));
    assert_null(getenv("LD_AUDIT"));
    assert_null(getenv("AWS_USE_FIPS_ENDPOINT"));
    assert_string_equal(getenv("AWS_ENDPOINT_URL_SQS"), "http://there");
    expect(profile, "{\"endpoint_url\":\"http://all\",\"region\":\"us-east-1\"}");
    endpoint_choice_use(empty, environ, &none);
    assert_null(getenv("AWS_ENDPOINT_URL_SQS"));
    assert_null(none);
    endpoint_choice_use(choice, environ, &none);
    expect(none, "{\"endpoint_url\":\"http://all\"}");
    unsetenv("AWS_ENDPOINT_URL_SQS");
    json_decref(choice);
    json_decref(empty);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_is_kept),
                                              cmocka_unit_test(test_it_replaces_what_there_is)};
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
