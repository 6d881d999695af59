#include "aws/operations/opclass_table.h"

#include <stdlib.h>
#include <string.h>

#include "aws_reads.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MAX_NAME 256

const struct review_row *const review_operations = reviewed_operations;
const struct review_row *const review_patterns = reviewed_patterns;
const struct review_row *const review_members = reviewed_secrets;
const size_t review_operation_count = COUNT(reviewed_operations);
const size_t review_pattern_count = COUNT(reviewed_patterns);
const size_t review_member_count = COUNT(reviewed_secrets);

/* A name that is too long is in no row. */
static void join(char out[MAX_NAME], const char *service, const char *operation, const char *member)
{
    const char *const parts[] = {service, ":", operation, member[0] != '\0' ? "." : "", member};
    size_t used = 0;
    for (size_t i = 0; i < COUNT(parts); i++) {
        size_t length = strlen(parts[i]);
        if (length >= MAX_NAME - used) {
            used = 0;
            break;
        }
        memcpy(out + used, parts[i], length);
        used += length;
    }
    out[used] = '\0';
    for (char *c = out; *c != '\0' && *c != ':'; c++)
        *c = *c == '_' ? '-' : *c;
}

static int by_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct review_row *)row)->name);
}

static enum review find(const char *name, const struct review_row *rows, size_t count)
{
    const struct review_row *row = bsearch(name, rows, count, sizeof *rows, by_name);
    return row != NULL ? row->verdict : REVIEW_NONE;
}

enum review review_operation(const char *service, const char *operation)
{
    char name[MAX_NAME];
    join(name, service, operation, "");
    enum review verdict = find(name, reviewed_operations, review_operation_count);
    for (size_t i = 0; verdict == REVIEW_NONE && i < review_pattern_count; i++) {
        const struct review_row *row = &reviewed_patterns[i];
        if (strncmp(row->name, name, strlen(row->name)) == 0)
            verdict = row->verdict;
    }
    return verdict;
}

enum review review_member(const char *service, const char *shape, const char *member)
{
    char name[MAX_NAME];
    join(name, service, shape, member);
    return find(name, reviewed_secrets, review_member_count);
}
