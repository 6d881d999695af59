#include "support/protocol_differences.h"

#include <string.h>

#define COMPRESSION "compressing requests is left to the client by the specification; none is"
#define MEDIA_TYPE "AWS's models mark JSON values (jsonvalue), not texts of a media type"
#define ROOT_NAME "AWS's models name a payload's root at the member, S3 requires that name"
#define EMPTY_BLOB "an empty body is an empty blob: an empty object of S3 is not absent"
#define REFERENCE "the trait stands on the reference or shape, where no model of AWS has it"
#define EVENT_STREAM "operations with event streams cannot be called"
#define EMPTY_LIST "the newer tables send an empty list as an empty header"

static const struct {
    const char *table;
    const char *id;
    const char *why;
} differences[] = {
    {"input/query", "SDKAppliedContentEncoding_awsQuery", COMPRESSION},
    {"input/query", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery", COMPRESSION},
    {"input/ec2", "SDKAppliedContentEncoding_ec2Query", COMPRESSION},
    {"input/ec2", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query", COMPRESSION},
    {"input/json", "SDKAppliedContentEncoding_awsJson1_1", COMPRESSION},
    {"input/json", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1", COMPRESSION},
    {"input/json_1_0", "SDKAppliedContentEncoding_awsJson1_0", COMPRESSION},
    {"input/json_1_0", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0", COMPRESSION},
    {"input/rest-json", "SDKAppliedContentEncoding_restJson1", COMPRESSION},
    {"input/rest-json", "SDKAppendedGzipAfterProvidedEncoding_restJson1", COMPRESSION},
    {"input/rest-xml", "SDKAppliedContentEncoding_restXml", COMPRESSION},
    {"input/rest-xml", "SDKAppendedGzipAfterProvidedEncoding_restXml", COMPRESSION},
    {"input/rest-json", "MediaTypeHeaderInputBase64", MEDIA_TYPE},
    {"output/rest-json", "MediaTypeHeaderOutputBase64", MEDIA_TYPE},
    {"input/rest-xml", "RestXmlHttpPayloadWithUnion", ROOT_NAME},
    {"input/rest-xml", "HttpPayloadWithXmlNamespace", ROOT_NAME},
    {"input/rest-xml", "HttpPayloadWithXmlNamespaceAndPrefix", ROOT_NAME},
    {"input/rest-xml", "XmlAttributesOnPayload", ROOT_NAME},
    {"input/rest-xml", "RestXmlXmlMapWithXmlNamespace",
     "no model of AWS gives a map's keys and values namespaces"},
    {"output/rest-json", "RestJsonHttpPayloadTraitsWithNoBlobBody", EMPTY_BLOB},
    {"output/rest-xml", "HttpPayloadTraitsWithNoBlobBody", EMPTY_BLOB},
    {"legacy-input/rest-json", "12:0", REFERENCE},
    {"legacy-input/rest-json", "12:1", REFERENCE},
    {"legacy-input/rest-json", "13:0", REFERENCE},
    {"legacy-input/rest-json", "18:0", REFERENCE},
    {"legacy-input/rest-json", "25:7", "an empty body has no type, as in the newer tables"},
    {"legacy-input/rest-json", "26:1", EMPTY_LIST},
    {"legacy-input/rest-xml", "11:0", REFERENCE},
    {"legacy-input/rest-xml", "26:1", EMPTY_LIST},
    {"legacy-output/json", "6:0", EVENT_STREAM},
    {"legacy-output/rest-json", "0:0", REFERENCE},
    {"legacy-output/rest-xml", "0:0", REFERENCE},
    {"legacy-output/rest-xml", "0:1", REFERENCE},
    {"legacy-output/rest-xml", "10:0", REFERENCE},
    {"legacy-output/rest-xml", "14:0", EVENT_STREAM},
    {"legacy-output/rest-xml", "14:1", EVENT_STREAM},
    {"legacy-output/rest-xml", "14:2", EVENT_STREAM},
};

const char *protocol_difference(const char *table, const char *id)
{
    for (size_t i = 0; i < protocol_difference_count(); i++) {
        if (strcmp(differences[i].table, table) == 0 && strcmp(differences[i].id, id) == 0)
            return differences[i].why;
    }
    return NULL;
}

size_t protocol_difference_count(void)
{
    return sizeof differences / sizeof differences[0];
}
