# SPDX-License-Identifier: Apache-2.0
# A unit test is one program per module: the line %D%/test_NAME here, the source in test_NAME.c beside.
unit_tests = \
	%D%/test_admit \
	%D%/test_arena \
	%D%/test_budget \
	%D%/test_buf \
	%D%/test_classify \
	%D%/test_clock \
	%D%/test_config \
	%D%/test_config_contracts \
	%D%/test_contract \
	%D%/test_daemon_options \
	%D%/test_docs \
	%D%/test_docs_page \
	%D%/test_docs_version \
	%D%/test_ending \
	%D%/test_escape \
	%D%/test_fake \
	%D%/test_fallback \
	%D%/test_findings \
	%D%/test_format \
	%D%/test_hash \
	%D%/test_head \
	%D%/test_healthy \
	%D%/test_hints \
	%D%/test_httpd \
	%D%/test_json \
	%D%/test_latest \
	%D%/test_ledger \
	%D%/test_listing \
	%D%/test_log \
	%D%/test_logline \
	%D%/test_loop \
	%D%/test_loopback \
	%D%/test_maintenance \
	%D%/test_metrics \
	%D%/test_negotiate \
	%D%/test_notify \
	%D%/test_options \
	%D%/test_parse \
	%D%/test_pattern \
	%D%/test_phase \
	%D%/test_plan \
	%D%/test_random \
	%D%/test_replay \
	%D%/test_request \
	%D%/test_retry \
	%D%/test_revalidate \
	%D%/test_schedule \
	%D%/test_secret \
	%D%/test_self_check \
	%D%/test_sim \
	%D%/test_sim_dialects \
	%D%/test_sim_faults \
	%D%/test_sim_healthy \
	%D%/test_sim_parts \
	%D%/test_sim_site \
	%D%/test_spend \
	%D%/test_sse \
	%D%/test_store \
	%D%/test_str \
	%D%/test_tap \
	%D%/test_transport \
	%D%/test_transport_connect \
	%D%/test_transport_time \
	%D%/test_url \
	# end
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
EXTRA_DIST += %D%/docs_fixture.h %D%/file.h %D%/metrics_fixture.h

transport_harness = %D%/client.c %D%/client.h %D%/tcp_server.c %D%/tcp_server.h
%C%_test_transport_SOURCES = %D%/test_transport.c $(transport_harness)
%C%_test_transport_connect_SOURCES = %D%/test_transport_connect.c $(transport_harness)
%C%_test_transport_time_SOURCES = %D%/test_transport_time.c $(transport_harness)
%C%_test_healthy_SOURCES = %D%/test_healthy.c %D%/healthy_bed.c %D%/healthy_bed.h
%C%_test_sim_healthy_SOURCES = %D%/test_sim_healthy.c %D%/healthy_bed.c %D%/healthy_bed.h
%C%_test_sim_SOURCES = %D%/test_sim.c %D%/sim_bed.c %D%/sim_bed.h
%C%_test_sim_dialects_SOURCES = %D%/test_sim_dialects.c %D%/sim_bed.c %D%/sim_bed.h
%C%_test_sim_faults_SOURCES = %D%/test_sim_faults.c %D%/sim_bed.c %D%/sim_bed.h
%C%_test_sim_site_SOURCES = %D%/test_sim_site.c %D%/sim_bed.c %D%/sim_bed.h
