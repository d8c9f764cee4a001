# SPDX-License-Identifier: Apache-2.0
# Our programs beside parts that nobody here wrote. A test is one file of points; harness.py says how they are made.
# TEST_PROGRAMS=FOLDER make check-integration: the programs of another build, such as one with sanitizers.
integration_tests = \
	%D%/sim_anthropic.mjs \
	%D%/sim_flags \
	%D%/sim_gemini.mjs \
	%D%/sim_images.mjs \
	%D%/sim_openai.mjs \
	%D%/sim_responses.mjs \
	%D%/test_aimock.py \
	%D%/test_budget.py \
	%D%/test_commands.py \
	%D%/test_config.py \
	%D%/test_docs.py \
	%D%/test_drift.py \
	%D%/test_faults.py \
	%D%/test_manager.py \
	%D%/test_nginx.py \
	%D%/test_policy.py \
	%D%/test_prometheus.py \
	%D%/test_secrets.py \
	%D%/test_starved.py \
	%D%/test_stop.py \
	%D%/test_store.py \
	%D%/test_time.py \
	# end
# About what is shipped beside the programs: a build with sanitizers has nothing new to say.
monitoring_tests = \
	%D%/test_alerts.py \
	%D%/test_expressions.py \
	%D%/test_page.py \
	%D%/test_rates.py \
	%D%/test_readme.py \
	# end
TESTS += $(integration_tests) $(monitoring_tests)
check_PROGRAMS += %D%/store_writer
CLEANFILES += %D%/port.*

.PHONY: check-integration
check-integration:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(integration_tests) $(monitoring_tests)'
