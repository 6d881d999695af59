#include "report/report_output.h"

#include <errno.h>
#include <string.h>

#include "report/report_internal.h"

static void write_bytes(struct report *report, const char *bytes, size_t length)
{
    FILE *to = report->body != NULL ? report->body : report->out;
    if (report->error == 0 && length > 0 && fwrite(bytes, 1, length, to) != length)
        report->error = errno != 0 ? errno : EIO;
}

void report_write(struct report *report, const struct buf *text)
{
    if (text->failed && report->error == 0)
        report->error = EFBIG;
    write_bytes(report, buf_text(text), text->len);
}

void report_puts(struct report *report, const char *text)
{
    write_bytes(report, text, strlen(text));
}

void report_unspool(struct report *report, const struct buf *head)
{
    char chunk[65536];
    size_t got;
    FILE *body = report->body;
    report->body = NULL;
    report_write(report, head);
    if (fflush(body) != 0 && report->error == 0)
        report->error = errno;
    rewind(body);
    while ((got = fread(chunk, 1, sizeof chunk, body)) > 0)
        write_bytes(report, chunk, got);
    if (ferror(body) != 0 && report->error == 0)
        report->error = EIO;
    fclose(body);
}
