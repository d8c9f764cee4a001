# SPDX-License-Identifier: Apache-2.0
# Dashboards for Grafana. The JSON files are what is shipped and installed; make dashboards writes them anew from src/.
dashboards = canary contract endpoint overview
grafanadir = $(pkgdatadir)/grafana
dist_grafana_DATA = \
	%D%/cometcanary-canary.json \
	%D%/cometcanary-contract.json \
	%D%/cometcanary-endpoint.json \
	%D%/cometcanary-overview.json \
	# end
provisioningdir = $(exampledir)/grafana
dist_provisioning_DATA = \
	%D%/provisioning/cometcanary-dashboards.yml \
	%D%/provisioning/cometcanary-datasource.yml \
	# end
EXTRA_DIST += \
	%D%/.lint \
	%D%/src \
	# end

.PHONY: dashboards
dashboards:
	$(AM_V_at)cd $(srcdir)/%D% && for name in $(dashboards); do \
		jsonnet src/$$name.jsonnet >cometcanary-$$name.json.tmp && \
		mv cometcanary-$$name.json.tmp cometcanary-$$name.json || exit 1; done
