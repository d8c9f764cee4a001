# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/budget.c \
	%D%/budget.h \
	%D%/fallback.c \
	%D%/fallback.h \
	%D%/retry.c \
	%D%/retry.h \
	# end
