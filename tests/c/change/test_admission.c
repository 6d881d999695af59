/* REPAIR: the forms that it accepts, the names in it, and which checks it admits in which account.
 * */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "change/admission_internal.h"
#include "change/admission_names.h"
#include "policy/finding.h"
#include "value/json.h"

#define HERE "111122223333"
#define THERE "444455556666"
#define UNIT "ou-abcd-12345678"

static struct policy policies[2];
static const struct policy *all_policies[] = {&policies[0], &policies[1]};
static struct evaluator evaluator;
static struct settings settings;

static const struct policy *find(void *self, const char *type_or_alias)
{
    (void)self;
    if (strcmp(type_or_alias, "s3") == 0 || strcmp(type_or_alias, "s3_bucket") == 0)
        return &policies[1];
    return strcmp(type_or_alias, "ec2") == 0 ? &policies[0] : NULL;
}

static const struct policy *const *all(void *self, size_t *count)
{
    (void)self;
    *count = 2;
    return all_policies;
}

static int set_up(void **state)
{
    (void)state;
    policies[0] = (struct policy){
        .type = "ec2",
        .meta = json_loads("{\"checks\":[{\"id\":\"ec2.imdsv1\",\"impact\":\"interrupts\"},"
                           "{\"id\":\"ec2.tags\",\"impact\":\"stops\"},"
                           "{\"id\":\"ec2.end\",\"impact\":\"destroys\"},"
                           "{\"id\":\"ec2.untold\"}]}",
                           0, NULL)};
    policies[1] = (struct policy){
        .type = "s3_bucket",
        .meta = json_loads("{\"aliases\":[\"s3\"],\"checks\":[{\"id\":\"s3_bucket.tls\","
                           "\"impact\":\"none\"}]}",
                           0, NULL)};
    evaluator = (struct evaluator){.find = find, .all = all};
    settings = (struct settings){.for_policies = json_object()};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref((json_t *)(uintptr_t)policies[0].meta);
    json_decref((json_t *)(uintptr_t)policies[1].meta);
    json_decref(settings.for_policies);
    return 0;
}

static struct admission *admit(const char *text)
{
    struct err err = {0};
    settings.repair = (char *)(uintptr_t)text;
    struct admission *admission = admission_new(&settings, &err);
    if (admission == NULL || admission_resolve(admission, &evaluator, false, &err) != 0)
        fail_msg("%s: %s", text, err.message);
    return admission;
}

static char *refusal(const struct admission *admission, const struct policy *policy,
                     const char *check, const char *account)
{
    return admission_refusal(admission, policy, check, finding_check_meta(policy, check), account);
}

/* The checks that are admitted in the account: "ec2.imdsv1 s3_bucket.tls". */
static void admits(const char *text, const char *account, const char *expected)
{
    struct buf found;
    struct admission *admission = admit(text);
    buf_init(&found, 4096);
    for (size_t i = 0; i < 2; i++) {
        size_t j;
        json_t *check;
        json_array_foreach (json_object_get(policies[i].meta, "checks"), j, check) {
            const char *id = json_get_string(check, "id", "");
            char *why = refusal(admission, &policies[i], id, account);
            if (why == NULL)
                buf_addf(&found, "%s%s", found.len > 0 ? " " : "", id);
            else
                assert_ptr_equal(strstr(why, "not in REPAIR"), why);
            mem_free(why);
        }
    }
    assert_string_equal(buf_text(&found), expected);
    buf_clear(&found);
    admission_free(admission);
}

#define EVERYTHING "ec2.imdsv1 ec2.tags ec2.end ec2.untold s3_bucket.tls"

static void test_forms(void **state)
{
    (void)state;
    admits(NULL, HERE, "ec2.imdsv1 ec2.untold s3_bucket.tls");
    admits("all", HERE, EVERYTHING);
    admits("ec2.tags", HERE, "ec2.tags");
    admits(" s3.tls , ec2.tags ", HERE, "ec2.tags s3_bucket.tls");
    admits("ec2", HERE, "ec2.imdsv1 ec2.tags ec2.end ec2.untold");
    admits("s3", HERE, "s3_bucket.tls");
    admits("{\"*\":[\"all\"]}", HERE, EVERYTHING);
    admits("{\"*\":\"all\"}", HERE, EVERYTHING);
    admits("{}", HERE, "");
}

/* The account's own list, even an empty one, takes precedence over "*"; an account that is not
 * named is not repaired. */
static void test_accounts(void **state)
{
    static const char both[] = "{\"*\":[\"s3_bucket\"],\"" HERE "\":[\"ec2.tags\",\"ec2.tags\"]}";
    (void)state;
    admits(both, HERE, "ec2.tags");
    admits(both, THERE, "s3_bucket.tls");
    admits("{\"" HERE "\":[]}", HERE, "");
    admits("{\"*\":\"all\",\"" HERE "\":[]}", HERE, "");
    admits("{\"" HERE "\":[\"s3\"]}", THERE, "");
}

static void test_files(void **state)
{
    char path[] = "/tmp/test_admission.XXXXXX", word[sizeof path + 1];
    int file = mkstemp(path);
    (void)state;
    assert_true(file >= 0 && dprintf(file, "ec2.tags\n") > 0);
    snprintf(word, sizeof word, "@%s", path);
    admits(word, HERE, "ec2.tags");
    assert_int_equal(unlink(path), 0);
    close(file);
}

static void refuses(const char *text, const char *message)
{
    struct err err = {0};
    settings.repair = (char *)(uintptr_t)text;
    struct admission *admission = admission_new(&settings, &err);
    if (admission != NULL && admission_resolve(admission, &evaluator, false, &err) == 0)
        fail_msg("%s is taken", text);
    assert_int_equal(err.kind, ERR_USAGE);
    if (strstr(err.message, message) == NULL || strstr(err.message, "--repair (REPAIR)") == NULL)
        fail_msg("\"%s\" instead of \"%s\"", err.message, message);
    admission_free(admission);
}

static void test_refusals(void **state)
{
    (void)state;
    refuses("ec2.tag", "there is no check or type \"ec2.tag\", did you mean \"ec2.tags\"?");
    refuses("ecs2", "there is no check or type \"ecs2\", did you mean \"ec2\"?");
    refuses("al", "did you mean \"all\"?");
    refuses("ec2,nonsense", "there is no check or type \"nonsense\" (engine generate checks lists "
                            "them, with their controls; --policies names folders of your own)");
    refuses("{\"*\":[\"ec2.tagz\"]}", "did you mean \"ec2.tags\"?");
    refuses("{\"*\":[7]}", "the value of \"*\" must be a list of checks and types");
    refuses("{\"*\":true}", "the value of \"*\" must be a list of checks and types");
    refuses("{\"prod\":[]}", "\"prod\" is not an account id, an organizational unit");
    refuses("{\"ou-x\":[]}", "\"ou-x\" is not an account id");
    refuses("{\"" UNIT "\":[]}", "ORGANIZATION_ACCOUNT");
    refuses("@/no/such/file", "the file '/no/such/file' cannot be read");
}

static void test_json(void **state)
{
    struct err err = {0};
    (void)state;
    settings.repair = (char *)(uintptr_t) "{\"*\":";
    assert_null(admission_new(&settings, &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

/* With one policy file, the names of others are unknown, and they admit no repair. */
static void test_single_policy(void **state)
{
    struct err err = {0};
    (void)state;
    settings.repair = (char *)(uintptr_t) "sqs.public,ec2.tags";
    struct admission *admission = admission_new(&settings, &err);
    assert_int_equal(admission_resolve(admission, &evaluator, true, &err), 0);
    assert_null(refusal(admission, &policies[0], "ec2.tags", HERE));
    admission_free(admission);
    settings.repair = (char *)(uintptr_t) "ec2.tagz";
    admission = admission_new(&settings, &err);
    assert_int_equal(admission_resolve(admission, &evaluator, true, &err), -1);
    admission_free(admission);
}

/* Before the units are listed, "*" admits nothing: the account may be in a unit. */
static void test_units(void **state)
{
    static const char text[] = "{\"*\":\"all\",\"" UNIT "\":[\"s3\"],\"" THERE "\":[\"ec2.tags\"]}";
    (void)state;
    json_object_set_new(settings.for_policies, "organization_account", json_string(HERE));
    admits(text, HERE, "");
    admits(text, THERE, "ec2.tags");
    struct admission *admission = admit(text);
    char *why = refusal(admission, &policies[0], "ec2.tags", HERE);
    assert_non_null(strstr(why, "could not be listed"));
    mem_free(why);
    admission->unreadable = false;
    json_object_set_new(admission->units, HERE, json_string(UNIT));
    assert_null(refusal(admission, &policies[1], "s3_bucket.tls", HERE));
    why = refusal(admission, &policies[0], "ec2.tags", HERE);
    assert_non_null(why);
    mem_free(why);
    assert_null(refusal(admission, &policies[0], "ec2.end", "777788889999"));
    admission_free(admission);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_accounts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_json, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_single_policy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_units, set_up, tear_down),
    };
    mem_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
