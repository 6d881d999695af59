/* Lines as a source of resources: in order, one answer for each pull, and nothing read in advance.
 * */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "audit/source.h"
#include "base/buf.h"
#include "base/mem.h"

#define LINE(id)                                                                                   \
    "{\"account\":\"111122223333\",\"region\":\"us-east-1\",\"type\":\"sqs\",\"id\":\"" id "\"}"

/* All results, as one text: "a;", "!line 2: …;", "end;". */
static struct {
    struct loop *loop;
    struct source source;
    struct buf output;
    bool greedy; /* pulls again after each answer */
    bool freed;
    int answers;
} run;

static void drop(void)
{
    run.source.free(run.source.self);
    run.freed = true;
}

static void answered(void)
{
    run.answers++;
    if (run.greedy)
        run.source.pull(run.source.self);
}

static void on_resource(void *arg, struct resource *resource)
{
    (void)arg;
    buf_addf(&run.output, "%s;", resource->id);
    bool last = strcmp(resource->id, "last") == 0;
    resource_free(resource);
    if (last)
        drop();
    else
        answered();
}

static void on_bad(void *arg, const struct err *err)
{
    (void)arg;
    buf_addf(&run.output, "!%.24s;", err->message);
    answered();
}

static void on_end(void *arg)
{
    (void)arg;
    buf_adds(&run.output, "end;");
    drop();
}

static void on_mark(void *arg, const json_t *mark)
{
    (void)arg;
    char *text = json_dumps(mark, JSON_COMPACT);
    buf_addf(&run.output, "%s;", text);
    mem_free(text);
}

static struct source_target target = {.resource = on_resource, .bad = on_bad, .end = on_end};

static int set_up(void **state)
{
    (void)state;
    memset(&run, 0, sizeof run);
    target.mark = NULL;
    run.loop = loop_new();
    run.greedy = true;
    buf_init(&run.output, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (!run.freed && run.source.self != NULL)
        drop();
    loop_free(run.loop);
    buf_clear(&run.output);
    return 0;
}

static void read_all(int fd)
{
    run.source = source_lines(run.loop, fd, &target);
    run.source.pull(run.source.self);
    assert_int_equal(run.output.len, 0);
    loop_run(run.loop);
}

static int file_of(const char *text, size_t length)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    rewind(file);
    int fd = dup(fileno(file));
    fclose(file);
    return fd;
}

static void expect_of_file(const char *text, const char *want)
{
    int fd = file_of(text, strlen(text));
    read_all(fd);
    close(fd);
    assert_string_equal(buf_text(&run.output), want);
}

static void test_file(void **state)
{
    (void)state;
    expect_of_file(LINE("a") "\n\n \r\n" LINE("b") "\r\n{}\n" LINE("c"),
                   "a;b;!line 5: \"account\" is mis;c;end;");
}

static void test_zero_bytes_are_not_spaces(void **state)
{
    (void)state;
    static const char text[] = LINE("a") "\n\0\n" LINE("b");
    int fd = file_of(text, sizeof text - 1);
    read_all(fd);
    close(fd);
    assert_string_equal(buf_text(&run.output), "a;!line 2: this is not JSON;b;end;");
}

static void test_empty(void **state)
{
    (void)state;
    expect_of_file("", "end;");
}

static void test_a_bad_line_does_not_end_the_source(void **state)
{
    (void)state;
    expect_of_file("nonsense\n" LINE("a") "\n[",
                   "!line 1: this is not JSON;a;!line 3: this is not JSON;end;");
}

static void test_free_within_answer(void **state)
{
    (void)state;
    expect_of_file(LINE("a") "\n" LINE("last") "\n" LINE("never") "\n", "a;last;");
}

static void test_pipe_has_back_pressure(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    run.greedy = false;
    run.source = source_lines(run.loop, ends[0], &target);
    static const char first[] = LINE("a") "\n" LINE("b") "\n{\"acc";
    assert_int_equal(write(ends[1], first, sizeof first - 1), sizeof first - 1);
    loop_run(run.loop);
    assert_int_equal(run.answers, 0);
    run.source.pull(run.source.self);
    loop_run(run.loop);
    assert_string_equal(buf_text(&run.output), "a;");
    run.source.pull(run.source.self);
    run.source.pull(run.source.self);
    for (int i = 0; i < 5; i++)
        loop_turn(run.loop, 10);
    assert_string_equal(buf_text(&run.output), "a;b;");
    static const char second[] =
        "ount\":\"111122223333\",\"region\":\"r\",\"type\":\"t\",\"id\":\"c\"}\n";
    assert_int_equal(write(ends[1], second, sizeof second - 1), sizeof second - 1);
    loop_run(run.loop);
    assert_string_equal(buf_text(&run.output), "a;b;c;");
    close(ends[1]);
    run.source.pull(run.source.self);
    loop_run(run.loop);
    assert_string_equal(buf_text(&run.output), "a;b;c;end;");
    close(ends[0]);
}

/* `length` bytes of one line between two good ones. */
static void expect_long_line(size_t length, const char *want)
{
    struct buf text;
    buf_init(&text, 8u << 20);
    buf_adds(&text, LINE("a") "\n");
    for (size_t i = 0; i < length; i++)
        buf_addc(&text, ' ');
    buf_adds(&text, "\n" LINE("b") "\n");
    int fd = file_of(text.data, text.len);
    buf_clear(&text);
    read_all(fd);
    close(fd);
    assert_string_equal(buf_text(&run.output), want);
}

static void test_long_line(void **state)
{
    (void)state;
    expect_long_line(3u << 20, "a;!line 2: longer than 1048;b;end;");
}

static void test_line_just_too_long(void **state)
{
    (void)state;
    expect_long_line((1u << 20) + 1, "a;!line 2: longer than 1048;b;end;");
}

static void test_line_at_limit(void **state)
{
    (void)state;
    expect_long_line(1u << 20, "a;b;end;");
}

static void test_unreadable(void **state)
{
    (void)state;
    int fd = open("/", O_RDONLY | O_DIRECTORY);
    read_all(fd);
    close(fd);
    assert_string_equal(buf_text(&run.output), "!reading the lines failed;end;");
}

static int file_of_lines(int count)
{
    struct buf text;
    buf_init(&text, 8u << 20);
    for (int i = 0; i < count; i++)
        buf_addf(&text,
                 "{\"account\":\"111122223333\",\"region\":\"r\",\"type\":\"t\",\"id\":\"%d\"}\n",
                 i);
    int fd = file_of(text.data, text.len);
    buf_clear(&text);
    return fd;
}

/* A turn for each line would look for events between any two of them. */
static void test_few_turns(void **state)
{
    (void)state;
    int turns = 0, fd = file_of_lines(200);
    run.source = source_lines(run.loop, fd, &target);
    run.source.pull(run.source.self);
    while (loop_turn(run.loop, -1))
        turns++;
    close(fd);
    assert_int_equal(run.answers, 200);
    assert_in_range(turns, 5, 20); /* but not all lines in one turn */
}

static void test_many(void **state)
{
    (void)state;
    int fd = file_of_lines(20000);
    read_all(fd);
    close(fd);
    assert_int_equal(run.answers, 20000);
    assert_string_equal(buf_text(&run.output) + run.output.len - 10, "19999;end;");
}

static void test_single(void **state)
{
    (void)state;
    struct resource *resource = resource_new("111122223333", "us-east-1", "sqs", "one");
    run.source = source_single(run.loop, resource, &target);
    run.source.pull(run.source.self);
    assert_int_equal(run.output.len, 0);
    loop_run(run.loop);
    assert_string_equal(buf_text(&run.output), "one;end;");
}

static void test_single_unasked(void **state)
{
    (void)state;
    struct resource *resource = resource_new("111122223333", "us-east-1", "sqs", "one");
    run.source = source_single(run.loop, resource, &target);
    loop_run(run.loop);
    assert_int_equal(run.output.len, 0);
}

#define BEGIN "{\"poll\":\"begin\",\"places\":2}"
#define END "{\"poll\":\"end\",\"failed\":[]}"

/* The lines about the poll itself answer no pull: the line after them does. */
static void test_marks(void **state)
{
    (void)state;
    static const char text[] = BEGIN "\n" LINE("a") "\n" END "\n{\"poll\":\"other\"}\n";
    int fd = file_of(text, sizeof text - 1);
    target.mark = on_mark;
    read_all(fd);
    close(fd);
    assert_string_equal(buf_text(&run.output), BEGIN ";a;" END ";!line 4: \"account\" is mis;end;");
    assert_int_equal(run.answers, 2);
}

/* A reader that does not know them treats them as bad lines. */
static void test_lines_without_marks(void **state)
{
    (void)state;
    int fd = file_of(END, sizeof END - 1);
    read_all(fd);
    close(fd);
    assert_string_equal(buf_text(&run.output), "!line 1: \"account\" is mis;end;");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_file),
        TEST(test_empty),
        TEST(test_zero_bytes_are_not_spaces),
        TEST(test_a_bad_line_does_not_end_the_source),
        TEST(test_free_within_answer),
        TEST(test_pipe_has_back_pressure),
        TEST(test_long_line),
        TEST(test_line_just_too_long),
        TEST(test_line_at_limit),
        TEST(test_unreadable),
        TEST(test_few_turns),
        TEST(test_many),
        TEST(test_single),
        TEST(test_single_unasked),
        TEST(test_marks),
        TEST(test_lines_without_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
