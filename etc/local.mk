# SPDX-License-Identifier: Apache-2.0
if SYSTEMD
nodist_systemdsystemunit_DATA = %D%/cometcanaryd.service
endif
CLEANFILES += %D%/cometcanaryd.service
exampledir = $(docdir)/examples
dist_example_DATA = %D%/cometcanary.conf
contractsdir = $(exampledir)/contracts
dist_contracts_DATA = \
	%D%/contracts/anthropic-messages.conf \
	%D%/contracts/gemini.conf \
	%D%/contracts/json-get.conf \
	%D%/contracts/openai-chat.conf \
	%D%/contracts/openai-embeddings.conf \
	%D%/contracts/openai-images.conf \
	%D%/contracts/openai-models.conf \
	%D%/contracts/openai-responses.conf \
	# end
EXTRA_DIST += %D%/cometcanaryd.service.in
%D%/cometcanaryd.service: %D%/cometcanaryd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && sed -e 's,[@]sbindir[@],$(sbindir),; s,[@]bindir[@],$(bindir),' \
		$(srcdir)/%D%/cometcanaryd.service.in >$@.tmp && ! grep -n '[@][a-z]*[@]' $@.tmp && mv $@.tmp $@
