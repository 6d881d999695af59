/* Events of a stream, one at a time: where each begins, what a broken one costs, and what is held
 * meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "intake/event_source.h"
#include "support/slowed.h"

#define MAX ((size_t)128 << 20)

/* What came, as one text: "1 {…};", "1/2.3 {…};" for record 3 of file 2, "!1/1.1 problem;". */
static struct {
    struct loop *loop;
    struct event_source *source;
    struct buf output, input;
    size_t texts;
    bool brief; /* only counts */
} run;

static void on_text(void *arg, const struct event_text *text)
{
    (void)arg;
    run.texts++;
    if (!run.brief || text->problem != NULL) {
        buf_addf(&run.output, text->problem != NULL ? "!%lu" : "%lu", text->line);
        if (text->file > 0)
            buf_addf(&run.output, "/%lu.%lu", text->file, text->record);
        buf_addc(&run.output, ' ');
        buf_adds(&run.output, text->problem != NULL ? text->problem : text->text);
        buf_addc(&run.output, ';');
    }
    event_source_pull(run.source);
}

static void on_bad(void *arg, const struct err *err)
{
    (void)arg;
    buf_addf(&run.output, "!%s;", err->message);
    event_source_pull(run.source);
}

static void on_end(void *arg)
{
    (void)arg;
    buf_adds(&run.output, "end");
    event_source_free(run.source);
    run.source = NULL;
}

static int set_up(void **state)
{
    (void)state;
    memset(&run, 0, sizeof run);
    run.loop = loop_new();
    buf_init(&run.output, 1 << 20);
    buf_init(&run.input, MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    event_source_free(run.source);
    loop_free(run.loop);
    buf_clear(&run.output);
    buf_clear(&run.input);
    return 0;
}

static void begin(int fd)
{
    static const struct event_target target = {.text = on_text, .bad = on_bad, .end = on_end};
    run.source = event_source_new(run.loop, fd, &target);
    event_source_pull(run.source);
}

/* Reads what was put into run.input. */
static void read_input(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    fwrite(buf_text(&run.input), 1, run.input.len, file);
    rewind(file);
    begin(fileno(file));
    loop_run(run.loop);
    fclose(file);
    buf_reset(&run.input);
}

static void expect(const char *want)
{
    buf_reset(&run.output);
    read_input();
    assert_string_equal(buf_text(&run.output), want);
}

/* The text as a compressed file of its own. */
static void put_gzip(const char *text, size_t length)
{
    z_stream stream = {0};
    unsigned char out[4096];
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, 0), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (unsigned)length;
    int result = Z_OK;
    while (result == Z_OK) {
        stream.next_out = out;
        stream.avail_out = sizeof out;
        result = deflate(&stream, Z_FINISH);
        buf_add(&run.input, out, sizeof out - stream.avail_out);
    }
    assert_int_equal(result, Z_STREAM_END);
    deflateEnd(&stream);
}

static void expect_gzip(const char *text, const char *want)
{
    put_gzip(text, strlen(text));
    expect(want);
}

#define CUT "the list \"Records\" of this file is cut off"

static const struct row {
    const char *input, *want;
} rows[] = {
    {"", "end"},
    {"\n \n\t\r\n", "end"},
    {"{}", "1 {};end"},
    {"{}\n{}\n", "1 {};2 {};end"},
    {"{}{}", "1 {};1 {};end"},
    {"\n {\n \"a\": [\n {}\n ]\n}\n{}", "2 {\n \"a\": [\n {}\n ]\n};7 {};end"},
    {"{\n\"a\": [\n{},\n{}\n]\n}", "1 {\n\"a\": [\n{},\n{}\n]\n};end"},
    {"{\"a\":\"}{\\\"\\\\\"}\n{}", "1 {\"a\":\"}{\\\"\\\\\"};2 {};end"},
    {"[1]\n[\n2]", "1 [1];2 [\n2];end"},
    /* other texts */
    {"nonsense\n{}", "1 nonsense;2 {};end"},
    {"7 {}\n{}\nx", "1 7 {};2 {};3 x;end"},
    /* broken documents */
    {"{\n{}\n", "1 {\n;2 {};end"},
    {"{\"a\":1\n{}\n", "1 {\"a\":1\n;2 {};end"},
    {"{\"a\":\"b\n{}\n", "1 {\"a\":\"b;2 {};end"},
    {"{\"a\":1]}\n{}\n", "1 {\"a\":1;2 {};end"},
    {"{\n \"a\": \"b\n \"c\": {\n }\n}\n{}", "1 {\n \"a\": \"b;6 {};end"},
    {"{\"a\":", "1 {\"a\":;end"},
    {"{\"a\":{}}}\n{}", "1 {\"a\":{}};1 };2 {};end"},
    /* files */
    {"{\"Records\":[]}", "end"},
    {"{\"Records\":[{\"a\":1},{\"b\":[{}]}]}", "1/1.1 {\"a\":1};1/1.2 {\"b\":[{}]};end"},
    {"{ \"v\": {\"Records\":[1]}, \"Records\" : [\n {\n },\n{}\n], \"w\": [\"]}\"] }\n{}",
     "2/1.1 {\n };4/1.2 {};6 {};end"},
    {"{\"Records\":[{}]}{\"Records\":[{}]}\n{\"Records\":[{}]}", "1/1.1 {};1/2.1 {};2/3.1 {};end"},
    {"{\"Records\":[{}],\"a\":[1],\n\"Records\":[{},7]}{}", "1/1.1 {};2/1.2 {};2/1.3 7;2 {};end"},
    {"\xef\xbb\xbf{\"Records\":[{}]}\r\n\xef\xbb\xbf{}", "1/1.1 {};2 {};end"},
    {"{\"Records\":7}", "1 {\"Records\":7};end"},
    {"{\"records\":[{}]}", "1 {\"records\":[{}]};end"},
    {"{\"a\":\"Records\",\"b\":[{}]}", "1 {\"a\":\"Records\",\"b\":[{}]};end"},
    {"{\"\\u0052ecords\":[{}]}", "1 {\"\\u0052ecords\":[{}]};end"},
    /* broken records */
    {"{\"Records\":[7,{},null,[{}],\"x\"]}",
     "1/1.1 7;1/1.2 {};1/1.3 null;1/1.4 [{}];1/1.5 \"x\";end"},
    {"{\"Records\":[{\"a\":{{}}},{}]}", "1/1.1 {\"a\":{{}}};1/1.2 {};end"},
    {"{\"Records\":[{\"a\":\"b\n},{}]}", "1/1.1 {\"a\":\"b\n};2/1.2 {};end"},
    {"{\"Records\":[{\"a\":1],{}]}\n", "1/1.1 {\"a\":1];1/1.2 {};end"},
    {"{\"Records\":[\n{\"a\":1\n{}]}\n", "2/1.1 {\"a\":1\n;3/1.2 {};end"},
    {"{\"Records\":[{}", "1/1.1 {};!1/1.1 " CUT ";end"},
    {"{\"Records\":[{}]\n{}", "1/1.1 {};!2/1.1 " CUT ";2 {};end"},
    {"{\"Records\":[{}]]\n{}", "1/1.1 {};!1/1.1 " CUT ";2 {};end"},
    {"{\"Records\":[{},\n{\"Records\":[{}]}", "1/1.1 {};!2/1.2 " CUT ";2/2.1 {};end"},
};

static void test_documents(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_adds(&run.input, rows[i].input);
        expect(rows[i].want);
        expect_gzip(rows[i].input, rows[i].want);
    }
}

static void test_compressed_among_others(void **state)
{
    (void)state;
    static const char file[] = "{\"Records\":[{}]}";
    buf_adds(&run.input, "{}");
    put_gzip(file, strlen(file));
    put_gzip("odd", 3);
    put_gzip(file, strlen(file));
    buf_adds(&run.input, "\n{}\n");
    expect("1 {};1/1.1 {};1 odd;1/2.1 {};2 {};end");
}

static void test_damaged_file(void **state)
{
    (void)state;
    put_gzip("{}", 2);
    run.input.len -= 3;
    expect("1 {};!byte 19: the compressed file (gzip) ends early;end");
    put_gzip("{}", 2);
    run.input.data[10] = '\xff';
    buf_adds(&run.input, "{}");
    read_input();
    assert_non_null(strstr(buf_text(&run.output), "is damaged: what follows is not read;end"));
    buf_add(&run.input, "\x1f", 1);
    expect("1 \x1f;end");
}

/* As gzip(1) does. */
static void test_padding(void **state)
{
    (void)state;
    static const char zeros[40000];
    put_gzip("{}", 2);
    buf_add(&run.input, zeros, sizeof zeros);
    expect("1 {};end");
    put_gzip("{}", 2);
    buf_add(&run.input, zeros, 5);
    put_gzip("{\"a\":1}", 7);
    buf_add(&run.input, zeros, 5);
    buf_adds(&run.input, "{}");
    expect("1 {};1 {\"a\":1};1 {};end");
}

/* A few kilobytes that hold a line of 100 MB: most of it is not even expanded. */
static void test_endless_line(void **state)
{
    (void)state;
    if (is_slowed())
        return;
    struct buf text;
    buf_init(&text, 101u << 20);
    buf_adds(&text, "{}\n{\"a\":\"");
    while (text.len < (size_t)100 << 20)
        buf_adds(&text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    put_gzip(buf_text(&text), text.len);
    buf_clear(&text);
    buf_adds(&run.input, "{}");
    read_input();
    assert_non_null(strstr(buf_text(&run.output), "1 {};!2 longer than 1048576 bytes;!byte "));
    assert_non_null(strstr(buf_text(&run.output),
                           ": no event ends within 67108864 bytes of text: what follows is not "
                           "read;end"));
}

static void put_many(char c, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_addc(&run.input, c);
}

static void test_longest(void **state)
{
    (void)state;
    run.brief = true;
    buf_adds(&run.input, "{\"a\":\"");
    put_many('x', EVENT_MAX - 8);
    buf_adds(&run.input, "\"}\n{\"Records\":[{\"a\":\"");
    put_many('x', EVENT_MAX - 7);
    buf_adds(&run.input, "\"},{}]}\n");
    put_many('y', EVENT_MAX + 1);
    expect("!2/1.1 longer than 1048576 bytes;!3 longer than 1048576 bytes;end");
    assert_int_equal(run.texts, 4);
}

static void test_deep(void **state)
{
    (void)state;
    run.brief = true;
    put_many('[', 3000);
    buf_adds(&run.input, "\n{\"Records\":[");
    put_many('[', 3000);
    put_many(']', 3000);
    buf_adds(&run.input, ",{}]}");
    expect("!1 nested deeper than 512 levels;end");
    assert_int_equal(run.texts, 3);
}

/* Far more than one event may have: one line, compressed, as CloudTrail delivers it. */
static void test_large_file(void **state)
{
    (void)state;
    const size_t size = slowed_rounds(4u << 20);
    struct buf text;
    buf_init(&text, MAX);
    buf_adds(&text, "{\"Records\":[{}");
    while (text.len < size)
        buf_adds(&text, ",{\"eventVersion\":\"1.08\",\"requestParameters\":{\"a\":[1,2,3]}}");
    buf_adds(&text, "]}");
    put_gzip(buf_text(&text), text.len);
    buf_clear(&text);
    run.brief = true;
    expect("end");
    assert_true((size_t)run.texts > size / 69);
}

/* A pipe: a text is passed on as soon as it is complete, whatever the pieces in which it comes. */
static void test_pieces(void **state)
{
    (void)state;
    int ends[2];
    put_gzip("{\"Records\":[{}]}", 16);
    buf_adds(&run.input, "{}");
    assert_int_equal(pipe(ends), 0);
    begin(ends[0]);
    for (size_t i = 0; i < run.input.len; i++) {
        assert_int_equal(write(ends[1], run.input.data + i, 1), 1);
        for (int turn = 0; turn < 6; turn++)
            loop_turn(run.loop, 0);
    }
    assert_string_equal(buf_text(&run.output), "1/1.1 {};1 {};");
    close(ends[1]);
    loop_run(run.loop);
    close(ends[0]);
    assert_string_equal(buf_text(&run.output), "1/1.1 {};1 {};end");
}

static void test_unreadable(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    begin(ends[1]);
    loop_run(run.loop);
    close(ends[1]);
    assert_string_equal(buf_text(&run.output),
                        "!reading the events failed: Bad file descriptor;end");
}

static void test_positions(void **state)
{
    (void)state;
    struct event_text text = {.line = 7};
    struct err err = {0};
    err_set(&err, ERR_PARSE, "odd");
    event_text_prefix(&text, &err);
    assert_string_equal(err.message, "line 7: odd");
    text = (struct event_text){.line = 7, .file = 2, .record = 12};
    err_set(&err, ERR_PARSE, "odd");
    event_text_prefix(&text, &err);
    assert_string_equal(err.message, "line 7, record 12 of file 2: odd");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_documents),    TEST(test_compressed_among_others),
        TEST(test_damaged_file), TEST(test_longest),
        TEST(test_deep),         TEST(test_large_file),
        TEST(test_pieces),       TEST(test_unreadable),
        TEST(test_positions),    TEST(test_padding),
        TEST(test_endless_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
