# SPDX-License-Identifier: Apache-2.0
# What Prometheus and Alertmanager load. dashboards/ goes into the release whole.
rulesdir = $(pkgdatadir)/rules
dist_rules_DATA = \
	%D%/rules/cometcanary.records.yml \
	%D%/rules/cometcanary.rules.yml \
	# end
prometheusdir = $(docdir)/examples/prometheus
dist_prometheus_DATA = \
	%D%/alertmanager/alertmanager.yml \
	%D%/prometheus.yml \
	# end
dist_doc_DATA = %D%/runbook.md
