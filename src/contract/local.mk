# SPDX-License-Identifier: Apache-2.0
libcometcanary_a_SOURCES += \
	%D%/active.c \
	%D%/active.h \
	%D%/baseline.c \
	%D%/baseline.h \
	%D%/check.c \
	%D%/check.h \
	%D%/ledger.c \
	%D%/ledger.h \
	%D%/ledger_print.c \
	%D%/ledger_print.h \
	%D%/ledger_save.c \
	%D%/ledger_save.h \
	%D%/parity.c \
	%D%/parity.h \
	%D%/shape.c \
	%D%/shape.h \
	# end
