#include "generate/explain_controls.h"

#include <string.h>

#include "base/mem.h"
#include "generate/explain.h"
#include "generate/lines.h"
#include "policy/check_names.h"
#include "policy/finding.h"
#include "value/json.h"

#define MAX_LIST 65536
#define MOST_TITLES 3 /* more checks of a control are listed without titles */
#define NEAR_NOTE                                                                                  \
    "its checks are similar or cover only a part: a pass does not prove that the control is met"

static bool is_near(const json_t *control)
{
    return json_is_true(json_object_get(control, "near"));
}

static bool is_covered(const json_t *control)
{
    return json_array_size(json_object_get(control, "checks")) > 0;
}

static const json_t *meta_of(struct evaluator *evaluator, const char *check)
{
    return finding_check_meta(check_names_find(evaluator, check, NULL), check);
}

static void add_ids(struct buf *out, const json_t *checks)
{
    size_t i;
    json_t *check;
    json_array_foreach (checks, i, check)
        buf_addf(out, "%s%s", i > 0 ? ", " : "", json_string_value(check));
}

/* "1.5           region.root_mfa: The root user has no MFA", a line for each check. */
static void add_titled(struct buf *out, const char *label, const json_t *checks,
                       struct evaluator *evaluator)
{
    size_t i;
    json_t *check;
    json_array_foreach (checks, i, check) {
        const char *id = json_string_value(check);
        char *text = mem_printf("%s: %s", id, json_get_string(meta_of(evaluator, id), "title", ""));
        lines_labelled(out, i == 0 ? label : "", text);
        mem_free(text);
    }
}

static void add_control(struct buf *out, const json_t *control, struct evaluator *evaluator)
{
    struct buf list;
    const json_t *checks = json_object_get(control, "checks");
    char *label =
        mem_printf("%s%s", json_get_string(control, "id", ""), is_near(control) ? " ~" : "");
    buf_init(&list, MAX_LIST);
    add_ids(&list, checks);
    if (json_array_size(checks) <= MOST_TITLES)
        add_titled(out, label, checks, evaluator);
    else
        lines_labelled(out, label, buf_text(&list));
    buf_clear(&list);
    mem_free(label);
}

static void add_uncovered(struct buf *out, const json_t *controls)
{
    size_t i;
    json_t *control;
    struct buf list;
    buf_init(&list, MAX_LIST);
    json_array_foreach (controls, i, control) {
        if (!is_covered(control))
            buf_addf(&list, "%s%s", list.len > 0 ? ", " : "", json_get_string(control, "id", ""));
    }
    buf_adds(out, list.len > 0 ? "\n" : "");
    lines_labelled(out, "Not covered:", buf_text(&list));
    buf_clear(&list);
}

static void add_counts(struct buf *out, const json_t *controls)
{
    size_t i, covered = 0, near = 0;
    json_t *control;
    json_array_foreach (controls, i, control) {
        covered += is_covered(control);
        near += is_near(control);
    }
    char *text = mem_printf("%zu of %zu controls; with ~ (%zu): " NEAR_NOTE, covered,
                            json_array_size(controls), near);
    text[near > 0 ? strlen(text) : strcspn(text, ";")] = '\0';
    lines_labelled(out, "Covered:", text);
    mem_free(text);
}

void explain_framework(const json_t *framework, struct evaluator *evaluator, struct buf *out)
{
    size_t i;
    json_t *source, *control;
    const json_t *controls = json_object_get(framework, "controls");
    buf_addf(out, "%s (%s)\n", json_get_string(framework, "title", ""),
             json_get_string(framework, "framework", ""));
    add_counts(out, controls);
    json_array_foreach (json_object_get(framework, "sources"), i, source)
        lines_labelled(out, i == 0 ? "See:" : "", json_string_value(source));
    buf_addc(out, '\n');
    json_array_foreach (controls, i, control) {
        if (is_covered(control))
            add_control(out, control, evaluator);
    }
    add_uncovered(out, controls);
}

static void add_heading(struct buf *out, const json_t *control)
{
    struct buf list;
    buf_init(&list, MAX_LIST);
    add_ids(&list, json_object_get(control, "checks"));
    buf_addf(out, "%s%s: %s (%s)\n", json_get_string(control, "id", ""),
             is_near(control) ? " ~" : "", json_get_string(control, "title", ""),
             json_get_string(control, "framework", ""));
    lines_labelled(out, "Checks:", list.len > 0 ? buf_text(&list) : "none");
    if (is_near(control))
        lines_labelled(out, "~:", NEAR_NOTE);
    buf_addc(out, '\n');
    buf_clear(&list);
}

void explain_controls(const json_t *controls, struct evaluator *evaluator, struct buf *out)
{
    size_t i, at;
    json_t *control, *check;
    json_t *shown = json_object();
    json_array_foreach (controls, i, control)
        add_heading(out, control);
    json_array_foreach (controls, i, control) {
        json_array_foreach (json_object_get(control, "checks"), at, check) {
            const char *id = json_string_value(check);
            if (json_object_get(shown, id) != NULL)
                continue;
            json_object_set_new(shown, id, json_true());
            explain_check_short(meta_of(evaluator, id), out);
            buf_addc(out, '\n');
        }
    }
    json_decref(shown);
}
