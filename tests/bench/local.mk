# SPDX-License-Identifier: Apache-2.0
# Measurements: make bench. No part of make check, and no test: a figure says how fast, not whether it works.
bench_programs = \
	%D%/bare \
	%D%/bench \
	# end
EXTRA_PROGRAMS = $(bench_programs)
CLEANFILES += $(bench_programs)
%C%_bench_SOURCES = \
	%D%/bench.c %D%/bench.h \
	%D%/blackbox.c \
	%D%/client.c %D%/client.h \
	%D%/contract.c \
	%D%/cpu.c \
	%D%/daemon.c \
	%D%/exposition.c \
	%D%/load.h \
	%D%/naive.c \
	%D%/piped.c \
	%D%/process.c \
	%D%/responder.c %D%/responder.h \
	%D%/scrape.c \
	%D%/setup.c \
	%D%/timing.c \
	%D%/tls.c \
	# end
%C%_bench_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
%C%_bench_LDADD = $(CANARY_LIBS)
%C%_bare_SOURCES = %D%/bare.c
%C%_bare_LDADD = $(CANARY_LIBS)

# In a build of its own, with the optimisation of a release. BENCH="cpu timing": these alone.
BENCH =
bench:
	@$(MKDIR_P) %D%/release && cd %D%/release && \
		{ test -f Makefile || $(abs_srcdir)/configure -q CC='$(CC)' CFLAGS='-O2 -g'; } && \
		$(MAKE) -s $(BUILT_SOURCES) && $(MAKE) -s $(bench_programs) $(sbin_PROGRAMS) cometcanary-sim && %D%/bench $(BENCH)
.PHONY: bench
