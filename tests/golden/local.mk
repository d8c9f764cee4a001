# SPDX-License-Identifier: Apache-2.0
# What the tests expect word for word. UPDATE_GOLDEN=1 rewrites it.
EXTRA_DIST += \
	%D%/catalogue.txt \
	%D%/metrics.openmetrics \
	%D%/metrics.txt \
	# end
