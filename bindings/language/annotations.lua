---@meta engine
-- luacheck: ignore
-- The fields and functions of policy files, and what `engine run` adds, for editors that read LuaLS
-- annotations. Written by `engine generate types`: save it where the editor looks for a library.

-- A policy file.

---@alias engine.Part fun(resource: engine.Resource, state: any): any

---@alias engine.Severity "critical"|"high"|"medium"|"low"
---@alias engine.Impact "none"|"interrupts"|"stops"|"destroys"

---@class engine.Policy
---@field type string lower-case letters, digits and _
---@field title string
---@field permissions engine.Permissions the only calls that the file may make
---@field fetch fun(resource: engine.Resource): any the state that all checks share; nil: deleted
---@field checks engine.Check[] fixes are made in this order
---@field aliases? string[] other names of the type
---@field scope? "region"|"global" global: listed once, not per region
---@field events? table<string, engine.Event> by "source:EventName", like sqs:CreateQueue
---@field discover? fun(scope: engine.Scope) calls scope:found for each resource
---@field tags? fun(resource: engine.Resource, state: any): table<string, string>
---@field reads? table<string, engine.Part> parts of the state, read on first use
---@field tolerates? table<string, engine.Tolerated> refusals that `try` may list, by operation
---@field id? engine.Id the spellings of an id
---@field region? fun(resource: engine.Resource, state: any): string? if the type is global
---@field arn? string|fun(resource: engine.Resource, state: any): string a template of the ARN
---@field aws_type? string CloudFormation's name, like AWS::SQS::Queue
---@field asff? string Security Hub's name, if it does not follow from aws_type

-- The canonical spelling of an id. Pure; raises if the id cannot belong to the line.
---@class engine.Id
---@field canonical? fun(id: string, line: table<string, any>): string
---@field form? string "${word}": ids of this form are canonical, so the function is not called

-- A list of actions ("sqs:ListQueues"), or action = operation if the names differ; false if the
-- action has no operation; a table for more fields.
---@alias engine.Operations string|string[]|false

---@class engine.Declared
---@field [integer] string operations, as `call`
---@field call? engine.Operations if their names differ from the action's
---@field on? string|string[] ARNs that it acts on: "arn:${partition}:sqs:${region}:${account}:*"

-- ["x:GetY"] = { reviewed = "why it only reads" }, for operations that are not reviewed reads.
---@class engine.DeclaredRead: engine.Declared
---@field reviewed? string

---@class engine.Tolerated codes of errors
---@field [integer] string
---@field why string

---@class engine.SharedRead
---@field not_yet string[] codes of errors: there is no response yet, so they are not kept

---@class engine.Permissions
--- Operations under `read` that are sent once per run and account.
---@field shared? table<string|integer, string|engine.SharedRead>
---@field read table<string|integer, engine.Operations|engine.DeclaredRead>
---@field write? table<string|integer, engine.Operations|engine.Declared>
---@field sensitive? table<string|integer, string> "x:GetY.Path.To.Member" = why it is not redacted

-- The path to the id in the event's detail ("responseElements.tasks[*].taskArn"; of several paths
-- the first that leads to an id), or a function that returns ids.
---@alias engine.FoundIds string|engine.FoundId|(string|engine.FoundId)[]
---@alias engine.EventId string|string[]|fun(detail: table): engine.FoundIds?
---@alias engine.Event engine.EventId|engine.DelayedEvent

---@class engine.DelayedEvent
---@field id engine.EventId
---@field delay? integer seconds until the resource is audited

---@class engine.FoundId
---@field id string
---@field region? string
---@field delay? integer

---@class engine.Note of a check that passes
---@field summary string what the result depends on, or does not cover
---@field evidence? any
---@field later? integer seconds until the result will change

---@alias engine.Verdict string|engine.Note why it fails, or a note
---@alias engine.Audit fun(resource: engine.Resource, state: any): boolean, engine.Verdict?, any
---@alias engine.Steps engine.Step[]|engine.Held
---@alias engine.Fix fun(resource: engine.Resource, state: any, found: any): engine.Steps?, table?

---@class engine.Check
---@field id string type.name
---@field title string
---@field severity engine.Severity
---@field audit engine.Audit true (and a note), or false, summary and evidence
---@field controls? table<string, string[]> securityhub, cis
---@field risk? string why it matters, one sentence
---@field advice? string how to repair it by hand
---@field url? string AWS's page about it, https://
---@field impact? engine.Impact the worst effect of its fix on the resource
---@field repair? string what its fix does, one sentence
---@field fix? engine.Fix steps, and the parts of the state that they change
---@field needs? "required_tags"|"dev_accounts"|"master_region" without this setting it is off
---@field tolerant? boolean gives a result even if a refusal was tolerated
---@field when? fun(resource: engine.Resource, state: any): boolean whether the check applies

---@class engine.Call
---@field call string "sqs:SetQueueAttributes", declared under permissions.write
---@field with table its parameters

---@class engine.Step: engine.Call
---@field undo? engine.Call
---@field irreversible? string why it cannot be undone; either this or undo
---@field after? table the parts of the state that it changes, if there are several steps

---@class engine.Held
---@field held string why the fix must not be made

---@param definition engine.Policy
---@return engine.Policy
function policy(definition) end

-- A policy's only access to the outside; both are read-only.

---@class engine.Scope
---@field aws engine.Aws calls in this account and region
---@field account string
---@field region string
---@field now integer seconds since 1970
---@field settings table<string, any> by the names of the variables, in lower case
---@field wants_listed boolean of a scope: audits get what `found` says in `listed`
local Scope = {}

---@param id string|string[]
---@param options? { test?: boolean, region?: string, listed?: table }
function Scope:found(id, options) end

-- nil: unknown. If the account is not trusted, the second result says why no fix may remove it.
---@param id string of an account, organization, unit or root
---@return boolean? trusted
---@return string? doubt
function Scope:trusted(id) end

-- The ARN under which AWS sees the calls: the member role's session, or the engine's own identity.
---@return string
function Scope:caller() end

-- Calls fn for several items at a time; the results are in the order of the items.
---@generic T, R
---@param list T[]
---@param fn fun(item: T): R
---@return R[]
function Scope:map(list, fn) end

function Scope:log(...) end

---@class engine.Resource: engine.Scope
---@field id string
---@field type string
---@field listed? table what the listing says about it; nil except in `engine scan`
local Resource = {}

-- The resource no longer exists. Does not return.
function Resource:gone() end

-- The resource is not ready: audit it again in `seconds` seconds. In a part of `reads` or in a
-- check, only the checks that need it wait. Does not return.
---@param seconds integer
function Resource:later(seconds) end

---@class engine.Error what a call raises
---@field code string
---@field message string
---@field status integer
---@field request_id string
---@field operation string

-- aws.<service>:<Operation> { … }; services have botocore's names, with _ for -.
---@class engine.Aws
---@field [string] engine.Service
local Aws = {}

---@param region string
---@return engine.Aws
function Aws:in_region(region) end

-- Only in `engine run`: uses the member role of that account.
---@param account string
---@return engine.Aws
function Aws:in_account(account) end

---@class engine.Service
---@field [string] fun(self: engine.Service, params?: table): table
local Service = {}

-- The result, or nil and the error code if it is one of those listed.
---@param operation string
---@param params table
---@param ... string
---@return table?, string?
function Service:try(operation, params, ...) end

-- Requests one resource with an operation that takes a list of ids; the engine may request several
-- resources in one call. Options may be left out; codes as those of `try`.
---@param operation string
---@param list string the parameter with the ids
---@param id string
---@param options? { with?: table, most?: integer }|string
---@param ... string
---@return table?, string?
function Service:one(operation, list, id, options, ...) end

---@param operation string
---@param params? table
---@return fun(): table?
function Service:pages(operation, params) end

json = {}

---@param text string
---@return any, string? nil and a message if it is not JSON
function json.decode(text) end

---@return string
function json.encode(value) end

json.null = {}

-- Marks a table as a list, so that it stays a list when it is empty.
---@generic T: table
---@param list T
---@return T
function json.list(list) end

uri = {}

-- Decodes %XX to bytes, as in IAM's policy documents.
---@param text string
---@return string
function uri.decode(text) end

-- Only in `engine run` and `engine repl`.

---@type engine.Aws
aws = {}

---@type string[]
arg = {}

sts = {}

---@class engine.RoleOptions
---@field role_arn string
---@field external_id? string
---@field session_policy? string
---@field session_name? string
---@field duration? integer seconds

---@class engine.RoleKeys
---@field access_key string
---@field secret_key string
---@field session_token string
---@field expires number
---@field arn string

---@param options engine.RoleOptions
---@return engine.RoleKeys
function sts.assume_role(options) end

---@return { account: string, arn: string, user_id: string }
function sts.caller() end

sqs = {}

---@param url string
---@param body string
---@param options? { delay?: integer }
---@return string id of the message
function sqs.send(url, body, options) end

---@class engine.Message
---@field id string
---@field receipt string
---@field body string
---@field attributes table
---@field message_attributes table

---@param url string
---@param options? { max?: integer, wait?: integer, visibility?: integer }
---@return engine.Message[]
function sqs.receive(url, options) end

---@param url string
---@param receipt string|table the receipt, or the message
function sqs.delete(url, receipt) end

sns = {}

---@param topic_arn string
---@param options { message: string, subject?: string }
---@return string id of the message
function sns.publish(topic_arn, options) end

---@class engine.Request
---@field method string
---@field url string
---@field region string
---@field service string
---@field access_key string
---@field secret_key string
---@field session_token? string
---@field headers? { [1]: string, [2]: string }[]
---@field body? string
---@field time? integer seconds since 1970
---@field normalize_path? boolean
---@field sign_body? boolean
---@field omit_session_token? boolean
---@field expires? integer of sigv4.presign

---@class engine.Signed
---@field canonical_request string
---@field string_to_sign string
---@field signature string
---@field headers { [1]: string, [2]: string }[]
---@field url? string of sigv4.presign

sigv4 = {}

---@param request engine.Request
---@return engine.Signed
function sigv4.sign(request) end

---@param request engine.Request
---@return engine.Signed
function sigv4.presign(request) end
