/* Secrets in bodies, forms and queries: recordings contain none, and everything else is unchanged.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "net/recording/redaction.h"
#include "net/recording/redaction_names.h"
#include "net/recording/redaction_text.h"

static void check_redaction(const char *body, const char *expected)
{
    struct buf out;
    struct redaction redaction;
    buf_init(&out, 1 << 16);
    redaction_begin(&redaction, NULL, true, "the-token");
    redaction_body(&redaction, &out, body, strlen(body));
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

static void test_secrets_of_json(void **state)
{
    (void)state;
    check_redaction("{ \"a\": 1.50 }", "{ \"a\": 1.50 }"); /* byte for byte */
    check_redaction(
        "{\"SecretString\":\"s\",\"n\":[1,{\"secretAccessKey\":\"k\",\"accessKeyId\":\"i\"}]}",
        "{\"SecretString\":\"MASKED\",\"n\":[1,{\"secretAccessKey\":\"MASKED\","
        "\"accessKeyId\":\"MASKED\"}]}");
    check_redaction("{\"AccessKeyId\":\"AKIDLISTED\"}", "{\"AccessKeyId\":\"AKIDLISTED\"}");
    check_redaction("{\"Environment\":{\"Variables\":{\"A\":\"x\",\"B\":\"y\"}},\"Name\":\"f\"}",
                    "{\"Environment\":{\"Variables\":{\"A\":\"MASKED\",\"B\":\"MASKED\"}},"
                    "\"Name\":\"f\"}");
    check_redaction("{\"environment\":[{\"name\":\"A\",\"value\":\"x\"}]}",
                    "{\"environment\":[{\"name\":\"A\",\"value\":\"MASKED\"}]}");
    check_redaction(
        "{\"environment\":{\"name\":\"A\"},\"PreSharedKey\":\"k\",\"PreCoPassword\":\"p\"}",
        "{\"environment\":{\"name\":\"MASKED\"},\"PreSharedKey\":\"MASKED\","
        "\"PreCoPassword\":\"MASKED\"}");
    check_redaction("{\"Tags\":{\"environment\":\"test\"}}",
                    "{\"Tags\":{\"environment\":\"test\"}}");
    check_redaction("{\"Parameters\":[{\"Type\":\"SecureString\",\"Value\":\"s\"},"
                    "{\"Type\":\"String\",\"Value\":\"v\"}]}",
                    "{\"Parameters\":[{\"Type\":\"SecureString\",\"Value\":\"MASKED\"},"
                    "{\"Type\":\"String\",\"Value\":\"v\"}]}");
    check_redaction("{\"NextToken\":\"page\"}", "{\"NextToken\":\"page\"}");
    check_redaction("{\"Password\":\"x\",", RECORDED_SECRET); /* cut off */
    check_redaction("{\"Name\":\"x\",", "{\"Name\":\"x\",");
}

static void test_secrets_of_xml(void **state)
{
    (void)state;
    check_redaction("<?xml version=\"1.0\"?>\n<R><Name>n</Name><SecretAccessKey>k</SecretAccessKey>"
                    "<AccessKeyId>i</AccessKeyId></R>\n",
                    "<?xml version=\"1.0\"?>\n<R><Name>n</Name><SecretAccessKey>MASKED"
                    "</SecretAccessKey><AccessKeyId>MASKED</AccessKeyId></R>\n");
    check_redaction("<R><AccessKeyId>listed</AccessKeyId></R>",
                    "<R><AccessKeyId>listed</AccessKeyId></R>");
    check_redaction("<R><userData>\n <value>c2VjcmV0</value>\n</userData><n>1</n></R>",
                    "<R><userData>\n <value>MASKED</value>\n</userData><n>1</n></R>");
    check_redaction("<R><Password/><Name>n</Name></R>", "<R><Password/><Name>n</Name></R>");
    check_redaction("<R><KeyMaterial a=\"b\"><![CDATA[<secret>]]></KeyMaterial><n>1</n></R>",
                    "<R><KeyMaterial a=\"b\">MASKED</KeyMaterial><n>1</n></R>");
    check_redaction("<R><Secret><SecretString>a</SecretString><More>b</More></Secret><n>1</n></R>",
                    "<R><Secret><SecretString>MASKED</SecretString><More>MASKED</More></Secret>"
                    "<n>1</n></R>");
    check_redaction("<R><Password>cut off", "<R><Password>MASKED");
    check_redaction("<", "<");
    check_redaction("<R", "<R");
}

static void test_secrets_within_texts(void **state)
{
    (void)state;
    check_redaction("{\"Location\":\"https://b/?X-Amz-Security-Token=abc%2F&X-Amz-Date=1"
                    "&X-Amz-Signature=0f\"}",
                    "{\"Location\":\"https://b/?X-Amz-Security-Token=MASKED&X-Amz-Date=1"
                    "&X-Amz-Signature=MASKED\"}");
    check_redaction("{\"m\":\"POST\\nx-amz-security-token:abc\\nhost\"}",
                    "{\"m\":\"POST\\nx-amz-security-token:MASKED\\nhost\"}");
    check_redaction("<E><StringToSign>AWS4</StringToSign><m>the-token!</m></E>",
                    "<E><StringToSign>MASKED</StringToSign><m>MASKED!</m></E>");
    check_redaction("", "");
    check_redaction("x", "x");
}

static void check_form(const char *form, const char *expected)
{
    struct buf out;
    struct redaction redaction;
    buf_init(&out, 1 << 16);
    redaction_begin(&redaction, NULL, false, NULL);
    redaction_form(&redaction, &out, form, strlen(form));
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

static void test_secrets_of_forms(void **state)
{
    (void)state;
    check_form("Action=AssumeRole&RoleSessionName=engine-1&RoleArn=a&ExternalId=x",
               "Action=AssumeRole&RoleArn=a");
    check_form("RoleSessionName=engine-1", "");
    check_form("MasterUserPassword=p&User.1.Password=q&X-Amz-Signature=s&list-type=2",
               "MasterUserPassword=MASKED&User.1.Password=MASKED&X-Amz-Signature=MASKED"
               "&list-type=2");
    check_form("InstanceId=i-1&UserData.Value=dXNlcg%3D%3D&Environment.Variables.1.value=v",
               "InstanceId=i-1&UserData.Value=MASKED&Environment.Variables.1.value=MASKED");
    check_form("Filter.1.Name=password&.=x&a.=y", "Filter.1.Name=password&.=x&a.=y");
    check_form("policy", "policy");
    check_form("password&&a=", "password&&a=");
    check_form("", "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets_of_json),
        cmocka_unit_test(test_secrets_of_xml),
        cmocka_unit_test(test_secrets_within_texts),
        cmocka_unit_test(test_secrets_of_forms),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
