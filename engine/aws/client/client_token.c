#include "aws/client/client_token.h"

#include "aws/model/model_shape.h"

bool client_has_token(const struct client_call *call)
{
    if (call->info.input == MODEL_NO_SHAPE)
        return false;
    struct model_shape_info shape;
    model_shape_info(call->model, call->info.input, &shape);
    for (size_t i = 0; i < shape.member_count; i++) {
        struct model_member member;
        model_member_at(call->model, call->info.input, i, &member);
        if (member.idempotency_token)
            return true;
    }
    return false;
}
