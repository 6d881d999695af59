#include "doctor/doctor_report.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "doctor/doctor_groups.h"
#include "doctor/doctor_text.h"
#include "value/json.h"

struct doctor_section {
    struct doctor_report *report;
    char *account;
    json_t *items;
    bool ended;
    struct doctor_section *next;
};

struct doctor_report {
    struct doctor_text text;
    bool for_people;
    FILE *out;
    size_t counts[DOCTOR_STATUSES];
    struct doctor_section *first, **last; /* those not printed yet */
    json_t *groups;                       /* for people: accounts, printed at the end */
};

struct doctor_report *doctor_report_new(FILE *out, bool for_people)
{
    struct doctor_report *report = mem_alloc(sizeof *report);
    report->out = out;
    report->for_people = for_people;
    report->last = &report->first;
    report->groups = json_object();
    doctor_text_init(&report->text, out);
    return report;
}

struct doctor_section *doctor_section_new(struct doctor_report *report, const char *account)
{
    struct doctor_section *section = mem_alloc(sizeof *section);
    section->report = report;
    section->account = mem_strdup(account);
    section->items = json_array();
    *report->last = section;
    report->last = &section->next;
    return section;
}

/* A string may hold raw bytes: AWS's messages quote what they were sent. */
static json_t *format_text(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    size_t length = (size_t)vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = mem_alloc(length + 1);
    vsnprintf(text, length + 1, format, arguments);
    json_t *string = json_stringn_nocheck(text, length);
    mem_free(text);
    return string;
}

json_t *doctor_add(struct doctor_section *section, enum doctor_status status, const char *probe,
                   const char *format, ...)
{
    va_list arguments;
    json_t *item = json_pack("{s:s, s:s}", "probe", probe, "status", doctor_status_name(status));
    va_start(arguments, format);
    json_t *message = format_text(format, arguments);
    va_end(arguments);
    if (section->account != NULL)
        doctor_set(item, "account", json_string(section->account));
    doctor_set(item, "message", message);
    json_array_append_new(section->items, item);
    section->report->counts[status]++;
    return item;
}

void doctor_advise(json_t *item, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    doctor_set(item, "fix", format_text(format, arguments));
    va_end(arguments);
}

void doctor_advise_permission(json_t *item, const char *principal)
{
    doctor_advise(item,
                  "allow this to %s: engine generate permissions --access read prints all that is "
                  "needed",
                  principal);
}

void doctor_set(json_t *item, const char *key, json_t *value)
{
    json_object_set_new(item, key, value);
}

json_t *doctor_keys(const json_t *object, char **words)
{
    json_t *list = json_array(), *value;
    const char *key;
    *words = mem_strdup("");
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        char *longer = mem_printf("%s%s%s", *words, (*words)[0] != '\0' ? ", " : "", key);
        mem_free(*words);
        *words = longer;
        json_array_append_new(list, json_string(key));
    }
    return list;
}

/* ---- printing ---- */

static void print_line(FILE *out, const json_t *item)
{
    char *text = json_text(item);
    fprintf(out, "%s\n", text);
    mem_free(text);
}

static void print(struct doctor_report *report, const struct doctor_section *section)
{
    size_t i;
    json_t *item;
    if (report->for_people && section->account != NULL) {
        doctor_groups_add(report->groups, section->account, section->items);
        return;
    }
    json_array_foreach (section->items, i, item) {
        if (report->for_people)
            doctor_text_item(&report->text, item, json_array_get(section->items, i + 1));
        else
            print_line(report->out, item);
    }
    fflush(report->out);
}

static void drop_first(struct doctor_report *report)
{
    struct doctor_section *section = report->first;
    report->first = section->next;
    if (report->first == NULL)
        report->last = &report->first;
    json_decref(section->items);
    mem_free(section->account);
    mem_free(section);
}

void doctor_section_end(struct doctor_section *section)
{
    struct doctor_report *report = section->report;
    section->ended = true;
    while (report->first != NULL && report->first->ended) {
        print(report, report->first);
        drop_first(report);
    }
}

int doctor_report_close(struct doctor_report *report, bool sum)
{
    bool sound = report->counts[DOCTOR_FAILED] == 0 && report->counts[DOCTOR_MISSING] == 0;
    while (report->first != NULL) {
        print(report, report->first);
        drop_first(report);
    }
    doctor_groups_print(report->groups, &report->text);
    if (report->for_people && sum)
        doctor_text_sum(&report->text, report->counts);
    if (fflush(report->out) != 0 || ferror(report->out) != 0) {
        log_error("the result cannot be written");
        sound = false;
    }
    json_decref(report->groups);
    mem_free(report);
    return sound ? 0 : 1;
}
