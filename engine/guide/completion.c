#include "guide/completion.h"

#include <string.h>

#include "base/buf.h"

/* Far longer than the names of all checks. */
#define MAX_WORDS (1u << 20)
#define FRAMEWORKS "cis-3.0 cis-5.0 fsbp nist-800-53-r5 pci-dss-4.0.1"
#define SEVERITIES "critical high medium low"

static const struct {
    const char *option;
    const char *words;
} values[] = {
    {"types", "@types"},
    {"checks", "@checks @types"},
    {"severity", SEVERITIES},
    {"policy", "@types"},
    {"remediate", "true false"},
    {"repair", "@checks @types all"},
    {"hold-irreversible", "true false"},
    {"compliance", FRAMEWORKS},
    {"fail-on", "new " SEVERITIES},
    {"format", "table summary jsonl json csv html sarif junit asff ocsf markdown"},
    {"log-level", "error warn info debug"},
    {"log-format", "text json"},
    {"access=", "read write both"},
    {"partition=", "aws aws-cn aws-us-gov"},
};

const char *completion_values(const struct guide_command *command, const char *option)
{
    if (command->formats != NULL && strcmp(option, "format") == 0)
        return command->formats;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(values[i].option, option) == 0)
            return values[i].words;
    }
    return NULL;
}

enum completion_value completion_value(const struct guide_command *command,
                                       const struct guide_option *option)
{
    if (option->value[0] == '\0')
        return VALUE_NONE;
    if (option->value[0] == '[')
        return VALUE_OPTIONAL;
    if (completion_values(command, option->name) != NULL)
        return VALUE_WORDS;
    if (strcmp(option->value, "FILE") == 0)
        return VALUE_FILE;
    return strncmp(option->value, "DIR", 3) == 0 ? VALUE_FOLDER : VALUE_ANY;
}

static void add_word(struct buf *out, const char *word, size_t length)
{
    if (out->len > 0)
        buf_addc(out, ' ');
    buf_add(out, word, length);
}

static void add_checks(const struct policy *policy, struct buf *out)
{
    size_t i;
    json_t *check;
    json_array_foreach (json_object_get(policy->meta, "checks"), i, check) {
        const char *id = json_string_value(json_object_get(check, "id"));
        add_word(out, id, strlen(id));
    }
}

/* `kind`: of "@checks", "@types" or "@frameworks". */
static void add_of_policies(char kind, const struct generate_input *input, struct buf *out)
{
    if (kind == 'f')
        add_word(out, FRAMEWORKS, strlen(FRAMEWORKS));
    for (size_t i = 0; i < input->count && kind != 'f'; i++) {
        const struct policy *policy = input->policies[i];
        if (kind == 'c')
            add_checks(policy, out);
        else
            add_word(out, policy->type, strlen(policy->type));
    }
}

char *completion_words(const char *words, const struct generate_input *input)
{
    struct buf out;
    buf_init(&out, MAX_WORDS);
    for (const char *word = words; *word != '\0'; word += strspn(word, " ")) {
        size_t length = strcspn(word, " ");
        if (word[0] == '@')
            add_of_policies(word[1], input, &out);
        else
            add_word(&out, word, length);
        word += length;
    }
    return buf_take(&out);
}
