"""Which of the runner's scenarios are asked of this server, and why each other one is not."""

from __future__ import annotations

LEGACY, MODERN = "2025-11-25", "2026-07-28"

RUN: dict[str, frozenset[str]] = {
    LEGACY: frozenset(
        {
            "server-initialize",
            "server-session-lifecycle",
            "ping",
            "completion-complete",
            "tools-list",
            "server-sse-multiple-streams",
            "resources-list",
            "prompts-list",
            "dns-rebinding-protection",
        }
    ),
    MODERN: frozenset(
        {
            "server-stateless",
            "completion-complete",
            "tools-list",
            "server-sse-multiple-streams",
            "resources-list",
            "sep-2164-resource-not-found",
            "prompts-list",
            "dns-rebinding-protection",
            "caching",
            "http-header-validation",
            "input-required-result-unsupported-methods",
            "input-required-result-ignore-extra-params",
        }
    ),
}
RUN_OF_AUTHORIZATION = frozenset({"authorization-server-metadata-endpoint", "authorization-code-grant"})

_ASKS = "needs tools named test_input_required_result_* that ask for input"
_TASKS = "tasks are an extension that this server does not offer"
LEFT_OUT: dict[str, str] = {
    "logging-set-level": "this server sends no log messages to clients and declares no logging",
    "resources-subscribe": "optional and not declared; changes are told in subscriptions/listen of 2026-07-28",
    "resources-unsubscribe": "as resources-subscribe",
    "tools-call-simple-text": "needs the tool test_simple_text",
    "tools-call-image": "needs the tool test_image_content",
    "tools-call-audio": "needs the tool test_audio_content",
    "tools-call-embedded-resource": "needs the tool test_embedded_resource",
    "tools-call-mixed-content": "needs the tool test_multiple_content_types",
    "tools-call-with-logging": "needs the tool test_tool_with_logging",
    "tools-call-error": "needs the tool test_error_handling",
    "tools-call-with-progress": "needs the tool test_tool_with_progress",
    "tools-call-sampling": "needs the tool test_sampling",
    "tools-call-elicitation": "needs the tool test_elicitation",
    "elicitation-sep1034-defaults": "needs the tool test_elicitation_sep1034_defaults",
    "elicitation-sep1330-enums": "needs the tool test_elicitation_sep1330_enums",
    "json-schema-2020-12": "needs the tool json_schema_2020_12_tool",
    "server-sse-polling": "needs the tool test_reconnection, and streams that can be resumed",
    "resources-read-text": "needs the resource test://static-text",
    "resources-read-binary": "needs the resource test://static-binary",
    "resources-templates-read": "needs the resource template test://template/{id}/data",
    "prompts-get-simple": "needs the prompt test_simple_prompt",
    "prompts-get-with-args": "needs the prompt test_prompt_with_arguments",
    "prompts-get-embedded-resource": "needs the prompt test_prompt_with_embedded_resource",
    "prompts-get-with-image": "needs the prompt test_prompt_with_image",
    "http-custom-header-server-validation": "needs a tool with x-mcp-header parameters",
    "input-required-result-basic-elicitation": _ASKS,
    "input-required-result-basic-sampling": _ASKS,
    "input-required-result-basic-list-roots": _ASKS,
    "input-required-result-request-state": _ASKS,
    "input-required-result-multiple-input-requests": _ASKS,
    "input-required-result-multi-round": _ASKS,
    "input-required-result-missing-input-response": _ASKS,
    "input-required-result-non-tool-request": "needs the prompt test_input_required_result_prompt",
    "input-required-result-result-type": _ASKS,
    "input-required-result-tampered-state": _ASKS,
    "input-required-result-capability-check": _ASKS,
    "input-required-result-validate-input": _ASKS,
    "tasks-lifecycle": _TASKS,
    "tasks-capability-negotiation": _TASKS,
    "tasks-wire-fields": _TASKS,
    "tasks-request-state-removal": _TASKS,
    "tasks-mrtr-input": _TASKS,
    "tasks-request-headers": _TASKS,
    "tasks-dispatch-and-envelope": _TASKS,
    "tasks-status-notifications": _TASKS,
    "tasks-required-task-error": _TASKS,
    "tasks-mrtr-composition": _TASKS,
}
# Single checks of scenarios that are asked.
LEFT_OUT_CHECKS: dict[str, str] = {
    "sep-2575-server-rejects-undeclared-capability": "needs the tool test_missing_capability",
    "sep-2575-missing-capability-http-400": "needs the tool test_missing_capability",
}
