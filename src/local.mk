# SPDX-License-Identifier: Apache-2.0
# The programs: each main only calls its folder.
sbin_PROGRAMS += cometcanaryd
bin_PROGRAMS += cometcanary cometcanary-sim
cometcanary_SOURCES = %D%/cometcanary.c
cometcanary_LDADD = $(CANARY_LIBS)
cometcanary_sim_SOURCES = %D%/sim.c
cometcanary_sim_LDADD = $(CANARY_LIBS)
cometcanaryd_SOURCES = %D%/cometcanaryd.c
cometcanaryd_LDADD = $(CANARY_LIBS)
