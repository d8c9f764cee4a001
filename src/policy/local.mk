# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/retry.c \
	%D%/retry.h \
	%D%/budget.c \
	%D%/budget.h \
	# end
