"""Where does each tool keep what in its export?

Langfuse's field reference of its exports, Helicone's export tool, LiteLLM's database
schema, OpenTelemetry's conventions for generative AI, OpenAI's usage and costs exports,
OpenRouter's activity file, LangSmith's run data format, Portkey's log export, Datadog's
HTTP API for spans, Weave's reference of calls and Azure Monitor's reference of the table
ApiManagementGatewayLlmLog were read in the tools' own documentation; LiteLLM's fallbacks in
its pull request 38107; Braintrust's events in the client made from its OpenAPI description;
OpenInference's attributes, Amazon Bedrock's invocation log, Anthropic's reports and the
columns of Vertex AI's request-response log in the source of programs that read them; vLLM's
spans in its own (vllm/tracing.py, vllm/v1/engine/output_processor.py).
"""

from roi_xl.observed.tool import Layout, any_of

COSTS = (
    *("cost", "total_cost", "cost_total", "totalcost", "spend", "total_spend"),
    *("cost_usd", "costusd", "total_cost_usd", "cost_in_usd", "spend_usd", "usd", "cost_eur", "cost_gbp"),
)
CENTS = ("cost_cents", "cost_in_cents", "total_cost_cents", "cents")
"""What a plain table may call its costs, and those in cents."""

SPANS = {
    "time": ("start_time", "startTimeUnixNano", "start_time_unix_nano", "timestamp"),
    "model": ("gen_ai.response.model", "gen_ai.request.model"),
    "input_tokens": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    "output_tokens": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    "cached_tokens": ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"),
    "cache_written": ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"),
    "status": ("error.type",),
    "request_id": ("trace_id", "traceId"),
    "call_id": ("span_id", "spanId"),
    "user": ("user.id", "enduser.id"),
}
SERVICE = ("service.name", "resource.attributes.service.name")
"""Where spans by OpenTelemetry's conventions keep what, and the name of what wrote them."""


LAYOUTS = (
    Layout(
        "langfuse",
        any_of("provided_model_name usage_details", "usagedetails traceid", "usage_details trace_id"),
        {
            "time": ("start_time", "startTime"),
            "model": ("provided_model_name", "providedModelName", "model"),
            "input_tokens": ("usage_details>*input*", "usageDetails>*input*"),
            "output_tokens": ("usage_details>*output*", "usageDetails>*output*"),
            "cached_tokens": (
                "usage_details>*cached*+usage_details>*cache_read*",
                "usageDetails>*cached*+usageDetails>*cache_read*",
            ),
            "cache_written": ("usage_details>*cache_creation*", "usageDetails>*cache_creation*"),
            "cost": ("total_cost", "totalCost", "calculated_total_cost"),
            "status": ("level",),
            "request_id": ("trace_id", "traceId"),
            "call_id": ("id",),
            "user": ("user_id", "userId"),
            "kind": ("type",),
        },
        kinds=frozenset({"generation", "embedding"}),
        zero_is_unknown=True,
    ),
    Layout(
        "helicone",
        any_of("request_created_at response_status", "response_created_at response_status prompt_tokens"),
        {
            "time": ("request_created_at", "response_created_at"),
            "model": ("model", "request_model", "response_model"),
            "input_tokens": ("prompt_tokens",),
            "output_tokens": ("completion_tokens",),
            "total_tokens": ("total_tokens",),
            "cached_tokens": ("prompt_cache_read_tokens",),
            "cost": ("cost", "costUSD", "cost_usd"),
            "status": ("response_status",),
            "call_id": ("response_id",),
            "user": ("request_user_id",),
        },
        zero_is_unknown=True,
    ),
    Layout(
        "litellm",
        any_of("starttime spend", "starttime call_type prompt_tokens"),
        {
            "time": ("startTime",),
            "model": ("model",),
            "input_tokens": ("prompt_tokens",),
            "output_tokens": ("completion_tokens",),
            "total_tokens": ("total_tokens",),
            "cached_tokens": ("metadata>cache_read_input_tokens", "metadata>cached_tokens"),
            "asked": ("metadata.original_model_group", "metadata>original_model_group"),
            "fallbacks": ("metadata.attempted_fallbacks", "metadata>attempted_fallbacks"),
            "cost": ("spend",),
            "status": ("status", "metadata>status"),
            "call_id": ("request_id",),
            "user": ("end_user", "user"),
        },
        zero_is_unknown=True,
    ),
    Layout(
        "openai-costs",
        any_of("amount_value amount_currency", "start_time amount.value"),
        {
            "time": ("start_time",),
            "model": ("line_item",),
            "cost": ("amount_value", "amount.value"),
            "currency": ("amount_currency", "amount.currency"),
        },
        is_bill=True,
    ),
    Layout(
        "openai-usage",
        any_of("num_model_requests input_tokens"),
        {
            "time": ("start_time",),
            "end": ("end_time",),
            "model": ("model",),
            "input_tokens": ("input_tokens",),
            "output_tokens": ("output_tokens",),
            "cached_tokens": ("input_cached_tokens",),
            "user": ("user_id",),
            "requests": ("num_model_requests",),
            "batch": ("batch",),
        },
    ),
    Layout(
        "openrouter",
        any_of("model_permaslug cost_total", "model_permaslug tokens_prompt"),
        {
            "time": ("created_at",),
            "model": ("model_permaslug",),
            "input_tokens": ("tokens_prompt",),
            "output_tokens": ("tokens_completion",),
            "cached_tokens": ("tokens_cached",),
            "cost": ("cost_total+byok_usage_inference?",),
            "status": ("cancelled",),
            "call_id": ("generation_id",),
            "user": ("user",),
        },
        successes=frozenset({"false", "0"}),
    ),
    Layout(
        "anthropic-costs",
        any_of("starting_at amount currency"),
        {"time": ("starting_at",), "model": ("model",), "cost": ("amount/100",), "currency": ("currency",)},
        is_bill=True,
    ),
    Layout(
        "anthropic-usage",
        any_of("starting_at uncached_input_tokens"),
        {
            "time": ("starting_at",),
            "end": ("ending_at",),
            "model": ("model",),
            "input_tokens": (
                "uncached_input_tokens+cache_read_input_tokens+cache_creation_input_tokens"
                "+cache_creation.ephemeral_1h_input_tokens+cache_creation.ephemeral_5m_input_tokens",
            ),
            "output_tokens": ("output_tokens",),
            "cached_tokens": ("cache_read_input_tokens",),
            "cache_written": ("cache_creation.ephemeral_5m_input_tokens", "cache_creation_input_tokens"),
            "cache_written_1h": ("cache_creation.ephemeral_1h_input_tokens",),
            "service_tier": ("service_tier",),
        },
        needs=("time", "model", "requests"),
    ),
    Layout(
        "bedrock",
        any_of("modelid input.inputtokencount", "modelid schematype"),
        {
            "time": ("timestamp",),
            "model": ("modelId",),
            "input_tokens": ("input.inputTokenCount+input.cacheReadInputTokenCount+input.cacheWriteInputTokenCount",),
            "output_tokens": ("output.outputTokenCount",),
            "cached_tokens": ("input.cacheReadInputTokenCount",),
            "cache_written": ("input.cacheWriteInputTokenCount",),
            "status": ("errorCode",),
            "call_id": ("requestId",),
            "user": ("identity.arn",),
        },
        any_status_fails=True,
    ),
    Layout(
        "portkey",
        any_of("ai_model req_units res_units"),
        {
            "time": ("created_at",),
            "model": ("ai_model",),
            "input_tokens": ("req_units",),
            "output_tokens": ("res_units",),
            "cost": ("cost/100",),
            "currency": ("cost_currency",),
            "status": ("response_status_code", "is_success"),
            "request_id": ("trace_id",),
            "call_id": ("id",),
        },
    ),
    Layout(
        "langsmith",
        any_of("run_type dotted_order", "run_type trace_id start_time"),
        {
            "time": ("start_time",),
            "model": ("extra.metadata.ls_model_name", "extra>metadata.ls_model_name", "model"),
            "input_tokens": ("prompt_tokens",),
            "output_tokens": ("completion_tokens",),
            "cached_tokens": ("prompt_token_details.cache_read", "prompt_token_details>cache_read"),
            "cost": ("total_cost",),
            "status": ("status",),
            "request_id": ("trace_id",),
            "call_id": ("id",),
            "kind": ("run_type",),
        },
        kinds=frozenset({"llm"}),
    ),
    Layout(
        "braintrust",
        any_of("root_span_id span_attributes.type", "root_span_id span_attributes", "root_span_id metrics"),
        {
            "time": ("created",),
            "model": ("metadata.model", "metadata>model"),
            "input_tokens": ("metrics.prompt_tokens", "metrics>prompt_tokens"),
            "output_tokens": ("metrics.completion_tokens", "metrics>completion_tokens"),
            "cached_tokens": ("metrics.prompt_cached_tokens", "metrics>prompt_cached_tokens"),
            "status": ("error",),
            "request_id": ("root_span_id",),
            "call_id": ("span_id", "id"),
            "kind": ("span_attributes.type", "span_attributes>type"),
        },
        kinds=frozenset({"llm"}),
        any_status_fails=True,
    ),
    Layout(
        "datadog",
        any_of("ml_app span_kind", "attributes.span_kind attributes.trace_id", "meta.kind start_ns"),
        {
            "time": ("start_ms", "attributes.start_ms", "start_ns"),
            "model": ("model_name", "attributes.model_name", "meta.metadata.model_name"),
            "input_tokens": ("metrics.input_tokens", "attributes.metrics.input_tokens"),
            "output_tokens": ("metrics.output_tokens", "attributes.metrics.output_tokens"),
            "cached_tokens": ("metrics.cache_read_input_tokens", "attributes.metrics.cache_read_input_tokens"),
            "status": ("status", "attributes.status"),
            "request_id": ("trace_id", "attributes.trace_id"),
            "call_id": ("span_id", "attributes.span_id"),
            "kind": ("span_kind", "attributes.span_kind", "meta.kind"),
        },
        kinds=frozenset({"llm"}),
    ),
    Layout(
        "weave",
        any_of("op_name started_at trace_id"),
        {
            "time": ("started_at",),
            "model": ("output.model", "inputs.model"),
            "input_tokens": (
                "output.usage.prompt_tokens",
                "output.usage.input_tokens+output.usage.cache_read_input_tokens"
                "+output.usage.cache_creation_input_tokens",
            ),
            "output_tokens": ("output.usage.completion_tokens", "output.usage.output_tokens"),
            "cached_tokens": (
                "output.usage.prompt_tokens_details.cached_tokens",
                "output.usage.input_tokens_details.cached_tokens",
                "output.usage.cache_read_input_tokens",
            ),
            "cache_written": (
                "output.usage.cache_creation.ephemeral_5m_input_tokens",
                "output.usage.cache_creation_input_tokens",
            ),
            "cache_written_1h": ("output.usage.cache_creation.ephemeral_1h_input_tokens",),
            "status": ("exception",),
            "request_id": ("trace_id",),
            "call_id": ("id",),
            "user": ("wb_user_id",),
        },
        kinds=frozenset({"llm"}),
        any_status_fails=True,
    ),
    Layout(
        "vertex",
        any_of("logging_time deployed_model_id", "logging_time full_response"),
        {
            "time": ("logging_time",),
            "model": ("model", "deployed_model_id"),
            "input_tokens": (
                "full_response.usageMetadata.promptTokenCount",
                "full_response>promptTokenCount",
            ),
            "output_tokens": (
                "full_response.usageMetadata.candidatesTokenCount+full_response.usageMetadata.thoughtsTokenCount",
                "full_response>candidatesTokenCount+full_response>thoughtsTokenCount",
            ),
            "cached_tokens": (
                "full_response.usageMetadata.cachedContentTokenCount",
                "full_response>cachedContentTokenCount",
            ),
            "call_id": ("request_id",),
        },
        omits_zeros=True,
    ),
    Layout(
        "azure-apim",
        any_of("modelname prompttokens completiontokens"),
        {
            "time": ("TimeGenerated",),
            "model": ("ModelName", "DeploymentName"),
            "input_tokens": ("PromptTokens",),
            "output_tokens": ("CompletionTokens",),
            "total_tokens": ("TotalTokens",),
            "request_id": ("CorrelationId",),
            "call_id": ("RequestId",),
        },
    ),
    Layout(
        "openinference",
        any_of("llm.model_name", "attributes.llm.model_name", "llm.token_count.prompt"),
        {
            "time": ("start_time", "startTimeUnixNano"),
            "model": ("llm.model_name", "attributes.llm.model_name"),
            "input_tokens": ("llm.token_count.prompt", "attributes.llm.token_count.prompt"),
            "output_tokens": ("llm.token_count.completion", "attributes.llm.token_count.completion"),
            "cached_tokens": (
                "llm.token_count.prompt_details.cache_read",
                "attributes.llm.token_count.prompt_details.cache_read",
            ),
            "cache_written": (
                "llm.token_count.prompt_details.cache_write",
                "attributes.llm.token_count.prompt_details.cache_write",
            ),
            "cost": ("llm.cost.total", "attributes.llm.cost.total"),
            "status": ("status_code", "error.type"),
            "request_id": ("context.trace_id", "trace_id", "traceId"),
            "call_id": ("context.span_id", "span_id", "spanId"),
            "user": ("user.id", "attributes.user.id"),
            "kind": ("openinference.span.kind", "attributes.openinference.span.kind", "span_kind"),
        },
        kinds=frozenset({"llm"}),
    ),
    Layout(
        "vllm",
        any_of("gen_ai.request.id gen_ai.usage.prompt_tokens"),
        {**SPANS, "model": (*SPANS["model"], *SERVICE), "kind": ("name",)},
        kinds=frozenset({"llm_request"}),
        any_status_fails=True,
    ),
    Layout(
        "opentelemetry",
        any_of("gen_ai.response.model", "gen_ai.request.model", "gen_ai.usage.input_tokens"),
        {**SPANS, "kind": ("gen_ai.operation.name",)},
        kinds=frozenset({"chat", "text_completion", "generate_content"}),
        any_status_fails=True,
    ),
    Layout(
        "plain",
        any_of(
            *(f"model {name}" for name in COSTS),
            "model input_tokens",
            "model output_tokens",
            "model prompt_tokens",
            *(f"model {name}" for name in CENTS),
            "contexttokens generatedtokens",
            "request tokens|response tokens",
            "input_length output_length",
        ),
        {
            "time": ("time", "timestamp", "created_at", "date"),
            "model": ("model",),
            "input_tokens": ("input_tokens", "prompt_tokens", "ContextTokens", "Request tokens", "input_length"),
            "output_tokens": (
                "output_tokens",
                "completion_tokens",
                "GeneratedTokens",
                "Response tokens",
                "output_length",
            ),
            "total_tokens": ("total_tokens", "Total tokens"),
            "cached_tokens": ("cached_tokens",),
            "cost": (*COSTS, *(f"{name}/100" for name in CENTS)),
            "currency": ("currency",),
            "status": ("status",),
            "request_id": ("request_id",),
            "call_id": ("call_id",),
            "user": ("user", "user_id"),
            "requests": ("requests",),
            "batch": ("batch",),
            "service_tier": ("service_tier",),
            "cache_written": ("cache_written",),
            "cache_written_1h": ("cache_written_1h",),
        },
    ),
)
"""Every layout; the first that fits is taken."""

NAMES = tuple(layout.name for layout in LAYOUTS)
