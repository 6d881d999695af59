#include "scope/scope_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "value/json.h"

#define TEXT_MAX (16u << 20)
#define BRIEF 12 /* characters of a digest or a commit that suffice to compare by eye */

struct rows {
    const json_t *scope;
    size_t most;
    struct buf text; /* of the row being made */
    json_t *rows;
};

static const json_t *member(const struct rows *rows, const char *name)
{
    return json_object_get(rows->scope, name);
}

/* A row without text is left out. */
static void end_row(struct rows *rows, const char *label)
{
    json_t *text = json_stringn_nocheck(buf_text(&rows->text), rows->text.len);
    if (rows->text.len > 0)
        json_array_append_new(rows->rows, json_pack("[s, O]", label, text));
    json_decref(text);
    buf_reset(&rows->text);
}

static void add_value(struct buf *out, const json_t *value)
{
    if (json_is_string(value))
        buf_add(out, json_string_value(value), json_string_length(value));
    else
        json_write(value, out);
}

static size_t shown_of(const json_t *list, size_t most)
{
    size_t count = json_array_size(list);
    return most > 0 && count > most ? most : count;
}

static void add_more(struct buf *out, const json_t *list, size_t shown)
{
    if (shown < json_array_size(list))
        buf_addf(out, " and %zu more", json_array_size(list) - shown);
}

static void add_list(struct buf *out, const json_t *list, size_t most)
{
    size_t shown = shown_of(list, most);
    for (size_t i = 0; i < shown; i++) {
        buf_adds(out, i > 0 ? ", " : "");
        add_value(out, json_array_get(list, i));
    }
    add_more(out, list, shown);
}

static void add_count(struct buf *out, json_int_t count, const char *one, const char *many)
{
    buf_addf(out, "%" JSON_INTEGER_FORMAT " %s", count, count == 1 ? one : many);
}

static void add_named(struct buf *out, const json_t *list, const char *one, const char *many)
{
    add_count(out, (json_int_t)json_array_size(list), one, many);
}

/* ---- who, when and with what ---- */

static void row_engine(struct rows *rows)
{
    const json_t *engine = member(rows, "engine");
    const char *commit = json_get_string(engine, "commit", NULL);
    buf_adds(&rows->text, json_get_string(engine, "version", ""));
    if (commit != NULL)
        buf_addf(&rows->text, ", commit %s", commit);
    end_row(rows, "Engine");
}

static const char *mode_words(const json_t *scope)
{
    const char *mode = json_get_string(scope, "mode", "");
    if (strcmp(mode, "plan") == 0)
        return "plans repairs, changes nothing";
    if (strcmp(mode, "change") == 0)
        return "makes repairs";
    return strcmp(mode, "audit") == 0 ? "audits, changes nothing" : "";
}

static void row_run(struct rows *rows)
{
    const char *command = json_get_string(rows->scope, "command", "");
    const char *mode = mode_words(rows->scope);
    buf_addf(&rows->text, "%s%s%s", command, mode[0] != '\0' ? ": " : "", mode);
    end_row(rows, "Command");
    const char *began = json_get_string(rows->scope, "began", "");
    const char *ended = json_get_string(rows->scope, "ended", "");
    buf_addf(&rows->text, "%s%s%s", began, ended[0] != '\0' ? " to " : "", ended);
    end_row(rows, "Time");
}

static void row_caller(struct rows *rows)
{
    const json_t *caller = member(rows, "caller");
    const char *arn = json_get_string(caller, "arn", "");
    const char *account = json_get_string(caller, "account", "");
    if (json_is_null(caller))
        buf_adds(&rows->text, "not known: AWS was not asked, or refused to say");
    else
        buf_addf(&rows->text, "%s%s", arn, arn[0] == '\0' ? account : "");
    end_row(rows, "Caller");
}

static void row_policies(struct rows *rows)
{
    const char *type;
    json_t *digest;
    const json_t *policies = member(rows, "policies");
    const json_t *types = json_object_get(policies, "types");
    const char *set = json_get_string(policies, "sha256", NULL);
    if (set != NULL)
        buf_addf(&rows->text, "SHA-256 %s", set);
    end_row(rows, "Policies");
    if (rows->most > 0)
        return;
    json_object_foreach ((json_t *)types, type, digest)
        buf_addf(&rows->text, "%s%s %s", rows->text.len > 0 ? "\n" : "", type,
                 json_string_value(digest));
    end_row(rows, "Policy of each type (SHA-256)");
}

/* ---- what was asked for, and what was looked at ---- */

static void add_asked(struct rows *rows, const char *name, const char *without)
{
    const json_t *list = json_object_get(member(rows, "asked"), name);
    if (json_is_array(list))
        add_list(&rows->text, list, rows->most);
    else
        buf_adds(&rows->text, without);
}

static void row_asked(struct rows *rows)
{
    const json_t *asked = member(rows, "asked");
    const char *resource = json_get_string(asked, "resource", NULL);
    const char *plan = json_get_string(asked, "plan", NULL);
    bool lines = json_get_bool(asked, "lines", false);
    if (asked == NULL)
        return;
    if (plan != NULL)
        buf_addf(&rows->text, "the plan with SHA-256 %s", plan);
    else if (resource != NULL)
        buf_addf(&rows->text, "%s of policy %s", resource, json_get_string(asked, "policy", ""));
    else if (lines)
        buf_adds(&rows->text, "the resource lines on stdin");
    end_row(rows, "Asked for");
    if (plan != NULL || resource != NULL)
        return;
    add_asked(rows, "accounts", lines ? "" : "the caller's own");
    end_row(rows, "Accounts asked for");
    add_asked(rows, "regions", lines ? "" : "the configured one");
    end_row(rows, "Regions asked for");
    add_asked(rows, "types", "all with a policy");
    end_row(rows, "Types asked for");
    buf_adds(&rows->text, json_get_bool(asked, "test_resources", false) ? "test resources" : "");
    end_row(rows, "Only");
}

static void row_listed(struct rows *rows)
{
    const json_t *listed = member(rows, "listed");
    json_int_t places = json_get_integer(listed, "places", 0);
    if (listed == NULL)
        return;
    buf_addf(&rows->text, "%" JSON_INTEGER_FORMAT " of ", json_get_integer(listed, "listed", 0));
    add_count(&rows->text, places, "place", "places");
    buf_adds(&rows->text, " (a type in an account and region)");
    if (json_get_integer(listed, "not_listed", 0) > 0)
        buf_addf(&rows->text, ", %" JSON_INTEGER_FORMAT " could not be listed",
                 json_get_integer(listed, "not_listed", 0));
    end_row(rows, "Listed");
    add_list(&rows->text, json_object_get(listed, "accounts"), rows->most);
    end_row(rows, "Accounts listed");
    add_list(&rows->text, json_object_get(listed, "regions"), rows->most);
    end_row(rows, "Regions listed");
    add_list(&rows->text, json_object_get(listed, "types"), rows->most);
    end_row(rows, "Types listed");
}

static void row_audited(struct rows *rows)
{
    const json_t *audited = member(rows, "audited");
    add_list(&rows->text, json_object_get(audited, "accounts"), rows->most);
    end_row(rows, "Accounts with resources");
    add_list(&rows->text, json_object_get(audited, "regions"), rows->most);
    end_row(rows, "Regions with resources");
    add_list(&rows->text, json_object_get(audited, "types"), rows->most);
    end_row(rows, "Types with resources");
}

static void row_results(struct rows *rows)
{
    const json_t *results = member(rows, "results");
    json_int_t unknown = json_get_integer(results, "unknown", 0);
    if (results == NULL)
        return;
    add_count(&rows->text, json_get_integer(results, "resources", 0), "resource", "resources");
    buf_adds(&rows->text, ", ");
    add_count(&rows->text, json_get_integer(results, "checks", 0), "check", "checks");
    buf_addf(&rows->text, "; %" JSON_INTEGER_FORMAT " could not be determined", unknown);
    end_row(rows, "Audited");
    buf_adds(&rows->text, json_get_bool(rows->scope, "complete", true)
                              ? "yes"
                              : "no: the report says what is missing");
    end_row(rows, "Complete");
}

static void row_off(struct rows *rows)
{
    size_t i;
    json_t *group;
    json_array_foreach (member(rows, "checks_off"), i, group) {
        buf_adds(&rows->text, i > 0 ? "; " : "");
        add_list(&rows->text, json_object_get(group, "checks"), rows->most);
        buf_addf(&rows->text, " (%s)", json_get_string(group, "by", ""));
    }
    if (json_is_array(member(rows, "checks_off")) && rows->text.len == 0)
        buf_adds(&rows->text, "none");
    end_row(rows, "Checks that are off");
}

/* ---- settings and exceptions ---- */

static void add_settings(struct rows *rows, bool set)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)member(rows, "settings"), name, value) {
        if (json_is_null(value) == set)
            continue;
        buf_addf(&rows->text, "%s%s", rows->text.len > 0 ? "; " : "", name);
        if (!set)
            continue;
        buf_addc(&rows->text, ' ');
        if (json_is_array(value))
            add_list(&rows->text, value, rows->most);
        else
            add_value(&rows->text, value);
    }
}

static void row_settings(struct rows *rows)
{
    add_settings(rows, true);
    end_row(rows, "Settings");
    add_settings(rows, false);
    end_row(rows, "Settings without a value");
    add_list(&rows->text, member(rows, "names_set"), rows->most);
    end_row(rows, "Set, values not shown");
}

static void row_rules(struct rows *rows, const char *key, const char *label)
{
    size_t i;
    json_t *rule;
    const json_t *rules = json_object_get(member(rows, "exceptions"), key);
    size_t shown = shown_of(rules, rows->most);
    json_array_foreach (rules, i, rule) {
        if (i == shown)
            break;
        const char *expires = json_get_string(rule, "expires", "");
        buf_addf(&rows->text, "%s%s (%s%s%s)", i > 0 ? "; " : "", json_get_string(rule, "rule", ""),
                 json_get_string(rule, "reason", ""), expires[0] != '\0' ? ", until " : "",
                 expires);
    }
    add_more(&rows->text, rules, shown);
    end_row(rows, label);
}

static void row_exceptions(struct rows *rows)
{
    const json_t *exceptions = member(rows, "exceptions");
    const char *file = json_get_string(exceptions, "file", NULL);
    if (exceptions == NULL)
        return;
    if (json_is_null(exceptions))
        buf_adds(&rows->text, "none");
    else
        add_count(&rows->text, json_get_integer(exceptions, "rules", 0), "rule", "rules");
    if (file != NULL)
        buf_addf(&rows->text, ", %s (SHA-256 %s)", file,
                 json_get_string(exceptions, "sha256", "not known"));
    end_row(rows, "Exceptions");
    row_rules(rows, "expired", "Expired exceptions");
    row_rules(rows, "unused", "Exceptions that match nothing");
}

static void row_names(struct rows *rows)
{
    buf_adds(&rows->text, json_get_string(rows->scope, "compliance", ""));
    end_row(rows, "Framework");
    buf_adds(&rows->text, json_get_string(rows->scope, "baseline", ""));
    end_row(rows, "Compared with");
}

json_t *scope_rows(const json_t *scope, size_t most)
{
    static void (*const all[])(struct rows * rows) = {
        row_run,     row_caller, row_engine,   row_asked,      row_listed, row_audited,
        row_results, row_off,    row_settings, row_exceptions, row_names,  row_policies,
    };
    struct rows rows = {.scope = scope, .most = most, .rows = json_array()};
    buf_init(&rows.text, TEXT_MAX);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i](&rows);
    buf_clear(&rows.text);
    return rows.rows;
}

/* ---- in short ---- */

static json_t *take_text(struct buf *text)
{
    json_t *value = json_stringn_nocheck(buf_text(text), text->len);
    buf_clear(text);
    return value;
}

static json_t *brief_run(const json_t *scope)
{
    struct buf text;
    const json_t *places = json_object_get(scope, "listed");
    const json_t *caller = json_object_get(scope, "caller");
    places = places != NULL ? places : json_object_get(scope, "audited");
    buf_init(&text, TEXT_MAX);
    buf_adds(&text, json_get_string(scope, "command", ""));
    if (json_is_object(caller))
        buf_addf(&text, " by %s", json_get_string(caller, "arn", ""));
    if (places == NULL)
        return take_text(&text);
    buf_adds(&text, " of ");
    add_named(&text, json_object_get(places, "accounts"), "account", "accounts");
    buf_adds(&text, ", ");
    add_named(&text, json_object_get(places, "regions"), "region", "regions");
    buf_adds(&text, ", ");
    add_named(&text, json_object_get(places, "types"), "type", "types");
    buf_addf(&text, "; began %s", json_get_string(scope, "began", ""));
    return take_text(&text);
}

static void brief_exceptions(struct buf *text, const json_t *exceptions)
{
    size_t expired = json_array_size(json_object_get(exceptions, "expired"));
    size_t unused = json_array_size(json_object_get(exceptions, "unused"));
    if (!json_is_object(exceptions))
        return;
    buf_adds(text, "; ");
    add_count(text, json_get_integer(exceptions, "rules", 0), "exception", "exceptions");
    if (expired > 0)
        buf_addf(text, ", %zu expired", expired);
    if (unused > 0)
        buf_addf(text, ", %zu without a match", unused);
}

static json_t *brief_rules(const json_t *scope)
{
    struct buf text;
    const json_t *engine = json_object_get(scope, "engine");
    const char *commit = json_get_string(engine, "commit", "");
    const char *digest = json_get_string(json_object_get(scope, "policies"), "sha256", "");
    buf_init(&text, TEXT_MAX);
    buf_addf(&text, "engine %s", json_get_string(engine, "version", ""));
    if (commit[0] != '\0')
        buf_addf(&text, " (%.*s)", BRIEF, commit);
    if (digest[0] != '\0')
        buf_addf(&text, ", policies %.*s", BRIEF, digest);
    brief_exceptions(&text, json_object_get(scope, "exceptions"));
    return take_text(&text);
}

json_t *scope_brief(const json_t *scope)
{
    return json_pack("[o, o]", brief_run(scope), brief_rules(scope));
}
