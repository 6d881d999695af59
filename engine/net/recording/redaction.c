#include "net/recording/redaction.h"

#include "net/recording/redaction_json.h"
#include "net/recording/redaction_names.h"
#include "net/recording/redaction_text.h"
#include "net/recording/redaction_xml.h"

void redaction_body(const struct redaction *redaction, struct buf *out, const char *body,
                    size_t length)
{
    struct buf named;
    struct buf unsigned_text;
    size_t at = 0;
    buf_init(&named, out->max);
    buf_init(&unsigned_text, out->max);
    while (at < length && redaction_is_space(body + at, body + at + 1))
        at++;
    if (at < length && redaction_marked(redaction, "", 0) != NULL)
        buf_adds(&named, RECORDED_SECRET);
    else if (at < length && (body[at] == '{' || body[at] == '['))
        redaction_json_text(redaction, &named, body, length);
    else if (at < length && body[at] == '<')
        redaction_xml(redaction, &named, body, length);
    else
        buf_add(&named, body, length);
    redaction_signed(&unsigned_text, buf_text(&named), named.len);
    redaction_token(out, buf_text(&unsigned_text), unsigned_text.len, redaction->token);
    out->failed |= named.failed || unsigned_text.failed;
    buf_clear(&named);
    buf_clear(&unsigned_text);
}
