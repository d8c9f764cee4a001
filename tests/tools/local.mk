# SPDX-License-Identifier: Apache-2.0
# Checkers of the source: see lib.sh for how they work.
checkers = \
	%D%/check-dashboards \
	%D%/check-documented \
	%D%/check-examples \
	%D%/check-globals \
	%D%/check-headers \
	%D%/check-layers \
	%D%/check-man \
	%D%/check-scripts \
	%D%/check-self \
	%D%/check-style \
	%D%/test_dashboards.py \
	# end
TESTS += $(checkers)

# One of them, now: make check-style
.PHONY: check-dashboards check-documented check-examples check-globals check-headers check-layers check-man check-scripts check-self check-style
check-dashboards check-documented check-examples check-globals check-headers check-layers check-man check-scripts check-self check-style:
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/$@

# Everything but the checkers and the rules for Prometheus: what is worth running again in another build.
.PHONY: check-programs
check-programs:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(filter-out $(checkers) $(rules_tests) $(monitoring_tests),$(TESTS))'
