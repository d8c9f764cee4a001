# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/budgets.c \
	%D%/budgets.h \
	%D%/docs.c \
	%D%/docs.h \
	%D%/exposition.c \
	%D%/exposition.h \
	%D%/fallback_families.c \
	%D%/fallback_families.h \
	%D%/families.c \
	%D%/families.h \
	%D%/latest.c \
	%D%/latest.h \
	%D%/logline.c \
	%D%/logline.h \
	%D%/metrics.c \
	%D%/metrics.h \
	%D%/named.c \
	%D%/named.h \
	%D%/process.c \
	%D%/process.h \
	%D%/sample.c \
	%D%/sample.h \
	%D%/series.c \
	%D%/series.h \
	# end
