#include "report/report_html_data.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "policy/finding.h"
#include "policy/verdict.h"
#include "report/report_escape.h"
#include "report/report_internal.h"
#include "report/report_output.h"
#include "report/report_totals.h"
#include "value/json.h"

/* A block is small enough for a browser to unpack while the reader waits for one finding, and large
 * enough to compress well. */
#define BLOCK_FINDINGS 256
#define BLOCK_BYTES (1u << 20)
#define CHUNK 16384

struct html_data {
    json_t *checks; /* what each check says about itself */
    json_t *known;  /* the same as JSON text: its index */
    z_stream stream;
    struct buf packed; /* the details of this block so far, compressed */
    size_t rows;       /* in this block */
};

static const char *const check_keys[] = {"check", "title", "severity", "controls"};
static const char *const row_keys[] = {"account", "region", "type", "id", "summary"};

/* Memory for zlib, which cannot be refused. */
static void *allocate(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return mem_alloc((size_t)count * size);
}

static void release(void *unused, void *memory)
{
    (void)unused;
    mem_free(memory);
}

struct html_data *html_data_new(void)
{
    struct html_data *data = mem_alloc(sizeof *data);
    data->checks = json_array();
    data->known = json_object();
    data->stream.zalloc = allocate;
    data->stream.zfree = release;
    deflateInit(&data->stream, Z_DEFAULT_COMPRESSION);
    buf_init(&data->packed, 2 * REPORT_TEXT_MAX);
    return data;
}

void html_data_free(struct html_data *data)
{
    if (data == NULL)
        return;
    json_decref(data->checks);
    json_decref(data->known);
    deflateEnd(&data->stream);
    buf_clear(&data->packed);
    mem_free(data);
}

static void pack(struct html_data *data, const char *text, size_t length, int flush)
{
    unsigned char chunk[CHUNK];
    z_stream *stream = &data->stream;
    stream->next_in = (unsigned char *)(uintptr_t)text;
    stream->avail_in = (unsigned)length;
    do {
        stream->next_out = chunk;
        stream->avail_out = sizeof chunk;
        deflate(stream, flush);
        buf_add(&data->packed, chunk, sizeof chunk - stream->avail_out);
    } while (stream->avail_out == 0);
}

static void move(json_t *from, json_t *to, const char *key)
{
    if (json_object_get(from, key) != NULL)
        json_object_set_nocheck(to, key, json_object_get(from, key));
    json_object_del(from, key);
}

static json_int_t index_of(struct html_data *data, json_t *check)
{
    json_int_t next = (json_int_t)json_array_size(data->checks);
    char *text = json_text(check);
    json_int_t index = json_get_integer(data->known, text, next);
    if (index == next) {
        json_array_append(data->checks, check);
        json_object_set_new_nocheck(data->known, text, json_integer(next));
    }
    mem_free(text);
    return index;
}

/* Index of the check; its members leave `rest`. */
static json_int_t take_check(struct html_data *data, json_t *rest)
{
    json_t *check = json_object();
    for (size_t i = 0; i < sizeof check_keys / sizeof *check_keys; i++)
        move(rest, check, check_keys[i]);
    for (size_t i = 0; finding_check_fields[i] != NULL; i++)
        move(rest, check, finding_check_fields[i]);
    json_int_t index = index_of(data, check);
    json_decref(check);
    return index;
}

static json_t *row_of(const json_t *finding, json_int_t check)
{
    const char *summary = finding_get(finding, "summary"), *why = finding_why(finding);
    json_t *row = json_array();
    json_array_append_new(row, json_integer(check));
    for (size_t i = 0; i < 4; i++)
        json_array_append_new(row, json_string_nocheck(finding_get(finding, row_keys[i])));
    json_array_append_new(row, json_integer(total_of(finding)));
    json_array_append_new(row, json_integer(verdict_mark(finding)));
    json_array_append_new(row, json_string_nocheck(summary));
    json_array_append_new(row, json_string_nocheck(strstr(summary, why) == NULL ? why : ""));
    return row;
}

static void write_row(struct html_data *data, struct report *report, json_t *row)
{
    struct buf out;
    buf_init(&out, 4 * REPORT_TEXT_MAX);
    buf_adds(&out, data->rows == 0
                       ? "<script type=\"application/json\" class=\"findings\">{\"rows\":[\n"
                       : ",\n");
    report_escape_json(&out, row, JSON_FOR_PAGE);
    report_write(report, &out);
    buf_clear(&out);
    json_decref(row);
}

static void pack_details(struct html_data *data, json_t *rest)
{
    struct buf text;
    for (size_t i = 0; i < sizeof row_keys / sizeof *row_keys; i++)
        json_object_del(rest, row_keys[i]);
    buf_init(&text, REPORT_TEXT_MAX);
    buf_adds(&text, data->rows == 0 ? "[" : ",\n");
    json_write(rest, &text);
    data->packed.failed = data->packed.failed || text.failed;
    pack(data, buf_text(&text), text.len, Z_NO_FLUSH);
    buf_clear(&text);
}

void html_data_add(struct html_data *data, struct report *report, const json_t *finding)
{
    json_t *rest = json_copy((json_t *)(uintptr_t)finding);
    write_row(data, report, row_of(finding, take_check(data, rest)));
    pack_details(data, rest);
    json_decref(rest);
    data->rows++;
    if (data->rows == BLOCK_FINDINGS || data->stream.total_in >= BLOCK_BYTES)
        html_data_end(data, report);
}

void html_data_end(struct html_data *data, struct report *report)
{
    struct buf out;
    if (data->rows == 0)
        return;
    buf_init(&out, 4 * REPORT_TEXT_MAX);
    buf_adds(&out, "],\n\"details\":\"");
    pack(data, "]", 1, Z_FINISH);
    out.failed = data->packed.failed;
    base64_encode(data->packed.data, data->packed.len, &out);
    buf_adds(&out, "\"}</script>\n");
    report_write(report, &out);
    buf_clear(&out);
    buf_reset(&data->packed);
    deflateReset(&data->stream);
    data->rows = 0;
}

const json_t *html_data_checks(const struct html_data *data)
{
    return data->checks;
}
