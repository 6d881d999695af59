#include "aws/opclass.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "aws/opclass_table.h"

/* Policies may write a service's name with '_'. */
static bool same_service(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        char left = *a == '_' ? '-' : *a, right = *b == '_' ? '-' : *b;
        if (left != right)
            return false;
    }
    return *a == *b;
}

/* Does one word of the table name the operation? */
static bool word_matches(const char *word, size_t length, const char *operation)
{
    if (length > 0 && word[length - 1] == '*')
        return strncmp(word, operation, length - 1) == 0;
    return strncmp(word, operation, length) == 0 && operation[length] == '\0';
}

static bool any_word_matches(const char *words, const char *operation)
{
    for (;;) {
        words += strspn(words, " ");
        size_t length = strcspn(words, " ");
        if (length == 0)
            return false;
        if (word_matches(words, length, operation))
            return true;
        words += length;
    }
}

static bool begins_with_verb(const char *operation, const char *verb)
{
    size_t length = strlen(verb);
    return strncmp(operation, verb, length) == 0 && isupper((unsigned char)operation[length]);
}

/* The verbs by which AWS names reads nearly without exception; every exception that is known stands
 * in the table. Search, Query, Lookup, Check, Test, Validate and the like are reads of one service
 * and data planes or changes of another, so these are listed one by one. */
static bool named_as_read(const char *operation)
{
    static const char *const verbs[] = {"Get", "List", "Describe", "BatchGet", "BatchDescribe"};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (begins_with_verb(operation, verbs[i]))
            return true;
    }
    return false;
}

enum opclass opclass_of(const char *service, const char *operation)
{
    for (size_t i = 0; i < opclass_table_count; i++) {
        const struct opclass_entry *entry = &opclass_table[i];
        if (entry->service[0] == service[0] && same_service(entry->service, service) &&
            any_word_matches(entry->operations, operation))
            return entry->value;
    }
    return named_as_read(operation) ? OP_READ : OP_WRITE;
}

const char *opclass_name(enum opclass value)
{
    switch (value) {
    case OP_READ: return "read";
    case OP_WRITE: return "write";
    case OP_FORBIDDEN: return "forbidden";
    }
    return "write";
}
