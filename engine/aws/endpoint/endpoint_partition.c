#include "aws/endpoint/endpoint_partition.h"

#include <string.h>

#include "aws/endpoint/endpoint_internal.h"
#include "base/buf.h"
#include "base/mem.h"
#include "value/json.h"

#define MAX_PATTERN 1024

/* The partitions' patterns are for other regex engines: \w, \d and \- become POSIX. */
static void translate(const char *pattern, struct buf *out)
{
    for (; *pattern != '\0'; pattern++) {
        if (pattern[0] != '\\' || pattern[1] == '\0')
            buf_addc(out, pattern[0]);
        else if (*++pattern == 'w')
            buf_adds(out, "[[:alnum:]_]");
        else if (*pattern == 'd')
            buf_adds(out, "[0-9]");
        else if (*pattern == '-')
            buf_addc(out, '-');
        else
            buf_addf(out, "\\%c", *pattern);
    }
}

static void compile_pattern(struct partition *partition)
{
    struct buf translated;
    buf_init(&translated, MAX_PATTERN);
    translate(partition->pattern_text, &translated);
    bool fine = !translated.failed && translated.len > 0 &&
                regcomp(&partition->pattern, buf_text(&translated), REG_EXTENDED | REG_NOSUB) == 0;
    buf_clear(&translated);
    partition->compiled = fine ? PATTERN_FINE : PATTERN_BAD;
}

/* Nearly all regions are listed, and compiling takes longer than all lookups of a run. */
static bool matches(struct partition *partition, const char *region)
{
    if (partition->compiled == PATTERN_UNKNOWN)
        compile_pattern(partition);
    return partition->compiled == PATTERN_FINE &&
           regexec(&partition->pattern, region, 0, NULL, 0) == 0;
}

static void load_regions(struct partition *partition, const json_t *regions)
{
    size_t index;
    json_t *region;
    partition->regions = mem_alloc((json_array_size(regions) + 1) * sizeof *partition->regions);
    json_array_foreach (regions, index, region) {
        if (json_is_string(region))
            partition->regions[partition->region_count++] = mem_strdup(json_string_value(region));
    }
}

static void load_partition(struct endpoints *endpoints, const json_t *source)
{
    struct partition *partition = &endpoints->partitions[endpoints->count];
    partition->pattern_text = mem_strdup(json_get_string(source, "regionRegex", ""));
    partition->id = mem_strdup(json_get_string(source, "id", ""));
    partition->dns_suffix = mem_strdup(json_get_string(source, "dnsSuffix", ""));
    load_regions(partition, json_object_get(source, "regions"));
    endpoints->count++;
}

void partitions_load(struct endpoints *endpoints, const char *text, size_t length)
{
    json_t *source = json_parse(text, length, NULL);
    const json_t *list = json_object_get(source, "partitions");
    size_t index;
    json_t *partition;
    endpoints->partitions = mem_alloc((json_array_size(list) + 1) * sizeof *endpoints->partitions);
    json_array_foreach (list, index, partition) {
        load_partition(endpoints, partition);
    }
    json_decref(source);
}

void partitions_clear(struct endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++) {
        struct partition *partition = &endpoints->partitions[i];
        for (size_t j = 0; j < partition->region_count; j++)
            mem_free(partition->regions[j]);
        mem_free(partition->regions);
        mem_free(partition->id);
        mem_free(partition->dns_suffix);
        mem_free(partition->pattern_text);
        if (partition->compiled == PATTERN_FINE)
            regfree(&partition->pattern);
    }
    mem_free(endpoints->partitions);
}

static bool lists(const struct partition *partition, const char *region)
{
    for (size_t i = 0; i < partition->region_count; i++) {
        if (strcmp(partition->regions[i], region) == 0)
            return true;
    }
    return false;
}

const struct partition *partition_of(const struct endpoints *endpoints, const char *region)
{
    for (size_t i = 0; i < endpoints->count; i++) {
        if (lists(&endpoints->partitions[i], region))
            return &endpoints->partitions[i];
    }
    for (size_t i = 0; i < endpoints->count; i++) {
        if (matches(&endpoints->partitions[i], region))
            return &endpoints->partitions[i];
    }
    return NULL;
}

size_t endpoint_partitions(const struct endpoints *endpoints,
                           void (*offer)(void *arg, const char *partition), void *arg)
{
    for (size_t i = 0; i < endpoints->count; i++)
        offer(arg, endpoints->partitions[i].id);
    return endpoints->count;
}

bool endpoint_may_be_region(const struct endpoints *endpoints, const char *region)
{
    return partition_of(endpoints, region) != NULL;
}

const char *endpoint_partition(const struct endpoints *endpoints, const char *region)
{
    const struct partition *partition = partition_of(endpoints, region);
    return partition != NULL ? partition->id : "aws";
}

/* Names like "aws-global" stand for services without regions. */
static bool is_pseudo_region(const char *region)
{
    size_t length = strlen(region);
    return length > 0 && region[length - 1] >= '0' && region[length - 1] <= '9';
}

size_t endpoint_regions(const struct endpoints *endpoints,
                        void (*offer)(void *arg, const char *region), void *arg)
{
    size_t count = 0;
    for (size_t i = 0; i < endpoints->count; i++) {
        const struct partition *partition = &endpoints->partitions[i];
        for (size_t j = 0; j < partition->region_count; j++) {
            if (!is_pseudo_region(partition->regions[j]))
                continue;
            offer(arg, partition->regions[j]);
            count++;
        }
    }
    return count;
}
