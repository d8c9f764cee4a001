# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/admit.c \
	%D%/admit.h \
	%D%/maintenance.c \
	%D%/maintenance.h \
	%D%/plan.c \
	%D%/plan.h \
	%D%/schedule.c \
	%D%/schedule.h \
	%D%/slot.c \
	%D%/slot.h \
	# end
