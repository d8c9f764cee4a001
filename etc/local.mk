# SPDX-License-Identifier: Apache-2.0
if SYSTEMD
nodist_systemdsystemunit_DATA = %D%/cometcanaryd.service
endif
CLEANFILES += %D%/cometcanaryd.service
exampledir = $(docdir)/examples
dist_example_DATA = %D%/cometcanary.conf
EXTRA_DIST += %D%/cometcanaryd.service.in
%D%/cometcanaryd.service: %D%/cometcanaryd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && sed -e 's,@sbindir@,$(sbindir),; s,@bindir@,$(bindir),' \
		$(srcdir)/%D%/cometcanaryd.service.in >$@.tmp && mv $@.tmp $@
