# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/flight.c \
	%D%/flight.h \
	%D%/options.c \
	%D%/options.h \
	%D%/pipeline.c \
	%D%/pipeline.h \
	%D%/replay.c \
	%D%/replay.h \
	%D%/run_id.c \
	%D%/run_id.h \
	%D%/self_check.c \
	%D%/self_check.h \
	%D%/tap.c \
	%D%/tap.h \
	%D%/terminal.c \
	%D%/terminal.h \
	%D%/version.c \
	%D%/version.h \
	# end
