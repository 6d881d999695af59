"""What Lambda does with an event that EventBridge sends to a function: three attempts, then the
function's destination for failures. Source: AWS Lambda Developer Guide, "How Lambda handles errors
and retries with asynchronous invocation"
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html) and "Capturing
records of Lambda asynchronous invocations", for the form of the record
(https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html)."""
import json

TRIES = 3


def deliver(function, event, sqs, dead_letter_url):
    """Returns the answers; the last one counts."""
    answers = []
    while len(answers) < TRIES:
        answers.append(function.invoke(event))
        if answers[-1].error is None:
            return answers
    record = {"version": "1.0", "requestContext": {"condition": "RetriesExhausted",
                                                   "approximateInvokeCount": TRIES},
              "requestPayload": event, "responseContext": {"functionError": "Unhandled"},
              "responsePayload": answers[-1].error}
    sqs.send_message(QueueUrl=dead_letter_url, MessageBody=json.dumps(record))
    return answers
