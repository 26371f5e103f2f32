
/*
 * Copyright (C) the nginx-workers authors
 *
 * The platform's compatibility flags as of August 2026: what turns each of
 * them on.  Most change nothing here; docs/compatibility.md says which do.
 */


#include "ngx_workers_flags.h"


static ngx_uint_t ngx_workers_flag_named(ngx_workers_script_t *script,
    const char *name);


/* sorted by name */

const ngx_workers_flag_t  ngx_workers_flags[] = {
    { "allow_custom_ports", "ignore_custom_ports",
      20240902, NULL, 0 },
    { "allow_eval_during_startup", "disallow_eval_during_startup",
      20250601, NULL, 0 },
    { "allow_insecure_inefficient_logged_eval", NULL,
      0, NULL, 0 },
    { "allow_irrevocable_stub_storage", NULL,
      0, NULL, 0 },
    { "assets_navigation_prefers_asset_serving",
      "assets_navigation_has_no_effect",
      20250401, NULL, 0 },
    { "auto_grpc_convert", NULL,
      0, NULL, 0 },
    { "bind_asynclocalstorage_snapshot_to_request",
      "do_not_bind_asynclocalstorage_snapshot_to-request",
      20250616, NULL, 0 },
    { "blob_standard_mime_type", "blob_legacy_mime_type",
      20240603, NULL, 0 },
    { "brotli_content_encoding", "no_brotli_content_encoding",
      20240429, NULL, 0 },
    { "cache_api_compat_flags", "no_cache_api_compat_flags",
      20250419, NULL, 0 },
    { "cache_api_request_cf_overrides_cache_rules",
      "no_cache_api_request_cf_overrides_cache_rules",
      20250519, NULL, 0 },
    { "cache_no_cache_enabled", "cache_no_cache_disabled",
      0, "cache_option_enabled", 20250807 },
    { "cache_option_enabled", "cache_option_disabled",
      20241111, NULL, 0 },
    { "cache_reload_enabled", "cache_reload_disabled",
      0, NULL, 0 },
    { "capture_async_api_throws", "do_not_capture_async_api_throws",
      20221031, NULL, 0 },
    { "connect_pass_through", NULL,
      0, NULL, 0 },
    { "containers_pid_namespace", "no_containers_pid_namespace",
      20260401, NULL, 0 },
    { "crypto_preserve_public_exponent", "no_crypto_preserve_public_exponent",
      20231201, NULL, 0 },
    { "d1_binding_jsrpc", NULL,
      0, NULL, 0 },
    { "delete_all_deletes_alarm", "delete_all_preserves_alarm",
      20260224, NULL, 0 },
    { "diagnostics_channel_has_subscribers_getter",
      "no_diagnostics_channel_has_subscribers_getter",
      20260519, NULL, 0 },
    { "disable_top_level_await_in_require",
      "enable_top_level_await_in_require",
      20241202, NULL, 0 },
    { "disallow_importable_env", "allow_importable_env",
      0, NULL, 0 },
    { "dont_substitute_null_on_type_error", "substitute_null_on_type_error",
      20220601, NULL, 0 },
    { "durable_object_alarms", NULL,
      0, NULL, 0 },
    { "durable_object_fetch_requires_full_url",
      "durable_object_fetch_allows_relative_url",
      20211110, NULL, 0 },
    { "durable_object_get_existing", NULL,
      0, NULL, 0 },
    { "durable_object_rename", NULL,
      0, NULL, 0 },
    { "dynamic_dispatch_tunnel_exceptions",
      "dynamic_dispatch_treat_exceptions_as_500",
      20230301, NULL, 0 },
    { "enable_abortsignal_rpc", NULL,
      0, NULL, 0 },
    { "enable_ctx_exports", "disable_ctx_exports",
      20251117, NULL, 0 },
    { "enable_ctx_version_metadata", NULL,
      0, NULL, 0 },
    { "enable_d1_with_sessions_api", NULL,
      0, NULL, 0 },
    { "enable_email_sending_queuing", "disable_email_sending_queuing",
      0, NULL, 0 },
    { "enable_fast_jsg_struct", "disable_fast_jsg_struct",
      20251203, NULL, 0 },
    { "enable_global_performance_classes",
      "disable_global_performance_classes",
      0, "nodejs_compat", 20260317 },
    { "enable_navigator_language", "disable_navigator_language",
      20250519, NULL, 0 },
    { "enable_nodejs_child_process_module",
      "disable_nodejs_child_process_module",
      0, "nodejs_compat", 20260317 },
    { "enable_nodejs_cluster_module", "disable_nodejs_cluster_module",
      0, "nodejs_compat", 20251204 },
    { "enable_nodejs_console_module", "disable_nodejs_console_module",
      0, "nodejs_compat", 20250921 },
    { "enable_nodejs_dgram_module", "disable_nodejs_dgram_module",
      0, "nodejs_compat", 20260129 },
    { "enable_nodejs_domain_module", "disable_nodejs_domain_module",
      0, "nodejs_compat", 20251204 },
    { "enable_nodejs_fs_module", "disable_nodejs_fs_module",
      0, "nodejs_compat", 20250915 },
    { "enable_nodejs_global_timers", "no_nodejs_global_timers",
      0, "nodejs_compat", 20260210 },
    { "enable_nodejs_http2_module", "disable_nodejs_http2_module",
      0, "nodejs_compat", 20250901 },
    { "enable_nodejs_http_modules", "disable_nodejs_http_modules",
      0, "nodejs_compat", 20250815 },
    { "enable_nodejs_http_server_modules",
      "disable_nodejs_http_server_modules",
      0, "enable_nodejs_http_modules", 20250901 },
    { "enable_nodejs_inspector_local_dev", NULL,
      0, NULL, 0 },
    { "enable_nodejs_inspector_module", "disable_nodejs_inspector_module",
      0, "nodejs_compat", 20260129 },
    { "enable_nodejs_os_module", "disable_nodejs_os_module",
      0, "nodejs_compat", 20250915 },
    { "enable_nodejs_perf_hooks_module", "disable_nodejs_perf_hooks_module",
      0, "nodejs_compat", 20260317 },
    { "enable_nodejs_process_v2", "disable_nodejs_process_v2",
      0, "nodejs_compat", 20250915 },
    { "enable_nodejs_punycode_module", "disable_nodejs_punycode_module",
      0, "nodejs_compat", 20251204 },
    { "enable_nodejs_readline_module", "disable_nodejs_readline_module",
      0, "nodejs_compat", 20260317 },
    { "enable_nodejs_repl_module", "disable_nodejs_repl_module",
      0, "nodejs_compat", 20260317 },
    { "enable_nodejs_sqlite_module", "disable_nodejs_sqlite_module",
      0, "nodejs_compat", 20260129 },
    { "enable_nodejs_stream_wrap_module", "disable_nodejs_stream_wrap_module",
      0, "nodejs_compat", 20260129 },
    { "enable_nodejs_trace_events_module",
      "disable_nodejs_trace_events_module",
      0, "nodejs_compat", 20251204 },
    { "enable_nodejs_tty_module", "disable_nodejs_tty_module",
      0, "nodejs_compat", 20260317 },
    { "enable_nodejs_v8_module", "disable_nodejs_v8_module",
      0, "nodejs_compat", 20260317 },
    { "enable_nodejs_vm_module", "disable_nodejs_vm_module",
      0, "nodejs_compat", 20251001 },
    { "enable_nodejs_wasi_module", "disable_nodejs_wasi_module",
      0, "nodejs_compat", 20251204 },
    { "enable_nodejs_worker_threads_module",
      "disable_nodejs_worker_threads_module",
      0, "nodejs_compat", 20260317 },
    { "enable_python_external_sdk", "disable_python_external_sdk",
      20260421, NULL, 0 },
    { "enable_request_signal", "disable_request_signal",
      0, NULL, 0 },
    { "enable_streams_nodejs_v24_compat", "disable_streams_nodejs_v24_compat",
      0, NULL, 0 },
    { "enable_validate_workflow_entrypoint",
      "disable_validate_workflow_entrypoint",
      20250920, NULL, 0 },
    { "enable_version_api", NULL,
      0, NULL, 0 },
    { "enable_weak_ref", "disable_weak_ref",
      20250505, NULL, 0 },
    { "enable_web_file_system", NULL,
      0, NULL, 0 },
    { "encoder_stream_spec_compliant_backpressure",
      "no_encoder_stream_spec_compliant_backpressure",
      20260324, NULL, 0 },
    { "enhanced_error_serialization", "legacy_error_serialization",
      20260421, NULL, 0 },
    { "env_module_nullable_support", "no_env_module_nullable_support",
      0, NULL, 0 },
    { "experimental", NULL,
      0, NULL, 0 },
    { "export_commonjs_default", "export_commonjs_namespace",
      20221031, NULL, 0 },
    { "expose_draining_reader", NULL,
      0, NULL, 0 },
    { "expose_global_message_channel", "no_expose_global_message_channel",
      20250815, NULL, 0 },
    { "fetch_iterable_type_support", "no_fetch_iterable_type_support",
      20260219, NULL, 0 },
    { "fetch_iterable_type_support_override_adjustment",
      "no_fetch_iterable_type_support_override_adjustment",
      0, "fetch_iterable_type_support", 20260115 },
    { "fetch_refuses_unknown_protocols",
      "fetch_treats_unknown_protocols_as_http",
      20211110, NULL, 0 },
    { "fetch_standard_url", "fetch_legacy_url",
      20240603, NULL, 0 },
    { "fetcher_no_get_put_delete", "fetcher_has_get_put_delete",
      20240326, NULL, 0 },
    { "fixup-transform-stream-backpressure",
      "original-transform-stream-backpressure",
      20241216, NULL, 0 },
    { "formdata_parser_supports_files",
      "formdata_parser_converts_files_to_strings",
      20211103, NULL, 0 },
    { "global_fetch_strictly_public", "global_fetch_private_origin",
      0, NULL, 0 },
    { "global_navigator", "no_global_navigator",
      20220321, NULL, 0 },
    { "handle_cross_request_promise_resolution",
      "no_handle_cross_request_promise_resolution",
      20241014, NULL, 0 },
    { "html_rewriter_treats_esi_include_as_void_tag", NULL,
      0, NULL, 0 },
    { "http_headers_getsetcookie", "no_http_headers_getsetcookie",
      20230301, NULL, 0 },
    { "immutable_api_prototypes", "mutable_api_prototypes",
      0, NULL, 0 },
    { "increase_websocket_message_size", NULL,
      0, NULL, 0 },
    { "internal_stream_byob_return_view",
      "internal_stream_byob_return_undefined",
      20240513, NULL, 0 },
    { "internal_writable_stream_abort_clears_queue",
      "internal_writable_stream_abort_does_not_clear_queue",
      20240902, NULL, 0 },
    { "js_rpc", NULL,
      0, NULL, 0 },
    { "kv_direct_binding", NULL,
      0, NULL, 0 },
    { "memory_cache_delete", NULL,
      0, NULL, 0 },
    { "minimal_subrequests", "no_minimal_subrequests",
      20220405, NULL, 0 },
    { "new_module_registry", "legacy_module_registry",
      0, NULL, 0 },
    { "no_cf_botmanagement_default", "cf_botmanagement_default",
      20230801, NULL, 0 },
    { "no_cots_on_external_fetch", "cots_on_external_fetch",
      20220308, NULL, 0 },
    { "no_global_importscripts", "global_importscripts",
      20240304, NULL, 0 },
    { "no_resizable_array_buffer_in_blob", "resizable_array_buffer_in_blob",
      0, NULL, 0 },
    { "nodejs_als", "no_nodejs_als",
      0, NULL, 0 },
    { "nodejs_compat", "no_nodejs_compat",
      20260804, NULL, 0 },
    { "nodejs_compat_populate_process_env",
      "nodejs_compat_do_not_populate_process_env",
      0, "nodejs_compat", 20250401 },
    { "nodejs_compat_v2", "no_nodejs_compat_v2",
      20260804, "nodejs_compat", 20240923 },
    { "nodejs_zlib", "no_nodejs_zlib",
      0, "nodejs_compat", 20240923 },
    { "nonclass_entrypoint_reuses_ctx_across_invocations", NULL,
      0, NULL, 0 },
    { "pedantic_wpt", "non_pedantic_wpt",
      0, NULL, 0 },
    { "precise_timers", "no_precise_timers",
      0, NULL, 0 },
    { "python_check_rng_state", NULL,
      0, NULL, 0 },
    { "python_dedicated_snapshot", "disable_python_dedicated_snapshot",
      0, "python_workers_20250116", 20251016 },
    { "python_external_packages", NULL,
      0, NULL, 0 },
    { "python_no_global_handlers", "disable_python_no_global_handlers",
      20250814, NULL, 0 },
    { "python_process_pth_files", "disable_python_process_pth_files",
      20260526, NULL, 0 },
    { "python_request_headers_preserve_commas",
      "disable_python_request_headers_preserve_commas",
      20260217, NULL, 0 },
    { "python_workers", NULL,
      0, "python_workers_development", 20000101 },
    { "python_workers_20250116", "no_python_workers_20250116",
      0, "python_workers", 20250929 },
    { "python_workers_20260610", "no_python_workers_20260610",
      0, NULL, 0 },
    { "python_workers_20260817", "no_python_workers_20260817",
      0, NULL, 0 },
    { "python_workers_development", NULL,
      0, NULL, 0 },
    { "python_workers_durable_objects", NULL,
      0, NULL, 0 },
    { "python_workers_force_new_vendor_path", NULL,
      20250811, NULL, 0 },
    { "python_workflows", "disable_python_workflows",
      0, "python_workers", 20250920 },
    { "python_workflows_implicit_dependencies",
      "no_python_workflows_implicit_dependencies",
      0, "python_workers", 20260225 },
    { "queue_consumer_no_wait_for_wait_until",
      "queue_consumer_wait_for_wait_until",
      0, NULL, 0 },
    { "queue_expose_error_codes", "no_queue_expose_error_codes",
      20260312, NULL, 0 },
    { "queues_json_messages", "no_queues_json_messages",
      20240318, NULL, 0 },
    { "r2_list_honor_include", NULL,
      20220804, NULL, 0 },
    { "r2_public_beta_bindings", "r2_internal_beta_bindings",
      20000101, NULL, 0 },
    { "remove_nodejs_compat_eol", "add_nodejs_compat_eol",
      0, "nodejs_compat", 20250901 },
    { "remove_nodejs_compat_eol_v22", "add_nodejs_compat_eol_v22",
      0, "remove_nodejs_compat_eol", 20270430 },
    { "remove_nodejs_compat_eol_v23", "add_nodejs_compat_eol_v23",
      0, "remove_nodejs_compat_eol_v24", 20250901 },
    { "remove_nodejs_compat_eol_v24", "add_nodejs_compat_eol_v24",
      0, "remove_nodejs_compat_eol", 20280430 },
    { "replica_routing", NULL,
      0, NULL, 0 },
    { "request_cf_overrides_cache_rules",
      "no_request_cf_overrides_cache_rules",
      20250402, NULL, 0 },
    { "request_signal_passthrough", "no_request_signal_passthrough",
      0, NULL, 0 },
    { "require_returns_default_export", "require_returns_namespace",
      20260122, NULL, 0 },
    { "response_redirect_url_standard", "response_redirect_url_original",
      20230314, NULL, 0 },
    { "rpc", "no_rpc",
      20240403, NULL, 0 },
    { "rpc_params_dup_stubs", "rpc_params_transfer_stubs",
      20260120, NULL, 0 },
    { "rtti_api", NULL,
      0, NULL, 0 },
    { "service_binding_extra_handlers", NULL,
      0, NULL, 0 },
    { "set_event_target_this", "no_set_event_target_this",
      20250801, NULL, 0 },
    { "set_forwardable_email_full_headers",
      "set_forwardable_email_single_headers",
      20250801, NULL, 0 },
    { "set_tostring_tag", "do_not_set_tostring_tag",
      20240926, NULL, 0 },
    { "spec_compliant_property_attributes",
      "no_spec_compliant_property_attributes",
      0, NULL, 0 },
    { "streaming_tail_worker", NULL,
      0, NULL, 0 },
    { "streams_byob_reader_detaches_buffer",
      "streams_byob_reader_does_not_detach_buffer",
      20211110, NULL, 0 },
    { "streams_enable_constructors", "streams_disable_constructors",
      20221130, NULL, 0 },
    { "streams_no_default_auto_allocate_chunk_size",
      "streams_auto_allocate_chunk_size_default",
      0, NULL, 0 },
    { "strict_compression_checks", "no_strict_compression_checks",
      20230801, NULL, 0 },
    { "strict_crypto_checks", "no_strict_crypto_checks",
      20230801, NULL, 0 },
    { "strip_authorization_on_cross_origin_redirect",
      "retain_authorization_on_cross_origin_redirect",
      20250901, NULL, 0 },
    { "strip_bom_in_read_all_text", "do_not_strip_bom_in_read_all_text",
      20260113, "pedantic_wpt", 20260113 },
    { "tail_worker_user_spans", NULL,
      0, NULL, 0 },
    { "tcp_sockets_support", NULL,
      0, NULL, 0 },
    { "text_decoder_cjk_decoder", "disable_text_decoder_cjk_decoder",
      20260303, NULL, 0 },
    { "text_decoder_replace_surrogates",
      "disable_text_decoder_replace_surrogates",
      20260224, "pedantic_wpt", 20260224 },
    { "throw_on_not_implemented_tls_options",
      "no_throw_on_not_implemented_tls_options",
      20260616, NULL, 0 },
    { "throw_on_unrecognized_import_assertion",
      "ignore_unrecognized_import_assertion",
      20250616, NULL, 0 },
    { "transformstream_enable_standard_constructor",
      "transformstream_disable_standard_constructor",
      20221130, NULL, 0 },
    { "typescript_implemented_streams", NULL,
      0, NULL, 0 },
    { "typescript_strip_types", NULL,
      0, NULL, 0 },
    { "unhandled_rejection_after_microtask_checkpoint",
      "no_unhandled_rejection_after_microtask_checkpoint",
      20260303, NULL, 0 },
    { "unique_ctx_per_invocation", NULL,
      20250310, NULL, 0 },
    { "unsafe_module", NULL,
      0, NULL, 0 },
    { "unsupported_process_actual_platform", NULL,
      0, NULL, 0 },
    { "unwrap_custom_thenables", "no_unwrap_custom_thenables",
      20240401, NULL, 0 },
    { "upper_case_all_http_methods", "no_upper_case_all_http_methods",
      20241014, NULL, 0 },
    { "url_standard", "url_original",
      20221031, NULL, 0 },
    { "urlpattern_standard", "urlpattern_original",
      20250501, NULL, 0 },
    { "urlsearchparams_delete_has_value_arg",
      "no_urlsearchparams_delete_has_value_arg",
      20230701, NULL, 0 },
    { "vectorize_query_metadata_optional", "vectorize_query_original",
      20231108, NULL, 0 },
    { "wasm_memory_discard", NULL,
      0, NULL, 0 },
    { "web_socket_auto_reply_to_close", "web_socket_manual_reply_to_close",
      20260407, NULL, 0 },
    { "web_socket_compression", "no_web_socket_compression",
      20230815, NULL, 0 },
    { "webgpu", NULL,
      0, NULL, 0 },
    { "websocket_close_reason_byte_limit",
      "no_websocket_close_reason_byte_limit",
      20260303, NULL, 0 },
    { "websocket_standard_binary_type", "no_websocket_standard_binary_type",
      20260317, NULL, 0 },
    { "workers_api_getters_setters_on_prototype",
      "workers_api_getters_setters_on_instance",
      20220131, NULL, 0 },
    { "workflows_bindings_rpc", NULL,
      0, NULL, 0 },
    { "workflows_enable_fast_engine_creation",
      "workflows_disable_fast_engine_creation",
      20260811, NULL, 0 },
    { "workflows_preserve_non_retryable_error_message",
      "workflows_replace_non_retryable_error_message",
      20260514, NULL, 0 },
    { "workflows_step_rollback", NULL,
      0, NULL, 0 },
    { "writable_stream_spec_compliant_writer",
      "no_writable_stream_spec_compliant_writer",
      20260324, NULL, 0 },
    { NULL, NULL, 0, NULL, 0 }
};


const ngx_workers_flag_t *
ngx_workers_flag_find(const char *name)
{
    const ngx_workers_flag_t  *flag;

    for (flag = ngx_workers_flags; flag->enable != NULL; flag++) {

        if (ngx_strcmp(flag->enable, name) == 0
            || (flag->disable != NULL && ngx_strcmp(flag->disable, name) == 0))
        {
            return flag;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_workers_flag_is_on(ngx_workers_script_t *script,
    const ngx_workers_flag_t *flag)
{
    const ngx_workers_flag_t  *other;

    if (ngx_workers_flag_named(script, flag->enable)) {
        return 1;
    }

    if (flag->disable != NULL && ngx_workers_flag_named(script, flag->disable))
    {
        return 0;
    }

    if (flag->date != 0 && script->compatibility_date >= flag->date) {
        return 1;
    }

    if (flag->implied_by == NULL
        || script->compatibility_date < flag->implied_date)
    {
        return 0;
    }

    other = ngx_workers_flag_find(flag->implied_by);

    return other != NULL && ngx_workers_flag_is_on(script, other);
}


ngx_uint_t
ngx_workers_flag_holds(ngx_workers_script_t *script, const char *enable)
{
    const ngx_workers_flag_t  *flag;

    flag = ngx_workers_flag_find(enable);

    if (flag == NULL) {
        return 0;
    }

    if (script->compatibility_date == 0 && flag->date != 0) {
        return flag->disable == NULL
               || !ngx_workers_flag_named(script, flag->disable);
    }

    return ngx_workers_flag_is_on(script, flag);
}


static ngx_uint_t
ngx_workers_flag_named(ngx_workers_script_t *script, const char *name)
{
    ngx_str_t   *flag;
    ngx_uint_t   i;

    if (script->compatibility_flags == NULL) {
        return 0;
    }

    flag = script->compatibility_flags->elts;

    for (i = 0; i < script->compatibility_flags->nelts; i++) {
        if (ngx_strcmp(flag[i].data, name) == 0) {
            return 1;
        }
    }

    return 0;
}
