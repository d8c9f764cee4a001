# SPDX-License-Identifier: Apache-2.0
# The rules in dashboards/, as promtool and Alertmanager see them.
rules_tests = \
	%D%/test_alertmanager.py \
	%D%/test_names.py \
	%D%/test_rules.py \
	# end
TESTS += $(rules_tests)
