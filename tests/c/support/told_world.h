/*
 * A run_world whose runs share a table and notify a topic, both of fake_table. Time runs a second
 * at each look, so that nothing waits.
 */
#ifndef TESTS_TOLD_WORLD_H
#define TESTS_TOLD_WORLD_H

#include "support/fake_table.h"
#include "support/run_world.h"

#define TOLD_BAD(evidence) RUN_WORLD_BAD("sqs.public", evidence) "," RUN_WORLD_GOOD("sqs.shared")
#define TOLD_GOOD RUN_WORLD_GOOD("sqs.public") "," RUN_WORLD_GOOD("sqs.shared")
#define TOLD_DAY_MS INT64_C(86400000)
#define TOLD_NOW_MS INT64_C(1796000000000)

struct told_world {
    int64_t wall_ms, passed_ms;
    int failures; /* of the table, as the metric counts them */
};
extern struct told_world told_world;

int told_world_set_up(void **state);
int told_world_tear_down(void **state);
/* For log_set_sink. */
void told_silence(enum log_level level, const char *line);

/* A look that finds that; how many notifications came of it. */
int told_look(const char *outcome);
int told_looks_bad(const char *evidence);
int told_looks_good(void);
/* What the table has of the resource. New. */
json_t *told_content(void);

#endif
