#include "aws/operations/opclass.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "aws/operations/opclass_table.h"

/* Verbs in the names of AWS operations that change things or start work. */
static const char write_verbs[] =
    " Abort Accept Acknowledge Acquire Activate Add Advertise Allocate Allow Amend Append Apply "
    "Approve Archive Assign Associate Assume Attach Authorize Backtrack Begin Build Bulk Bundle "
    "Cancel Change Chat Checkout Checkpoint Claim Clear Clone Close Commit Complete Compose "
    "Configure Confirm Connect Continue Converse Convert Copy Create Deactivate Deauthorize "
    "Decline Decrease Decrypt Define Delete Deliver Deny Deploy Deprecate Deprovision "
    "Deregister Detach Detect Disable Disallow Disassociate Discard Disconnect Dismiss Dispose "
    "Dissociate Distribute Drain Drop Edit Enable Encrypt End Enroll Enter Evict Exchange "
    "Execute Exit Expire Export Extend Failover Finalize Flush Forget Forgot Generate Global "
    "Grant Group Import Increase Index Ingest Initialize Initiate Inject Insert Insight Install "
    "Instantiate Invalidate Invite Invoke Issue Join Label Launch Leave Link Lock Logout Manage "
    "Mark Merge Meter Migrate Modify Monitor Move Notify Open Opt Optimize Override Pass Pause "
    "Peer Poll Populate Post Prepare Process Promote Propagate Provide Provision Publish "
    "Purchase Purge Push Put Re Reactivate Rebalance Reboot Rebuild Recall Receive Reconnect "
    "Record Recover Redact Redeem Redrive Refresh Regenerate Register Reimport Reinvite Reject "
    "Release Reload Remove Rename Renew Reopen Reorder Replace Replicate Report Request Resend "
    "Reserve Reset Resize Respond Restart Restore Resume Resync Retire Retry Return Reverse "
    "Revert Revoke Rollback Rotate Run Save Schedule Send Set Setup Share Shrink Shutdown Sign "
    "Signal Skip Split Start Stop Submit Subscribe Suspend Swap Switch Switchover Sync "
    "Synchronize Synthesize Tag Take Terminate Toggle Transact Transfer Trigger Unarchive "
    "Unassign Undeploy Undeprecate Ungroup Unlabel Unlink Unlock Unmonitor Unpeer Unpublish "
    "Unregister Unshare Unsubscribe Unsuspend Untag Update Upgrade Upload User Vote Withdraw "
    "Write ";

/* Each word is between spaces. */
static const char read_verbs[] = " Get List Describe ";

/* The length of the first word of a name: a capital letter and the small letters after it. */
static size_t word_length(const char *name)
{
    size_t length = isupper((unsigned char)name[0]) ? 1 : 0;
    while (length > 0 && islower((unsigned char)name[length]))
        length++;
    return length;
}

static bool is_among(const char *verbs, const char *name, size_t length)
{
    char word[32];
    snprintf(word, sizeof word, " %.*s ", (int)length, name);
    return length > 0 && length < sizeof word - 2 && strstr(verbs, word) != NULL;
}

/* In BatchGetX and AdminDeleteX the verb is the second word. */
static bool has_verb(const char *verbs, const char *operation)
{
    size_t length = word_length(operation);
    if (is_among(" Batch Admin ", operation, length) && word_length(operation + length) > 0) {
        operation += length;
        length = word_length(operation);
    }
    return is_among(verbs, operation, length);
}

bool opclass_named_as_read(const char *operation)
{
    return strncmp(operation, "Admin", 5) != 0 && has_verb(read_verbs, operation);
}

enum opclass opclass_of(const char *service, const char *operation)
{
    switch (review_operation(service, operation)) {
    case REVIEW_READ: return OP_READ;
    case REVIEW_DECLARE: return OP_UNREVIEWED;
    case REVIEW_NEVER: return OP_FORBIDDEN;
    case REVIEW_NONE: return has_verb(write_verbs, operation) ? OP_WRITE : OP_UNREVIEWED;
    default: return OP_WRITE;
    }
}

const char *opclass_name(enum opclass value)
{
    switch (value) {
    case OP_READ: return "read";
    case OP_WRITE: return "write";
    case OP_FORBIDDEN: return "forbidden";
    case OP_UNREVIEWED: return "unreviewed";
    }
    return "write";
}
