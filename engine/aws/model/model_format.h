/* The file of one compiled service model. engine/aws/model_compiler/ writes it, model_open.c maps
 * it. A file is a header and sections of fixed records, in the byte order of the machine (all
 * machines of AWS are little-endian; on any other, the magic number does not match). Strings are
 * offsets into one pool, each ended by NUL; offset 0 is "". Shapes and members are stored in the
 * order in which the operations reach them, so that a call touches few pages.
 *
 * The file of a service also holds its endpoints. The partitions have a file of their own
 * (MODEL_PARTITIONS_FILE), which is JSON:
 * {"partitions":[{"id","dnsSuffix","regionRegex","regions"}]}. */
#ifndef AWS_MODEL_MODEL_FORMAT_H
#define AWS_MODEL_MODEL_FORMAT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MODEL_FILE_MAGIC 0x4c444d45u /* "EMDL" */
#define MODEL_FILE_VERSION 8u
#define MODEL_FILE_SUFFIX ".model"
#define MODEL_FILE_MAX (256u << 20)
#define MODEL_PARTITIONS_FILE "endpoints"
#define MODEL_NOTHING UINT32_MAX
#define MODEL_FILE_DIGEST 16

typedef uint32_t model_text; /* offset into the pool */

struct model_file_section {
    uint32_t offset; /* of the first record, from the start of the file */
    uint32_t count;  /* of records; of bytes in the pool */
};

enum model_file_flag { MODEL_FILE_QUERY_COMPATIBLE = 1, MODEL_FILE_S3 = 2 };

struct model_file_header {
    uint32_t magic;
    uint32_t version;
    uint32_t size;     /* of the whole file */
    uint32_t checksum; /* model_file_checksum of the header with this field 0 */
    unsigned char digest[MODEL_FILE_DIGEST]; /* first bytes of the SHA-256 of the whole file with
                                              * checksum and digest 0: names the content, without a
                                              * read of the file. A file that is opened is not
                                              * compared with it */
    uint32_t flags;
    uint32_t protocol;
    model_text name, service_id, endpoint_prefix, signing_name, api_version, json_version;
    model_text target_prefix, xml_namespace, global_endpoint, uid;
    struct model_file_section operations;   /* model_file_operation, sorted by name */
    struct model_file_section errors;       /* uint32_t: shapes of the operations' errors */
    struct model_file_section shapes;       /* model_file_shape */
    struct model_file_section traits;       /* model_file_traits */
    struct model_file_section enums;        /* model_text: the values listed by shapes */
    struct model_file_section members;      /* model_file_member, in the models' order */
    struct model_file_section member_marks; /* model_file_member_mark, sorted by member */
    struct model_file_section by_name;    /* uint16_t for each member: order within the structure */
    struct model_file_section by_wire;    /* the same, by wire name */
    struct model_file_section paginators; /* model_file_paginator */
    struct model_file_section endpoints;  /* model_file_endpoint, sorted by scope */
    struct model_file_section pool;
};

enum model_operation_flag {
    MODEL_OPERATION_CHECKSUM = 1,
    MODEL_OPERATION_IDEMPOTENT = 2,
    MODEL_OPERATION_EVENT_STREAM = 4,
    MODEL_OPERATION_READONLY = 8
};

/* The operation's route (model_endpoint.h) is stored above its flags; only a few have one other
 * than 0. */
#define MODEL_OPERATION_ROUTE_SHIFT 8
#define MODEL_MAX_ROUTES 255u

struct model_file_operation {
    model_text name, method, uri, host_prefix, result_wrapper, auth_type;
    model_text input_xml_name, input_xml_namespace;
    uint32_t input, output; /* shapes, or MODEL_NOTHING */
    uint32_t first_error;
    uint32_t paginator; /* or MODEL_NOTHING */
    uint16_t error_count;
    uint16_t flags;
};

enum model_shape_flag {
    MODEL_SHAPE_FLATTENED = 1,
    MODEL_SHAPE_SPARSE = 2,
    MODEL_SHAPE_STREAMING = 4,
    MODEL_SHAPE_UNION = 8,
    MODEL_SHAPE_DOCUMENT = 16,
    MODEL_SHAPE_ERROR = 32,
    MODEL_SHAPE_SENSITIVE = 64,
    MODEL_SHAPE_GUARDED = 128 /* the shape, or a part of it, is sensitive */
};

struct model_file_shape {
    model_text name;
    uint32_t first;  /* structure: first member; list: element; map: value; string: first enum */
    uint32_t second; /* structure: member count; map: key; string: enum count */
    uint32_t traits; /* or MODEL_NOTHING */
    uint8_t type;
    uint8_t time;
    uint16_t flags;
};

/* Traits that few shapes have. */
struct model_file_traits {
    model_text element_name, key_name, element_namespace, payload;
    model_text xml_name, xml_namespace, xml_prefix, error_code;
    uint32_t error_status;
};

enum model_member_flag {
    MODEL_MEMBER_REQUIRED = 1,
    MODEL_MEMBER_FLATTENED = 2,
    MODEL_MEMBER_XML_ATTRIBUTE = 4,
    MODEL_MEMBER_TOKEN = 8,
    MODEL_MEMBER_JSONVALUE = 16,
    MODEL_MEMBER_STREAMING = 32,
    MODEL_MEMBER_HOST_LABEL = 64,
    MODEL_MEMBER_EVENT_PAYLOAD = 128,
    MODEL_MEMBER_LOCATION_NAME = 256,
    MODEL_MEMBER_MARKED = 512,
    MODEL_MEMBER_SENSITIVE = 1024,
    MODEL_MEMBER_PLAIN = 2048
};

struct model_file_member {
    model_text name, wire;
    uint32_t shape;
    uint16_t flags;
    uint8_t location;
    uint8_t time;
};

/* Traits that few members have. */
struct model_file_member_mark {
    uint32_t member;
    model_text query_name, xml_namespace, xml_prefix;
};

#define MODEL_FILE_TOKENS 4

struct model_file_paginator {
    model_text input_token[MODEL_FILE_TOKENS], output_token[MODEL_FILE_TOKENS];
    model_text result_key[MODEL_FILE_TOKENS];
    model_text more_results, limit_key;
    uint32_t token_count, result_count;
};

/* The endpoint for one region, or for all other regions of one partition. */
struct model_file_endpoint {
    model_text scope;          /* model_scope */
    model_text url;            /* "https://sqs.{region}.amazonaws.com" */
    model_text signing_region; /* "": the region itself */
    model_text signing_name;   /* "": that of the service */
};

#define MODEL_MAX_SCOPE 80

/* "us-east-1" or "aws"; "1/aws" for operations of route 1, "f/aws" for FIPS (variant 1), "d/aws"
 * for dual stack (2), "1fd/aws" for both. Returns false if it is too long. */
static inline bool model_scope(unsigned route, unsigned variant, const char *name,
                               char out[MODEL_MAX_SCOPE])
{
    static const char *const letters[] = {"", "f", "d", "fd"};
    char number[16] = "";
    if (route != 0)
        snprintf(number, sizeof number, "%u", route);
    int length = snprintf(out, MODEL_MAX_SCOPE, "%s%s%s%s", number, letters[variant % 4],
                          route != 0 || variant != 0 ? "/" : "", name);
    return length > 0 && length < MODEL_MAX_SCOPE;
}

/* FNV-1a, 32 bit. */
static inline uint32_t model_file_checksum(const void *bytes, uint32_t length)
{
    const unsigned char *byte = bytes;
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * 16777619u;
    return hash;
}

#endif
