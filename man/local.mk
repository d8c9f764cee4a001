# SPDX-License-Identifier: Apache-2.0
# Pages with tables of the program are made from NAME.in by fill; the others are as they are.
noinst_PROGRAMS += %D%/fill
%C%_fill_SOURCES = %D%/fill.c
%C%_fill_LDADD = $(CANARY_LIBS)

filled_pages = \
	%D%/cometcanary-metrics.7 \
	%D%/cometcanary-sim.1 \
	%D%/cometcanary.1 \
	%D%/cometcanary.conf.5 \
	%D%/cometcanaryd.8 \
	# end
nodist_man_MANS = $(filled_pages)
dist_man_MANS = \
	# end
CLEANFILES += $(filled_pages)
EXTRA_DIST += $(filled_pages:=.in)

man_fill = $(AM_V_GEN)$(MKDIR_P) %D% && %D%/fill <$(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
%D%/cometcanary-metrics.7: %D%/cometcanary-metrics.7.in %D%/fill
	$(man_fill)
%D%/cometcanary-sim.1: %D%/cometcanary-sim.1.in %D%/fill
	$(man_fill)
%D%/cometcanary.1: %D%/cometcanary.1.in %D%/fill
	$(man_fill)
%D%/cometcanary.conf.5: %D%/cometcanary.conf.5.in %D%/fill
	$(man_fill)
%D%/cometcanaryd.8: %D%/cometcanaryd.8.in %D%/fill
	$(man_fill)
