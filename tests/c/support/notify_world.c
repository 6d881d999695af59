#include "support/notify_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "state/state_table.h"
#include "value/json.h"

struct notify_world notify_world;

static int64_t wall(void)
{
    return notify_world.wall_ms;
}

static int64_t running(void)
{
    notify_world.wall_ms += 1000;
    notify_world.passed_ms += 1000;
    return notify_world.passed_ms;
}

void notify_silence(enum log_level level, const char *line)
{
    (void)level, (void)line;
}

static void count_failure(const char *metric)
{
    assert_string_equal(metric, "StateTableFailures");
    notify_world.failures++;
}

int notify_world_set_up(void **state)
{
    static char table[] = "remediator-state";
    static char topic[] = "arn:aws:sns:us-east-1:111122223333:findings";
    static char home[] = "us-east-1";
    log_set_sink(notify_silence);
    run_world_set_up(state);
    fake_table_set_up();
    fake_aws.answer = fake_table_answer;
    notify_world = (struct notify_world){.wall_ms = NOTIFY_NOW_MS};
    clock_replace(wall, running);
    run_world.settings.state_table = table;
    run_world.settings.notification_topic = topic;
    run_world.settings.master_region = home;
    run_world.settings.max_changes_per_day = -1;
    run_world.settings.repair_rounds = 3;
    run_world.context.state = state_table_new(run_world.context.message, &run_world.settings);
    assert_non_null(run_world.context.state);
    state_table_on_count(run_world.context.state, count_failure);
    return 0;
}

int notify_world_tear_down(void **state)
{
    log_set_sink(NULL);
    state_table_free(run_world.context.state);
    fake_table_tear_down();
    return run_world_tear_down(state);
}

int notify_audit(const char *outcome)
{
    int before = fake_table.published;
    json_array_clear(run_world.outcomes);
    run_world_answer(outcome);
    run_world_run(RUN_AUDIT, "");
    return fake_table.published - before;
}

int notify_audit_bad(const char *evidence)
{
    char *outcome = mem_printf(
        "{\"state\":\"ok\",\"digests\":{},\"tags\":{},\"checks\":[{\"id\":\"sqs.public\","
        "\"status\":\"non_compliant\",\"summary\":\"open\",\"evidence\":\"%s\"},"
        "{\"id\":\"sqs.shared\",\"status\":\"compliant\"}]}",
        evidence);
    int reported = notify_audit(outcome);
    mem_free(outcome);
    return reported;
}

int notify_audit_good(void)
{
    return notify_audit(RUN_WORLD_OK("d", NOTIFY_GOOD));
}

json_t *notify_content(void)
{
    const json_t *item = fake_table_item("resource/");
    return json_loads(json_get_string(json_object_get(item, "content"), "S", ""), 0, NULL);
}
