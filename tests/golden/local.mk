# SPDX-License-Identifier: Apache-2.0
# What the tests expect word for word. UPDATE_GOLDEN=1 rewrites it.
EXTRA_DIST += \
	%D%/catalogue.txt \
	%D%/check-exposition \
	%D%/metrics.openmetrics \
	%D%/metrics.txt \
	%D%/parse.py \
	# end
TESTS += %D%/check-exposition
