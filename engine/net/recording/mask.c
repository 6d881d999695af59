#include "net/recording/mask.h"

#include "net/recording/mask_json.h"
#include "net/recording/mask_names.h"
#include "net/recording/mask_text.h"
#include "net/recording/mask_xml.h"

void mask_body(const struct mask *mask, struct buf *out, const char *body, size_t length)
{
    struct buf named;
    struct buf unsigned_text;
    size_t at = 0;
    buf_init(&named, out->max);
    buf_init(&unsigned_text, out->max);
    while (at < length && mask_is_blank(body + at, body + at + 1))
        at++;
    if (at < length && mask_marked(mask, "", 0) != NULL)
        buf_adds(&named, MASKED);
    else if (at < length && (body[at] == '{' || body[at] == '['))
        mask_json_text(mask, &named, body, length);
    else if (at < length && body[at] == '<')
        mask_xml(mask, &named, body, length);
    else
        buf_add(&named, body, length);
    mask_signed(&unsigned_text, buf_text(&named), named.len);
    mask_token(out, buf_text(&unsigned_text), unsigned_text.len, mask->token);
    out->failed |= named.failed || unsigned_text.failed;
    buf_clear(&named);
    buf_clear(&unsigned_text);
}
