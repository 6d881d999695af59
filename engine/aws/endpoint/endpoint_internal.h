/* The layout of the compiled partitions, for the files of this room only. */
#ifndef AWS_ENDPOINT_ENDPOINT_INTERNAL_H
#define AWS_ENDPOINT_ENDPOINT_INTERNAL_H

#include <jansson.h>
#include <regex.h>
#include <stddef.h>

struct partition {
    char *id;
    char *dns_suffix;
    char **regions;
    size_t region_count;
    char *pattern_text; /* of regions that are not yet listed */
    regex_t pattern;    /* the same; compiled when it is needed first */
    enum { PATTERN_UNKNOWN, PATTERN_FINE, PATTERN_BAD } compiled;
};

struct endpoints {
    struct partition *partitions;
    size_t count;
    const char *(*getenv)(const char *);
    json_t *profile; /* or NULL */
};

#endif
