#include "settings/settings_fields.h"

#include <limits.h>
#include <string.h>

#include "settings/settings.h"

#define AT(member) offsetof(struct settings, member)

/* A day is longer than any run should wait for one resource. */
#define DAY_S 86400
#define MAX_CONCURRENCY 10000
/* A larger value would not be a limit any more. */
#define MAX_ATTEMPTS 1000
#define MAX_ROUNDS 1000

const struct field settings_fields[] = {
    {"accounts", "ACCOUNTS", FIELD_ACCOUNTS, AT(accounts), 0, 0},
    {"regions", "REGIONS", FIELD_REGIONS, AT(regions), 0, 0},
    {"types", NULL, FIELD_LIST, AT(types), 0, 0},
    {"checks", NULL, FIELD_LIST, AT(checks), 0, 0},
    {"severity", NULL, FIELD_LIST, AT(severity), 0, 0},
    {"fail-on", NULL, FIELD_LIST, AT(fail_on), 0, 0},
    {"baseline", NULL, FIELD_TEXT, AT(baseline), 0, 0},
    {"compliance", NULL, FIELD_TEXT, AT(compliance), 0, 0},
    {"account", NULL, FIELD_ACCOUNT, AT(account), 0, 0},
    {"region", NULL, FIELD_REGION, AT(region), 0, 0},
    {"profile", NULL, FIELD_TEXT, AT(profile), 0, 0},
    {"only-use-test-resources", "ONLY_USE_TEST_RESOURCES", FIELD_FLAG, AT(only_use_test_resources),
     0, 0},
    {NULL, "MASTER_REGION", FIELD_REGION, AT(master_region), 0, 0},
    {"policy", NULL, FIELD_TEXT, AT(policy), 0, 0},
    {"resource", NULL, FIELD_TEXT, AT(resource), 0, 0},
    {"sqs", NULL, FIELD_TEXT, AT(sqs), 0, 0},
    {NULL, "POLLER_SQS", FIELD_TEXT, AT(poller_sqs), 0, 0},
    {NULL, "SQS", FIELD_TEXT, AT(translator_sqs), 0, 0},
    {"stdout", NULL, FIELD_FLAG, AT(to_stdout), 0, 0},
    {NULL, "NOTIFICATION_TOPIC", FIELD_TEXT, AT(notification_topic), 0, 0},
    {NULL, "EVENT_BUS", FIELD_TEXT, AT(event_bus), 0, 0},
    {NULL, "SECURITY_HUB", FIELD_FLAG, AT(security_hub), 0, 0},
    {NULL, "REMEDIATOR_REGION", FIELD_REGION, AT(remediator_region), 0, 0},
    {NULL, "SQS_QUEUE", FIELD_TEXT, AT(sqs_queue), 0, 0},
    {NULL, "POLL_QUEUE", FIELD_TEXT, AT(poll_queue), 0, 0},
    {"format", NULL, FIELD_FORMAT, AT(format), 0, 0},
    {"output", NULL, FIELD_TEXT, AT(output), 0, 0},
    {"scope", NULL, FIELD_TEXT, AT(scope), 0, 0},
    {"all", NULL, FIELD_FLAG, AT(all), 0, 0},
    {"explain", NULL, FIELD_FLAG, AT(explain), 0, 0},
    {"steps", NULL, FIELD_FLAG, AT(steps), 0, 0},
    {"quiet", NULL, FIELD_FLAG, AT(quiet), 0, 0},
    {"log-level", NULL, FIELD_LOG_LEVEL, AT(log_level), 0, 0},
    {"log-format", "LOG_FORMAT", FIELD_LOG_FORMAT, AT(log_format), 0, 0},
    {NULL, "METRICS", FIELD_FLAG, AT(metrics), 0, 0},
    {"remediate", "REMEDIATE", FIELD_CONSENT, AT(remediate), 0, 0},
    {"dry-run", NULL, FIELD_FLAG, AT(dry_run), 0, 0},
    {"hold-irreversible", "HOLD_IRREVERSIBLE", FIELD_FLAG, AT(hold_irreversible), 0, 0},
    {"repair", "REPAIR", FIELD_TEXT, AT(repair), 0, 0},
    {"max-changes", "MAX_CHANGES", FIELD_INT, AT(max_changes), 0, INT_MAX},
    {NULL, "MAX_CHANGES_PER_DAY", FIELD_INT, AT(max_changes_per_day), 0, INT_MAX},
    {NULL, "REPAIR_ROUNDS", FIELD_INT, AT(repair_rounds), 1, MAX_ROUNDS},
    {NULL, "STATE_TABLE", FIELD_TEXT, AT(state_table), 0, 0},
    {NULL, "PLANS", FIELD_TEXT, AT(plans), 0, 0},
    {NULL, "BUCKET_OWNER", FIELD_ACCOUNT, AT(bucket_owner), 0, 0},
    {"wait", NULL, FIELD_INT, AT(wait_s), 0, DAY_S},
    {NULL, "VERIFY_SECONDS", FIELD_INT, AT(verify_s), 0, DAY_S},
    {"patience", "PATIENCE", FIELD_INT, AT(patience_s), 1, DAY_S},
    {NULL, "AWS_MAX_ATTEMPTS", FIELD_INT, AT(max_attempts), 1, MAX_ATTEMPTS},
    {"concurrency", NULL, FIELD_INT, AT(concurrency), 1, MAX_CONCURRENCY},
    {"journal", NULL, FIELD_TEXT, AT(journal), 0, 0},
    {"record", NULL, FIELD_TEXT, AT(record), 0, 0},
    {"replay", NULL, FIELD_TEXT, AT(replay), 0, 0},
    {"no-assume-role", NULL, FIELD_FLAG, AT(no_assume_role), 0, 0},
    {NULL, "MEMBER_ROLE", FIELD_ROLE, AT(member_role), 0, 0},
    {NULL, "EXTERNAL_ID", FIELD_TEXT, AT(external_id), 0, 0},
    {"config", NULL, FIELD_TEXT, AT(config), 0, 0},
    {"policies", "ENGINE_POLICIES", FIELD_FOLDERS, AT(policies), 0, 0},
    {"models", "ENGINE_MODELS", FIELD_TEXT, AT(models), 0, 0},
    {"exceptions", "EXCEPTIONS", FIELD_TEXT, AT(exceptions), 0, 0},
};
const size_t settings_field_count = sizeof settings_fields / sizeof settings_fields[0];

const struct field *settings_field(const char *option)
{
    for (size_t i = 0; i < settings_field_count; i++) {
        const struct field *field = &settings_fields[i];
        if (field->option != NULL && strcmp(field->option, option) == 0)
            return field;
    }
    return NULL;
}

void *settings_address(const struct settings *settings, const struct field *field)
{
    return (char *)settings + field->offset;
}

bool settings_takes_value(const struct field *field)
{
    return field->kind != FIELD_FLAG && field->kind != FIELD_CONSENT;
}
