#include "value/log_json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "value/json.h"

static char command_name[64];
static char request[64];
static char kept_level[16];

static void set(json_t *line, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        json_object_set_new(line, key, json_string_nocheck(value));
}

static void set_subject(json_t *line, const struct log_subject *subject)
{
    if (subject == NULL)
        return;
    set(line, "account", subject->account);
    set(line, "region", subject->region);
    set(line, "type", subject->type);
    set(line, "resource", subject->id);
}

static void write_json(enum log_level level, const char *message)
{
    static const char *const names[] = {"ERROR", "WARN", "INFO", "DEBUG"};
    char now[CLOCK_TEXT];
    clock_rfc3339(clock_wall_ms(), now);
    json_t *line = json_pack("{s:s, s:s}", "timestamp", now, "level", names[level]);
    set(line, "message", message);
    set(line, "requestId", request);
    set(line, "command", command_name);
    set_subject(line, log_current_subject());
    char *text = json_text(line);
    fprintf(stderr, "%s\n", text);
    mem_free(text);
    json_decref(line);
}

void log_json_request(const char *request_id)
{
    snprintf(request, sizeof request, "%s", request_id != NULL ? request_id : "");
}

void log_json_keep(const char *least_level)
{
    snprintf(kept_level, sizeof kept_level, "%s", least_level);
}

void log_json_mark(json_t *line)
{
    char now[CLOCK_TEXT];
    if (kept_level[0] == '\0')
        return;
    clock_rfc3339(clock_wall_ms(), now);
    json_object_set_new(line, "timestamp", json_string(now));
    json_object_set_new(line, "level", json_string(kept_level));
}

void log_json_start(const char *command)
{
    snprintf(command_name, sizeof command_name, "%s", command != NULL ? command : "");
    log_set_sink(write_json);
}
