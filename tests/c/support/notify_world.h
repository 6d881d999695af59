/* A run_world whose runs share a table and notify a topic, both of fake_table. Each look at the
 * clock takes a second, so that nothing waits. */
#ifndef TESTS_NOTIFY_WORLD_H
#define TESTS_NOTIFY_WORLD_H

#include "support/fake_table.h"
#include "support/run_world.h"

#define NOTIFY_BAD(evidence) RUN_WORLD_BAD("sqs.public", evidence) "," RUN_WORLD_GOOD("sqs.shared")
#define NOTIFY_GOOD RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared")
#define NOTIFY_DAY_MS INT64_C(86400000)
#define NOTIFY_NOW_MS INT64_C(1796000000000)

struct notify_world {
    int64_t wall_ms, passed_ms;
    int failures; /* of the table, as the metric counts them */
};
extern struct notify_world notify_world;

int notify_world_set_up(void **state);
int notify_world_tear_down(void **state);
/* For log_set_sink. */
void notify_silence(enum log_level level, const char *line);

/* An audit with that result; returns how many notifications it caused. */
int notify_audit(const char *outcome);
int notify_audit_bad(const char *evidence);
int notify_audit_good(void);
/* The table's item of the resource. New. */
json_t *notify_content(void);

#endif
