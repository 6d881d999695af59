#include "support/doctor_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

const struct app_answer doctor_healthy[] = {
    REGIONS(REGION("us-east-1")), SIMULATION(BOTH("allowed", "")), ASSUMED, {0}};

int64_t doctor_ahead_ms;

bool doctor_tell_time(const struct peer_request *request)
{
    char date[CLOCK_TEXT];
    if (strncmp(request->text, "GET / ", 6) != 0)
        return false;
    clock_http_date(clock_wall_ms() + doctor_ahead_ms, date);
    char *text = mem_printf("HTTP/1.1 404 X\r\nDate: %s\r\nContent-Length: 0\r\n\r\n", date);
    peer_send(request, text);
    mem_free(text);
    return true;
}

int doctor_set_up(void **state)
{
    app_case_set_up(state);
    app_case.answers = doctor_healthy;
    app_case.hook = doctor_tell_time;
    doctor_ahead_ms = 0;
    return 0;
}

void doctor_item(const char *probe, const char *status, const char *part)
{
    char *head = mem_printf("{\"probe\":\"%s\",\"status\":\"%s\"", probe, status);
    bool found = false;
    for (const char *line = app_case.out; line != NULL && !found; line = strchr(line, '\n')) {
        line += *line == '\n';
        char *one = mem_strndup(line, strcspn(line, "\n"));
        found = strncmp(one, head, strlen(head)) == 0 && strstr(one, part) != NULL;
        mem_free(one);
    }
    if (!found)
        fail_msg("no %s with \"%s\" in %s%s", head, part, app_case.out, app_case.err);
    mem_free(head);
}
