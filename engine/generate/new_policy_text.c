#include "generate/new_policy_text.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

/* "DeletionProtectionEnabled": "deletion_protection_enabled". mem_free. */
static char *snake_case(const char *name)
{
    struct buf out;
    buf_init(&out, 512);
    for (const char *c = name; *c != '\0'; c++) {
        bool upper = isupper((unsigned char)*c) != 0;
        bool starts =
            c != name && upper && (!isupper((unsigned char)c[-1]) || islower((unsigned char)c[1]));
        if (starts && c[-1] != '_')
            buf_addc(&out, '_');
        buf_addc(&out, (char)tolower((unsigned char)*c));
    }
    return buf_take(&out);
}

/* The service as Lua code names it. mem_free. */
static char *lua_service(const struct new_policy *policy)
{
    char *name = mem_strdup(model_info(policy->model)->name);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
    return name;
}

/* The prefix of the service's IAM actions is usually the name that it signs with. */
static const char *iam_prefix(const struct new_policy *policy)
{
    const char *name = model_info(policy->model)->signing_name;
    return strcmp(name, "monitoring") == 0 ? "cloudwatch" : name;
}

static void add_read(const struct new_policy *policy, const char *operation, struct buf *out)
{
    const char *service = model_info(policy->model)->name;
    if (strcmp(iam_prefix(policy), service) == 0)
        buf_addf(out, "      \"%s:%s\",\n", service, operation);
    else
        buf_addf(out, "      [\"%s:%s\"] = \"%s:%s\",\n", iam_prefix(policy), operation, service,
                 operation);
}

static void add_permissions(const struct new_policy *policy, struct buf *out)
{
    buf_adds(
        out,
        "  -- This file can make no other calls. Where IAM's action has another name than the\n"
        "  -- operation, write [\"action\"] = \"operation\".\n"
        "  permissions = {\n"
        "    read = {\n");
    add_read(policy, policy->list_info.name, out);
    if (policy->list != policy->read)
        add_read(policy, policy->read_info.name, out);
    buf_adds(out, "    },\n"
                  "  },\n\n");
}

/* The lines that begin a loop over all items. `parameters`: "" or "name = value". */
static void add_loop(const struct new_policy *policy, const char *source, const char *parameters,
                     const char *indent, struct buf *out)
{
    const char *blank = parameters[0] != '\0' ? " " : "";
    char *service = lua_service(policy);
    bool deeper = policy->paged || policy->next != NULL;
    if (policy->paged)
        buf_addf(out, "%sfor page in %s.aws.%s:pages(\"%s\", {%s%s%s}) do\n", indent, source,
                 service, policy->list_info.name, blank, parameters, blank);
    else if (policy->next != NULL)
        buf_addf(out,
                 "%slocal token\n"
                 "%srepeat\n"
                 "%s  local page = %s.aws.%s:%s { %s = token%s%s }\n",
                 indent, indent, indent, source, service, policy->list_info.name, policy->start,
                 parameters[0] != '\0' ? ", " : "", parameters);
    else
        buf_addf(out, "%slocal page = %s.aws.%s:%s {%s%s%s}\n", indent, source, service,
                 policy->list_info.name, blank, parameters, blank);
    buf_addf(out, "%s%sfor _, item in ipairs(page.%s or {}) do\n%s%s  ", indent, deeper ? "  " : "",
             policy->items, indent, deeper ? "  " : "");
    mem_free(service);
}

static void end_loop(const struct new_policy *policy, const char *indent, struct buf *out)
{
    bool deeper = policy->paged || policy->next != NULL;
    buf_addf(out, "%s%send\n", indent, deeper ? "  " : "");
    if (policy->paged)
        buf_addf(out, "%send\n", indent);
    else if (policy->next != NULL)
        buf_addf(out,
                 "%s  token = page.%s\n"
                 "%suntil not token or token == \"\"\n",
                 indent, policy->next, indent);
}

static void add_discover(const struct new_policy *policy, struct buf *out)
{
    buf_adds(out, "  discover = function(scope)\n");
    add_loop(policy, "scope", "", "    ", out);
    buf_addf(out, "scope:found(item%s%s)\n", policy->item_id != NULL ? "." : "",
             policy->item_id != NULL ? policy->item_id : "");
    end_loop(policy, "    ", out);
    buf_adds(out, "  end,\n\n");
}

static void add_search(const struct new_policy *policy, struct buf *out)
{
    char *parameters =
        policy->prefix != NULL ? mem_printf("%s = resource.id", policy->prefix) : mem_strdup("");
    buf_adds(out, "-- Returns the resource with exactly this id, or nil.\n"
                  "local function described(resource)\n");
    add_loop(policy, "resource", parameters, "  ", out);
    mem_free(parameters);
    buf_addf(out, "if item.%s == resource.id then return item end\n", policy->item_id);
    end_loop(policy, "  ", out);
    buf_adds(out, "  return nil\n"
                  "end\n\n");
}

static void add_codes(const struct new_policy *policy, struct buf *out)
{
    if (policy->not_found != NULL)
        buf_addf(out, ",\n    \"%s\"", policy->not_found);
}

/* Where the description is in the answer. */
static void add_body(const struct new_policy *policy, struct buf *out)
{
    if (policy->how == NEW_BY_ID && policy->body == NULL)
        buf_adds(out, "  return reply\n");
    else if (policy->how == NEW_BY_ID)
        buf_addf(out, "  return reply and reply.%s\n", policy->body);
    else
        buf_addf(out, "  return reply and (reply.%s or {})[1]\n", policy->items);
}

static void add_described(const struct new_policy *policy, struct buf *out)
{
    char *service = lua_service(policy);
    if (policy->how == NEW_SEARCHED) {
        add_search(policy, out);
        mem_free(service);
        return;
    }
    if (policy->not_found != NULL || policy->how != NEW_BY_ID)
        buf_adds(out, "-- Returns the description of the resource, or nil if there is none.\n");
    else
        buf_adds(out,
                 "-- Returns the description of the resource. The API model lists no error for one "
                 "that does not\n-- exist: if there is one, add its code to `try`, as its last "
                 "argument.\n");
    buf_adds(out, "local function described(resource)\n");
    if (policy->how == NEW_ONE_OF)
        buf_addf(out, "  local reply = resource.aws.%s:one(\"%s\", \"%s\", resource.id", service,
                 policy->read_info.name, policy->parameter);
    else
        buf_addf(out,
                 "  local wanted = { %s = resource.id }\n"
                 "  local reply = resource.aws.%s:try(\"%s\", wanted",
                 policy->parameter, service, policy->read_info.name);
    add_codes(policy, out);
    buf_adds(out, ")\n");
    add_body(policy, out);
    buf_adds(out, "end\n\n");
    mem_free(service);
}

static void add_fetch(const struct new_policy *policy, const char *part, struct buf *out)
{
    const char *member = policy->member.name;
    buf_adds(out, "  -- The state that all checks share; nil if the resource does not exist.\n"
                  "  fetch = function(resource)\n"
                  "    local found = described(resource)\n");
    if (policy->check == NEW_MUST_BE_SET)
        buf_addf(out, "    return found and { %s = found.%s ~= nil }\n", part, member);
    else
        buf_addf(out, "    return found and { %s = found.%s == true }\n", part, member);
    buf_adds(out, "  end,\n\n");
}

static void add_check(const struct new_policy *policy, const char *type, const char *part,
                      struct buf *out)
{
    static const char *const wrong[] = {"is not true", "is not false", "is not set"};
    const char *member = policy->member.name;
    buf_addf(
        out,
        "  checks = {\n"
        "    -- An example, which looks at a member that the API model has. Check what matters "
        "to you,\n"
        "    -- and add risk, advice, url and, if it can be repaired, fix, impact and repair.\n"
        "    {\n"
        "      id = \"%s.%s\",\n"
        "      title = \"%s %s\",\n"
        "      severity = \"medium\",\n"
        "      audit = function(_, state)\n"
        "        if %sstate.%s then return true end\n"
        "        return false, \"%s %s\"\n"
        "      end,\n"
        "    },\n"
        "  },\n",
        type, part, member, wrong[policy->check], policy->check == NEW_MUST_BE_FALSE ? "not " : "",
        part, member, wrong[policy->check]);
}

void new_policy_text(const struct new_policy *policy, const char *type, struct buf *out)
{
    const struct model_info *service = model_info(policy->model);
    char *part = snake_case(policy->member.name), *noun = snake_case(policy->noun);
    for (char *c = noun; *c != '\0'; c++)
        *c = *c == '_' ? ' ' : *c;
    buf_addf(out,
             "-- Made by engine new from the API model of %s.\n"
             "-- engine models --show %s:%s prints what it returns.\n\n",
             service->service_id, service->name, policy->read_info.name);
    add_described(policy, out);
    buf_addf(out,
             "return policy {\n"
             "  type = \"%s\",\n"
             "  title = \"%s %s\",\n\n",
             type, service->service_id, noun);
    add_permissions(policy, out);
    add_discover(policy, out);
    add_fetch(policy, part, out);
    add_check(policy, type, part, out);
    buf_adds(out, "}\n");
    mem_free(part);
    mem_free(noun);
}

/* ---- the tests ---- */

/* A value of the member, as Lua. */
static void add_sample(const struct new_policy *policy, struct buf *out)
{
    struct model_shape_info info;
    model_shape_info(policy->model, policy->member.shape, &info);
    switch (info.type) {
    case MODEL_STRING:
        buf_addf(out, "\"%s\"",
                 info.enum_count > 0 ? model_enum_at(policy->model, policy->member.shape, 0)
                                     : "example");
        break;
    case MODEL_BLOB: buf_adds(out, "\"example\""); break;
    case MODEL_INTEGER:
    case MODEL_LONG: buf_adds(out, "1"); break;
    case MODEL_FLOAT:
    case MODEL_DOUBLE: buf_adds(out, "1.5"); break;
    case MODEL_TIMESTAMP: buf_adds(out, "1795000000"); break;
    case MODEL_BOOLEAN: buf_adds(out, policy->check == NEW_MUST_BE_FALSE ? "false" : "true"); break;
    default: buf_adds(out, "{}"); break;
    }
}

static void add_reply(const struct new_policy *policy, struct buf *out)
{
    const char *service = model_info(policy->model)->name, *member = policy->member.name;
    buf_addf(out, "    [\"%s:%s\"] = {\n      ", service, policy->read_info.name);
    if (policy->how != NEW_BY_ID)
        buf_addf(out, "%s = { { %s = ID, %s = value } },\n", policy->items, policy->item_id,
                 member);
    else if (policy->body != NULL)
        buf_addf(out, "%s = { %s = value },\n", policy->body, member);
    else
        buf_addf(out, "%s = value,\n", member);
    buf_adds(out, "    },\n");
}

static void add_gone(const struct new_policy *policy, struct buf *out)
{
    const char *service = model_info(policy->model)->name;
    if (policy->not_found == NULL && policy->how == NEW_BY_ID)
        return;
    buf_addf(out,
             "    {\n"
             "      name = \"a resource that does not exist\",\n"
             "      id = ID,\n"
             "      replies = { [\"%s:%s\"] = ",
             service, policy->read_info.name);
    if (policy->not_found != NULL)
        buf_addf(out, "{ fault = \"%s\" } },\n", policy->not_found);
    else
        buf_addf(out, "{ %s = {} } },\n", policy->items);
    buf_adds(out, "      expect = \"gone\",\n"
                  "    },\n");
}

static void add_page(const struct new_policy *policy, const char *id, const char *more,
                     struct buf *out)
{
    if (policy->item_id != NULL)
        buf_addf(out, "{ %s = { { %s = \"%s\" } }%s }", policy->items, policy->item_id, id, more);
    else
        buf_addf(out, "{ %s = { \"%s\" }%s }", policy->items, id, more);
}

/* The list in two pages, as far as the model tells how they follow each other. */
static void add_list_reply(const struct new_policy *policy, struct buf *out)
{
    if (policy->tokens) {
        buf_adds(out, "{ pages = {\n          ");
        add_page(policy, "one", "", out);
        buf_adds(out, ",\n          ");
        add_page(policy, "two", "", out);
        buf_adds(out, ",\n        } }");
    } else if (policy->next != NULL) {
        char *token = mem_printf(", %s = \"next\"", policy->next);
        buf_addf(out, "{\n          { with = { %s = \"next\" }, reply = ", policy->start);
        add_page(policy, "two", "", out);
        buf_adds(out, " },\n          { with = {}, reply = ");
        add_page(policy, "one", token, out);
        buf_adds(out, " },\n        }");
        mem_free(token);
    } else {
        add_page(policy, "one", "", out);
    }
}

static void add_listing(const struct new_policy *policy, struct buf *out)
{
    bool pages = policy->tokens || policy->next != NULL;
    buf_addf(out,
             "  listings = {\n"
             "    {\n"
             "      name = \"%s\",\n"
             "      replies = {\n"
             "        [\"%s:%s\"] = ",
             pages ? "two pages" : "the list", model_info(policy->model)->name,
             policy->list_info.name);
    add_list_reply(policy, out);
    buf_addf(out,
             ",\n"
             "      },\n"
             "      ids = { \"one\"%s },\n"
             "    },\n"
             "  },\n",
             pages ? ", \"two\"" : "");
}

/* The cases of a good and a bad resource. */
static void add_cases(const struct new_policy *policy, const char *type, struct buf *out)
{
    static const char *const bad[] = {"false", "true", "nil"};
    char *part = snake_case(policy->member.name);
    buf_adds(out, "    { name = \"good\", id = ID, replies = replies(");
    add_sample(policy, out);
    buf_addf(out,
             "), expect = \"compliant\" },\n"
             "    {\n"
             "      name = \"bad\",\n"
             "      id = ID,\n"
             "      replies = replies(%s),\n"
             "      expect = { [\"%s.%s\"] = \"non_compliant\" },\n"
             "    },\n",
             bad[policy->check], type, part);
    mem_free(part);
}

void new_policy_tests(const struct new_policy *policy, const char *type, struct buf *out)
{
    buf_addf(out,
             "-- The tests of ../%s.lua, for engine test.\n"
             "local ID = \"example\"\n\n"
             "-- What AWS returns about the resource.\n"
             "local function replies(value)\n"
             "  return {\n",
             type);
    add_reply(policy, out);
    buf_adds(out, "  }\n"
                  "end\n\n"
                  "return {\n"
                  "  cases = {\n");
    add_cases(policy, type, out);
    add_gone(policy, out);
    buf_adds(out, "  },\n");
    add_listing(policy, out);
    buf_adds(out, "}\n");
}
