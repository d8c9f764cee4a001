# SPDX-License-Identifier: Apache-2.0
bin_PROGRAMS += cometcanary-sim
cometcanary_sim_SOURCES = %D%/sim.c
cometcanary_sim_LDADD = $(CANARY_LIBS)
# The programs: each main only calls its app/.
sbin_PROGRAMS += cometcanaryd
bin_PROGRAMS += cometcanary
cometcanaryd_SOURCES = %D%/cometcanaryd.c
cometcanaryd_LDADD = $(CANARY_LIBS)
cometcanary_SOURCES = %D%/cometcanary.c
cometcanary_LDADD = $(CANARY_LIBS)
